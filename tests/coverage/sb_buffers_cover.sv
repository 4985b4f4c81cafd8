// SPDX-License-Identifier: Apache-2.0
// Buffers full and empty, and resets that find something in them; of each kind of buffer.
`include "sb_cover.svh"

`define SB_BUFFER_COVER(MODULE, KIND) \
  module MODULE``_cover ( \
      input logic clk_i, \
      input logic rst_ni, \
      input logic valid_i, \
      input logic ready_o, \
      input logic valid_o, \
      input logic ready_i \
  ); \
    logic run_q; \
    always_ff @(posedge clk_i) run_q <= rst_ni; \
    `SB_COVER(KIND``Full_C, valid_i && !ready_o) \
    `SB_COVER(KIND``FullAndTaken_C, valid_i && !ready_o && valid_o && ready_i) \
    `SB_COVER(KIND``Empty_C, ready_i && !valid_o) \
    `SB_COVER(KIND``EmptyAndFilled_C, valid_i && ready_o && !valid_o) \
    `SB_COVER(KIND``Both_C, valid_i && ready_o && valid_o && ready_i) \
    `SB_COVER_RESET(KIND``ResetFull_C, !ready_o) \
    `SB_COVER_RESET(KIND``ResetFilled_C, valid_o) \
    `SB_COVER_RESET(KIND``ResetEmpty_C, !valid_o) \
  endmodule \
  bind MODULE MODULE``_cover i_cover (.*);

`SB_BUFFER_COVER(sb_fifo, Fifo)
`SB_BUFFER_COVER(sb_skid_buffer, Skid)
`SB_BUFFER_COVER(sb_replay_buffer, Replay)
`SB_BUFFER_COVER(sb_stream_pipe, Pipe)
