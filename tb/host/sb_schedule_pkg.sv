// SPDX-License-Identifier: Apache-2.0
// Latencies that the prediction of the schedule counts with (engine_schedule.cpp), as numbers for
// C++ (scripts/words): those of the RTL, multipliers inferred. What depends on the shape of the
// array is here for some shapes: engine_schedule.cpp has the rule, and compiles if it gives these.
package sb_schedule_pkg;
  import sb_pkg::*;
  import sb_latency_pkg::*;
  import sb_encoder_pkg::*;

  localparam int unsigned Ring = Slots;
  localparam int unsigned Memory = ReadLatency;
  localparam int unsigned Accumulator = accumulator_latency();
  localparam int unsigned AccumulatorLead = accumulator_lead();
  localparam int unsigned Requant = requant_latency(1'b1);
  localparam int unsigned Table = table_latency();
  localparam int unsigned LayerNorm = layernorm_latency();
  localparam int unsigned NormRow = norm_row_latency();

  localparam int unsigned RowMaxM4 = row_max_latency(4);
  localparam int unsigned RowMaxM64 = row_max_latency(64);
  localparam int unsigned RowStatsM4 = residual_stats_latency(4);
  localparam int unsigned RowStatsM64 = residual_stats_latency(64);
  localparam int unsigned RecipM4 = exp_recip_latency(4);
  localparam int unsigned RecipM64 = exp_recip_latency(64);
  localparam int unsigned ArrayM4Chain1Plain = array_latency(4, 1, 1'b0);
  localparam int unsigned ArrayM8Chain8Plain = array_latency(8, 8, 1'b0);
  localparam int unsigned ArrayM4Chain2 = array_latency(4, 2, 1'b1);
  localparam int unsigned ArrayM64Chain4 = array_latency(64, 4, 1'b1);
  localparam int unsigned PrologueM4Chain1Plain = prologue_latency(4, 1, 1'b0, MulInferred, 1);
  localparam int unsigned PrologueM4Chain2 = prologue_latency(4, 2, 1'b1, MulInferred, 1);
  localparam int unsigned PrologueM64Chain4 = prologue_latency(64, 4, 1'b1, MulInferred, 1);
endpackage
