// SPDX-License-Identifier: Apache-2.0
// Latencies of the stand-alone stages that the test bench builds, as numbers for C++
// (scripts/words): those of sb_latency_pkg with the parameters in tb/CMakeLists.txt.
package sb_stage_latency_pkg;
  import sb_latency_pkg::*;

  localparam int unsigned Table = table_top_latency();
  localparam int unsigned Requant = requant_top_latency();
  localparam int unsigned Residual = residual_top_latency();
  // Without the row's words, which count twice in softmax and once in LayerNorm.
  localparam int unsigned SoftmaxM8 = softmax_top_latency(8);
  localparam int unsigned SoftmaxM16 = softmax_top_latency(16);
  localparam int unsigned LayerNormM8 = layernorm_top_latency(8);
  localparam int unsigned LayerNormM16 = layernorm_top_latency(16);
endpackage
