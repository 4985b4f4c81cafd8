// Row statistics: one number per row, folded (added, or the larger kept) over the words of the row.
//
// A value with first_i starts its row, one without joins it, and with last_i the result leaves. Rows may come in any order and
// interleaved, one value per cycle: (block, row) order as the array delivers them, or the words of a row one after the
// other; the value of the cycle before is forwarded, so that nothing need be kept apart.
// valid_i, first_i, last_i and row_i come Lead cycles before the value: it may come out of a tree over the lanes of a word.
// Latency 2 cycles from the value, no stall. A sum must stay inside Width bits: asserted.
`include "sb_assert.svh"

module sb_row_fold #(
    parameter int unsigned Width = 32,  // bits of a value and of the result: signed
    parameter int unsigned Rows = 128,  // rows under way at a time, 1 or more: costs Rows * Width bits of memory
    parameter bit Max = 0,  // keep the larger; else add
    parameter int unsigned Lead = 0,  // cycles from the control of a value to the value
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
  if (Width < 1) begin : gen_illegal_width
    $fatal(1, "sb_row_fold: Width = %0d, must be at least 1", Width);
  end
  if (Rows < 1 || Rows > 65535) begin : gen_illegal_rows
    $fatal(1, "sb_row_fold: Rows = %0d, must be 1 to 65535", Rows);
  end
  logic valid, first, last;
  logic [RowBits-1:0] row;
  if (Lead > 0) begin : gen_lead
    logic [Lead-1:0] valid_lead_q;
    always_ff @(posedge clk_i) valid_lead_q <= rst_ni ? Lead'({valid_lead_q, valid_i}) : '0;
    assign valid = valid_lead_q[Lead-1];
    sb_delay #(
        .Width(RowBits + 2),
        .Depth(Lead)
    ) i_ctrl (
        .clk_i,
        .data_i({first_i, last_i, row_i}),
        .data_o({first, last, row})
    );
  end else begin : gen_direct
    assign {valid, first, last, row} = {valid_i, first_i, last_i, row_i};
  end

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
      .read_i(valid),
      .read_addr_i(row),
      .move_i(1'b1),
      .read_data_o(stored)
  );

  wire signed [Width-1:0] base = first_q ? '0 : forward_q ? folded_q : $signed(stored);
  if (Max) begin : gen_max
    assign folded_d = first_q || value_q > base ? value_q : base;
  end else begin : gen_sum
    assign folded_d = value_q + base;
  end

  always_ff @(posedge clk_i) begin
    valid_q      <= rst_ni && valid;
    done_valid_q <= rst_ni && valid_q;
    forward_q    <= rst_ni && valid_q && row_q == row;
    first_q      <= first;
    last_q       <= last;
    row_q        <= row;
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
