// SPDX-License-Identifier: Apache-2.0
// sb_row_reduce gives each row the sum (Max: the largest) of its values, in whatever order rows
// come and with any pauses. One row, any of them, is followed. 4 rows, values of 4 bits, sums
// modulo 16. Proven for every sequence by k-induction.
module reduce_rows #(
    parameter bit Max = 0,
    parameter int unsigned ValueDelay = 0
) (
    input logic              clk_i,
    input logic              valid_i,
    input logic              first_i,
    input logic              last_i,
    input logic        [1:0] row_i,
    input logic signed [3:0] value_i
);
  logic started_q = 1'b0;  // the first cycle is a reset
  always_ff @(posedge clk_i) started_q <= 1'b1;
  logic [1:0] mark_q;  // never assigned another value: any row
  always_ff @(posedge clk_i) mark_q <= mark_q;

  logic valid;
  logic [1:0] row;
  logic signed [3:0] result;
  sb_row_reduce #(
      .Width(4),
      .Rows(4),
      .Max(Max),
      .ValueDelay(ValueDelay)
  ) i_reduce (
      .clk_i,
      .rst_ni(started_q),
      .valid_i,
      .first_i,
      .last_i,
      .row_i,
      .value_i,
      .valid_o(valid),
      .row_o(row),
      .result_o(result)
  );

  // A value of the row: its control came so long before that the memory has answered.
  localparam int unsigned Read = 2;  // as there
  wire now = i_reduce.valid[Read] && i_reduce.ctrl[Read].row == mark_q;
  wire first = i_reduce.ctrl[Read].first;
  logic begun_q = 1'b0;  // the row has a first value
  logic signed [3:0] reduced_q, base;
  always_comb base = first ? (Max ? -4'sd8 : 4'sd0) : reduced_q;
  wire counts = now && (first || begun_q);
  // The steps of the module behind it: so many cycles ago.
  logic counts1_q = 1'b0, counts2_q = 1'b0, last1_q, last2_q;
  logic begun1_q = 1'b0, begun2_q = 1'b0;
  logic signed [3:0] reduced1_q, reduced2_q;
  always_ff @(posedge clk_i) begin
    counts1_q <= started_q && counts;
    counts2_q <= started_q && counts1_q;
    last1_q   <= i_reduce.ctrl[Read].last;
    last2_q   <= last1_q;
    begun1_q  <= begun_q;
    begun2_q  <= begun1_q;
    reduced1_q   <= reduced_q;
    reduced2_q   <= reduced1_q;
    if (started_q && counts) begin
      begun_q <= 1'b1;
      reduced_q  <= Max ? (i_reduce.value > base ? i_reduce.value : base) : i_reduce.value + base;
    end
  end
  // A value that belongs to no row that has begun may write anything to it.
  always_ff @(posedge clk_i) begin
    if (started_q) begin
      a_result :
      assert (!counts2_q || !last2_q || (valid && row == mark_q && result == reduced1_q));
      // Invariants.
      a_begun : assert ((!begun2_q || begun1_q) && (!begun1_q || begun_q));
      a_reduced : assert (!counts2_q || i_reduce.reduced_q == reduced1_q);
      a_stored : assert (!begun2_q || i_reduce.i_rows.gen_inferred.mem[mark_q] == reduced2_q);
    end
  end
endmodule
