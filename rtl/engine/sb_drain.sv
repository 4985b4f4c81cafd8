// SPDX-License-Identifier: Apache-2.0
// What happens to finished sums on their way to memory. Nothing stalls: each word has its cycle.
//
//   last_valid_i  read the row's reciprocal
//   sum_valid_i   sb_requant: bias, row factor, multiplier, clamp
//                 +--> sb_table | delay --> act_write_*            DestAct
//                 +--> sb_row_max --> max_write_*                  row_max
//                 +--> sb_residual (residual read before) --> res_write_*     DestAdd, DestResidual
//                           +--> row sums --> sb_norm_row --> stats_write_*   norm_stats
//
// Options of a command travel with its words. last_valid_i comes accumulator_latency() cycles
// before sum_valid_i. Words of a command leave in the order (block, row). The table is loaded in
// cycles in which no word is near it: table_ready_o.
`include "sb_assert.svh"

module sb_drain
  import sb_pkg::*;
  import sb_engine_pkg::*;
  import sb_encoder_pkg::*;
  import sb_latency_pkg::*;
#(
    parameter int unsigned M = 16,
    parameter int unsigned Rows = 128,
    parameter int unsigned ActBits = 8,
    parameter int unsigned MulStyle = MulInferred,  // mul_style_e
    localparam int unsigned RowBits = Rows > 1 ? $clog2(Rows) : 1,
    localparam int unsigned RecipBits = SlotBits + RowBits
) (
    input logic clk_i,
    input logic rst_ni,  // synchronous, active low
    input op_t [Slots-1:0] ring_i,
    input seq_t tail_i,
    output seq_t seq_o,  // all commands before it have left
    input logic last_valid_i,
    input logic [RowBits-1:0] last_row_i,
    input logic sum_valid_i,
    input logic [M-1:0][AccBits-1:0] sum_i,
    input logic [M-1:0][ChanBits-1:0] chan_i,
    output logic chan_take_o,
    output logic recip_read_o,  // ReadLatency before its use
    output logic [RecipBits-1:0] recip_addr_o,
    input logic [FactorBits-1:0] recip_i,
    output logic res_read_o,
    output place_t res_place_o,
    input logic [M-1:0][ResBits-1:0] res_i,  // ReadLatency later
    input logic table_valid_i,
    output logic table_ready_o,
    input logic table_sel_i,
    input logic [7:0] table_addr_i,
    input logic [OpBits-1:0] table_data_i,
    output logic act_write_o,
    output slot_t act_slot_o,
    output place_t act_place_o,
    output logic [M-1:0][ActBits-1:0] act_data_o,
    output logic res_write_o,
    output slot_t res_slot_o,
    output place_t res_place_write_o,
    output logic [M-1:0][ResBits-1:0] res_data_o,
    output move_t max_write_o,
    output logic [7:0] max_data_o,
    output move_t stats_write_o,
    output logic [NormRowBits-1:0] stats_data_o
);
  localparam int unsigned MBits = $clog2(M);
  localparam int unsigned RequantLatency = requant_latency(1'b1, MulStyle);
  localparam int unsigned TableLatency = table_latency();
  localparam int unsigned RowAddrBits = SlotBits + AddrBits;

  // The command whose sums leave, and the walk through its results.
  logic job_valid, job_done;
  op_t job;
  sb_op_feed i_feed (
      .clk_i,
      .rst_ni,
      .ring_i,
      .tail_i,
      .job_valid_o(job_valid),
      .job_o(job),
      .seq_o,
      .done_i(job_done)
  );
  cmd_t cmd;
  assign cmd = op_cmd(job);
  logic start_q;
  logic [15:0] row_q, nb_q, keys_q;  // nb_q: number of the block after this one
  place_t place_q;
  place_t place;
  assign place = start_q ? region_first(cmd.result) : place_q;
  wire [15:0] keys = start_q ? cmd.keys : keys_q;
  wire row_last = row_q == cmd.rows - 1'b1;
  wire nb_last = nb_q == cmd.n_blocks;
  assign job_done = last_valid_i && row_last && nb_last;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      start_q <= 1'b1;
      row_q   <= '0;
      nb_q    <= 16'd1;
    end else if (last_valid_i) begin
      start_q <= job_done;
      row_q   <= row_last ? '0 : row_q + 1'b1;
      if (row_last) nb_q <= nb_last ? 16'd1 : nb_q + 1'b1;
    end
    if (last_valid_i) begin
      place_q <= region_next(cmd.result, place, row_last, nb_q);
      keys_q  <= !row_last ? keys : keys > 16'(M) ? keys - 16'(M) : '0;
    end
  end

  result_t first, at_sum, at_read, at_result;
  assign first = '{
          slot: seq_o[SlotBits-1:0],
          nb_first: nb_q == 16'd1,
          nb_last: nb_last,
          chan_end: row_last,
          factor: cmd.row_factor,
          clamp: cmd.clamp,
          zero_point: cmd.zero_point,
          table_on: cmd.table_on,
          table_sel: cmd.table_sel,
          residual: cmd.dest != DestAct,
          add: cmd.dest == DestAdd,
          row_max: cmd.row_max,
          stats: cmd.norm_stats,
          row: row_q,
          keys: keys[15:MBits] != '0 ? 7'(M) : 7'(keys[MBits-1:0]),
          place: place,
          row_addr: (cmd.row_max ? cmd.max_out : cmd.norm_out) + row_q
      };
  // The reciprocal is read ReadLatency before the sum.
  sb_delay #(
      .Width(1 + RecipBits),
      .Depth(accumulator_latency() - ReadLatency)
  ) i_recip (
      .clk_i,
      .data_i({last_valid_i && cmd.row_factor, seq_o[SlotBits-1:0], row_q[RowBits-1:0]}),
      .data_o({recip_read_o, recip_addr_o})
  );

  sb_delay #(
      .Width($bits(result_t)),
      .Depth(accumulator_latency())
  ) i_at_sum (
      .clk_i,
      .data_i(first),
      .data_o(at_sum)
  );
  assign chan_take_o = sum_valid_i && at_sum.chan_end;

  logic result_valid;
  logic [M-1:0][ResBits-1:0] result;
  logic unused_requant_tag;
  sb_requant #(
      .M(M),
      .OutBits(ResBits),
      .RowFactor(1),
      .MulStyle(MulStyle),
      .TagBits(1)
  ) i_requant (
      .clk_i,
      .rst_ni,
      .valid_i(sum_valid_i),
      .acc_i(sum_i),
      .factor_on_i(at_sum.factor),
      .factor_i(recip_i),
      .chan_i,
      .clamp_i(at_sum.clamp),
      .zero_point_i(at_sum.zero_point),
      .tag_i(1'b0),
      .valid_o(result_valid),
      .data_o(result),
      .tag_o(unused_requant_tag)
  );

  // Control beside the requantizer, and the residual word read on the way.
  logic read_valid;
  logic [RequantLatency-ReadLatency:0] unused_read_stages;
  sb_valid_delay #(
      .Depth  (RequantLatency - ReadLatency),
      .TagBits($bits(result_t))
  ) i_at_read (
      .clk_i,
      .rst_ni,
      .valid_i(sum_valid_i),
      .tag_i(at_sum),
      .valid_o(read_valid),
      .tag_o(at_read),
      .stage_valid_o(unused_read_stages)
  );
  sb_delay #(
      .Width($bits(result_t)),
      .Depth(ReadLatency)
  ) i_at_result (
      .clk_i,
      .data_i(at_read),
      .data_o(at_result)
  );
  assign res_read_o  = read_valid && at_read.add;
  assign res_place_o = at_read.place;

  // Activations.
  logic [M-1:0][7:0] codes;
  logic [M-1:0][ActBits-1:0] plain, plain_late;
  always_comb begin
    for (int unsigned c = 0; c < M; c++) begin
      codes[c] = result[c][7:0];
      plain[c] = result[c][ActBits-1:0];
    end
  end
  wire lookup = result_valid && at_result.table_on;
  logic [M-1:0][OpBits-1:0] entry;
  logic entry_valid, unused_table_tag;
  sb_table #(
      .M(M),
      .Tables(2),
      .MulStyle(MulStyle)
  ) i_table (
      .clk_i,
      .rst_ni,
      .load_i(table_valid_i && table_ready_o),
      .load_select_i(table_sel_i),
      .load_addr_i(table_addr_i),
      .load_data_i(table_data_i),
      .valid_i(lookup),
      .select_i(at_result.table_sel),
      .index_i(codes),
      .tag_i(1'b0),
      .valid_o(entry_valid),
      .data_o(entry),
      .tag_o(unused_table_tag)
  );
  logic [TableLatency-1:0] lookup_near_q;
  always_ff @(posedge clk_i) lookup_near_q <= rst_ni ? TableLatency'({lookup_near_q, lookup}) : '0;
  assign table_ready_o = !lookup && lookup_near_q == '0;
  sb_delay #(
      .Width(M * ActBits),
      .Depth(TableLatency)
  ) i_plain (
      .clk_i,
      .data_i(plain),
      .data_o(plain_late)
  );
  logic [TableLatency:0] unused_act_stages;
  sb_valid_delay #(
      .Depth  (TableLatency),
      .TagBits(SlotBits + $bits(place_t))
  ) i_act (
      .clk_i,
      .rst_ni,
      .valid_i(result_valid && !at_result.residual),
      .tag_i({at_result.slot, at_result.place}),
      .valid_o(act_write_o),
      .tag_o({act_slot_o, act_place_o}),
      .stage_valid_o(unused_act_stages)
  );
  always_comb begin
    for (int unsigned c = 0; c < M; c++)
    act_data_o[c] = entry_valid ? entry[c][ActBits-1:0] : plain_late[c];
  end

  // Row maxima.
  logic [MaxM-1:0] keep;
  logic [RowBits-1:0] unused_max_row;
  logic max_valid;
  assign keep = first_lanes(at_result.keys);
  sb_row_max #(
      .M(M),
      .Rows(Rows),
      .MulStyle(MulStyle)
  ) i_max (
      .clk_i,
      .rst_ni,
      .valid_i(result_valid && at_result.row_max),
      .first_i(at_result.nb_first),
      .last_i(at_result.nb_last),
      .row_i(at_result.row[RowBits-1:0]),
      .keep_i(keep[M-1:0]),
      .score_i(codes),
      .valid_o(max_valid),
      .row_o(unused_max_row),
      .max_o(max_data_o)
  );
  logic [RowAddrBits-1:0] max_tag;
  sb_delay #(
      .Width(RowAddrBits),
      .Depth(row_max_latency(M))
  ) i_max_addr (
      .clk_i,
      .data_i({at_result.slot, at_result.row_addr}),
      .data_o(max_tag)
  );
  assign max_write_o = '{
          valid: max_valid,
          slot: max_tag[AddrBits+:SlotBits],
          part: 1'b0,
          addr: max_tag[AddrBits-1:0]
      };

  // Residual and its row constants. Words that make none start a row sum of their own each.
  wire to_residual = result_valid && at_result.residual;
  logic [M-1:0][ResBits-1:0] h;
  assign h = at_result.add ? res_i : '0;
  logic sums_valid;
  logic [RowBits-1:0] unused_sums_row;
  logic signed [RowSumBits-1:0] row_sum;
  logic [RowSqBits-1:0] row_sumsq;
  sb_residual #(
      .M(M),
      .Rows(Rows),
      .MulStyle(MulStyle),
      .TagBits(SlotBits + $bits(place_t))
  ) i_residual (
      .clk_i,
      .rst_ni,
      .valid_i(to_residual),
      .first_i(at_result.nb_first || !at_result.stats),
      .last_i(at_result.nb_last && at_result.stats),
      .row_i(at_result.row[RowBits-1:0]),
      .h_i(h),
      .d_i(result),
      .tag_i({at_result.slot, at_result.place}),
      .valid_o(res_write_o),
      .s_o(res_data_o),
      .tag_o({res_slot_o, res_place_write_o}),
      .stats_valid_o(sums_valid),
      .stats_row_o(unused_sums_row),
      .stats_sum_o(row_sum),
      .stats_sumsq_o(row_sumsq)
  );
  logic [RowAddrBits-1:0] sums_tag, stats_tag;
  sb_delay #(
      .Width(RowAddrBits),
      .Depth(residual_stats_latency(M, MulStyle))
  ) i_sums_addr (
      .clk_i,
      .data_i({at_result.slot, at_result.row_addr}),
      .data_o(sums_tag)
  );
  // One command at a time makes row constants (sb_encoder_array), so its numbers hold still.
  norm_job_t norm_q;
  always_ff @(posedge clk_i) if (last_valid_i && nb_last && cmd.norm_stats) norm_q <= cmd.norm;
  logic stats_valid;
  sb_norm_row #(
      .MulStyle(MulStyle),
      .TagBits (RowAddrBits)
  ) i_norm_row (
      .clk_i,
      .rst_ni,
      .job_i(norm_q),
      .valid_i(sums_valid),
      .sum_i(row_sum),
      .sumsq_i(row_sumsq),
      .tag_i(sums_tag),
      .valid_o(stats_valid),
      .row_o(stats_data_o),
      .tag_o(stats_tag)
  );
  assign stats_write_o = '{
          valid: stats_valid,
          slot: stats_tag[AddrBits+:SlotBits],
          part: 1'b0,
          addr: stats_tag[AddrBits-1:0]
      };

  `SB_ASSERT(JobPresent_A, last_valid_i |-> job_valid && last_row_i == row_q[RowBits-1:0])
endmodule
