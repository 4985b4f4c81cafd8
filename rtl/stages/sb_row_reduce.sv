// SPDX-License-Identifier: Apache-2.0
// One number per row, the reduction (sum, or maximum) of the words of the row.
//
//   row_i --> [memory]--[register]--[base_q]--+--> [reduced_q] --> result_o
//                ^                       ^    |         |
//                |         value_i --[value_q]+         |
//                +-----------------------+---<----------+
//
// A value with first_i starts its row, one without joins it, and with last_i the result leaves.
// Rows may come in any order and interleaved, one value per cycle: (block, row) order as the array
// delivers them, or the words of a row one after the other. What the memory does not give yet, the
// results of the four cycles before, is forwarded.
//
// valid_i, first_i, last_i and row_i come ValueDelay cycles before the value: it may come out of a
// tree over the lanes of a word. Latency row_reduce_latency(ValueDelay) cycles from the value, no
// stall. A sum must stay inside Width bits: asserted.
`include "sb_assert.svh"

module sb_row_reduce
  import sb_pkg::*, sb_latency_pkg::*;
#(
    parameter int unsigned Width = 32,  // bits of a value and of the result: signed
    parameter int unsigned Rows = 128,  // rows under way at a time, 1 or more: Width bits each
    parameter bit Max = 0,  // keep the larger; else add
    parameter int unsigned ValueDelay = 0,  // cycles from the control of a value to the value
    parameter int unsigned MulStyle = MulInferred,  // mul_style_e: the device (sb_ram)
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
    $fatal(1, "sb_row_reduce: Width = %0d, must be at least 1", Width);
  end
  if (Rows < 1 || Rows > 65535) begin : gen_illegal_rows
    $fatal(1, "sb_row_reduce: Rows = %0d, must be 1 to 65535", Rows);
  end
  localparam int unsigned Read = 2;  // cycles of the memory, in which the value comes
  localparam int unsigned Steps = Read + 2;  // to the result, which is written then
  localparam int unsigned LowestBits = Width < 1 ? 1 : Width;
  localparam logic signed [LowestBits-1:0] Lowest = Max ? {1'b1, {(LowestBits - 1) {1'b0}}} : '0;

  // The control comes Read cycles before the value.
  typedef struct packed {
    logic               first;
    logic               last;
    logic [RowBits-1:0] row;
  } ctrl_t;
  logic start;
  ctrl_t start_ctrl;
  logic signed [Width-1:0] value;
  localparam int unsigned Early = ValueDelay > Read ? ValueDelay - Read : 0;
  localparam int unsigned Late = ValueDelay < Read ? Read - ValueDelay : 0;
  logic [Early:0] unused_early;
  sb_valid_delay #(
      .Depth  (Early),
      .TagBits($bits(ctrl_t))
  ) i_early (
      .clk_i,
      .rst_ni,
      .valid_i,
      .tag_i({first_i, last_i, row_i}),
      .valid_o(start),
      .tag_o(start_ctrl),
      .stage_valid_o(unused_early)
  );
  sb_delay #(
      .Width(Width),
      .Depth(Late)
  ) i_late (
      .clk_i,
      .data_i(value_i),
      .data_o(value)
  );

  logic  [Steps:0] valid;  // a word's control came so many cycles ago
  ctrl_t [Steps:0] ctrl;
  ctrl_t [Steps:1] ctrl_q;
  logic  [Steps:1] valid_q;
  assign valid = {valid_q, start};
  assign ctrl  = {ctrl_q, start_ctrl};

  logic [Width-1:0] stored;
  logic signed [Width-1:0] value_q, base_q, reduced_d, reduced_q, reduced2_q, reduced3_q;
  sb_ram #(
      .Width(Width),
      .Depth(Rows),
      .ReadLatency(Read),
      .MulStyle(MulStyle)
  ) i_rows (
      .clk_i,
      .write_i(valid[Steps]),
      .write_addr_i(ctrl[Steps].row),
      .write_data_i(reduced_q),
      .read_i(start),
      .read_addr_i(start_ctrl.row),
      .move_i(1'b1),
      .read_data_o(stored)
  );

  // The row of the word so many cycles before is this one's: seen at once, used two or three
  // cycles later, when results of the latest four are in reduced_q and behind it.
  logic [Steps:1] same_d, same_q, same2_q;
  logic same3_q;
  always_comb begin
    for (int unsigned s = 1; s <= Steps; s++)
    same_d[s] = valid[s] && ctrl[s].row == start_ctrl.row && !start_ctrl.first;
  end
  wire signed [Width-1:0] joined = same3_q ? reduced_q : base_q;
  if (Max) begin : gen_max
    // Signs of differences: a signed comparison would leave the carry chain twice. Both are there
    // before same3_q chooses.
    wire reduced_less = (Width + 1)'(reduced_q) - (Width + 1)'(value_q) < (Width + 1)'(0);
    wire base_less = (Width + 1)'(base_q) - (Width + 1)'(value_q) < (Width + 1)'(0);
    wire larger = same3_q ? reduced_less : base_less;
    assign reduced_d = larger ? value_q : joined;
  end else begin : gen_sum
    assign reduced_d = value_q + joined;
  end
  always_ff @(posedge clk_i) begin
    valid_q <= rst_ni ? valid[Steps-1:0] : '0;
    ctrl_q <= ctrl[Steps-1:0];
    same_q <= same_d;
    same2_q <= same_q;
    same3_q <= same2_q[1];
    value_q <= value;
    base_q <= ctrl[Read].first ? Lowest :
        same2_q[2] ? reduced_q :
        same2_q[3] ? reduced2_q :
        same2_q[4] ? reduced3_q : $signed(stored);
    reduced_q <= reduced_d;
    reduced2_q <= reduced_q;
    reduced3_q <= reduced2_q;
  end
  assign valid_o  = valid[Steps] && ctrl[Steps].last;
  assign row_o    = ctrl[Steps].row;
  assign result_o = reduced_q;

  wire signed [Width:0] exact = (Width + 1)'(joined) + (Width + 1)'(value_q);
  `SB_ASSERT(NoOverflow_A, valid[Read+1] && !Max |-> exact[Width] == exact[Width-1])
endmodule
