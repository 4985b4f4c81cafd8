// Row statistics: one number per row, folded (added, or the larger kept) over the words of the row.
//
// A value with first_i starts its row, one without joins it, and with last_i the result leaves. Rows may come in any order and
// interleaved, one value per cycle: (block, row) order as the array delivers them, or the words of a row one after the
// other; the value of the cycle before is forwarded, so that nothing need be kept apart.
// Latency 2 cycles, no stall. A sum must stay inside Width bits: asserted.
`include "sb_assert.svh"

module sb_row_fold #(
    parameter int unsigned Width = 32,  // bits of a value and of the result: signed
    parameter int unsigned Rows = 128,  // rows under way at a time, 1 or more: costs Rows * Width bits of memory
    parameter bit Max = 0,  // keep the larger; else add
    localparam int unsigned RowBits = Rows > 1 ? $clog2(Rows) : 1
) (
    input  logic                      clk_i,
    input  logic                      rst_ni,   // synchronous, active low
    input  logic                      valid_i,
    input  logic                      first_i,
    input  logic                      last_i,
    input  logic        [RowBits-1:0] row_i,
    input  logic signed [  Width-1:0] value_i,
    output logic                      valid_o,
    output logic        [RowBits-1:0] row_o,
    output logic signed [  Width-1:0] result_o
);
  logic valid_q, first_q, last_q, done_valid_q, done_last_q;
  logic forward_q;  // the word of the cycle before, of the same row, was written while this one was read
  logic [RowBits-1:0] row_q, done_row_q;
  logic signed [Width-1:0] value_q, folded_d, folded_q;
  logic [Width-1:0] stored;

  sb_ram #(
      .Width(Width),
      .Depth(Rows)
  ) i_rows (
      .clk_i,
      .write_i(valid_q),
      .write_addr_i(row_q),
      .write_data_i(folded_d),
      .read_i(valid_i),
      .read_addr_i(row_i),
      .read_data_o(stored)
  );

  wire signed [Width-1:0] base = first_q ? '0 : forward_q ? folded_q : $signed(stored);
  if (Max) begin : gen_max
    assign folded_d = first_q || value_q > base ? value_q : base;
  end else begin : gen_sum
    assign folded_d = value_q + base;
  end

  always_ff @(posedge clk_i) begin
    valid_q      <= rst_ni && valid_i;
    done_valid_q <= rst_ni && valid_q;
    forward_q    <= rst_ni && valid_q && row_q == row_i;
    first_q      <= first_i;
    last_q       <= last_i;
    row_q        <= row_i;
    value_q      <= value_i;
    done_last_q  <= last_q;
    done_row_q   <= row_q;
    folded_q     <= folded_d;
  end
  assign valid_o  = done_valid_q && done_last_q;
  assign row_o    = done_row_q;
  assign result_o = folded_q;

  wire signed [Width:0] exact = (Width + 1)'(base) + (Width + 1)'(value_q);
  `SB_ASSERT(NoOverflow_A, valid_q && !first_q && !Max |-> exact[Width] == exact[Width-1])
endmodule
