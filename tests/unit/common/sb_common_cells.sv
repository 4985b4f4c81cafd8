// SPDX-License-Identifier: Apache-2.0
// The cells of rtl/common side by side, one Verilated model for all their unit tests.
module sb_common_cells #(
    parameter RomFile = ""  // contents of the second sb_rom_stream
) (
    input  logic        clk_i,
    input  logic        rst_ni,
    // sb_fifo
    input  logic        fifo_valid_i,
    output logic        fifo_ready_o,
    input  logic [39:0] fifo_data_i,
    output logic        fifo_valid_o,
    input  logic        fifo_ready_i,
    output logic [39:0] fifo_data_o,
    // sb_ram_fifo
    input  logic        ram_fifo_valid_i,
    output logic        ram_fifo_ready_o,
    input  logic [39:0] ram_fifo_data_i,
    output logic        ram_fifo_valid_o,
    input  logic        ram_fifo_ready_i,
    output logic [39:0] ram_fifo_data_o,
    output logic [ 7:0] ram_fifo_latency_o,
    // sb_ram
    input  logic        ram_write_i,
    input  logic [ 2:0] ram_write_addr_i,
    input  logic [69:0] ram_write_data_i,
    input  logic        ram_read_i,
    input  logic [ 2:0] ram_read_addr_i,
    output logic [69:0] ram_read_data_o,
    // sb_block_words
    input  logic        words_load_i,
    input  logic [ 2:0] words_load_addr_i,
    input  logic [15:0] words_load_data_i,
    input  logic        words_next_i,
    input  logic        words_last_i,
    output logic [15:0] words_data_o,
    // sb_delay of 0, 1 and 5 cycles
    input  logic [10:0] delay_data_i,
    output logic [10:0] delay0_data_o,
    output logic [10:0] delay1_data_o,
    output logic [10:0] delay5_data_o,
    // sb_valid_delay of 0 and 4 cycles
    input  logic        valid_valid_i,
    input  logic [10:0] valid_tag_i,
    output logic        valid0_valid_o,
    output logic [10:0] valid0_tag_o,
    output logic        valid0_stage_o,
    output logic        valid4_valid_o,
    output logic [10:0] valid4_tag_o,
    output logic [ 4:0] valid4_stage_o,
    // sb_replay_buffer
    input  logic        replay_frame_valid_i,
    output logic        replay_frame_ready_o,
    input  logic [18:0] replay_frame_i,        // words, passes
    input  logic        replay_valid_i,
    output logic        replay_ready_o,
    input  logic [15:0] replay_data_i,
    output logic        replay_valid_o,
    input  logic        replay_ready_i,
    output logic [15:0] replay_data_o,
    // sb_rom_stream, written
    input  logic        rom_run_i,
    input  logic        rom_write_i,
    input  logic [ 2:0] rom_write_addr_i,
    input  logic [15:0] rom_write_data_i,
    output logic        rom_valid_o,
    input  logic        rom_ready_i,
    output logic [15:0] rom_data_o,
    // sb_rom_stream, from RomFile
    input  logic        file_run_i,
    output logic        file_valid_o,
    input  logic        file_ready_i,
    output logic [15:0] file_data_o
);
  sb_fifo #(.Width(40), .Depth(4)) i_fifo (
      .clk_i, .rst_ni, .valid_i(fifo_valid_i), .ready_o(fifo_ready_o), .data_i(fifo_data_i),
      .valid_o(fifo_valid_o), .ready_i(fifo_ready_i), .data_o(fifo_data_o)
  );
  sb_ram_fifo #(.Width(40), .Depth(4)) i_ram_fifo (
      .clk_i, .rst_ni, .valid_i(ram_fifo_valid_i), .ready_o(ram_fifo_ready_o),
      .data_i(ram_fifo_data_i), .valid_o(ram_fifo_valid_o), .ready_i(ram_fifo_ready_i),
      .data_o(ram_fifo_data_o)
  );
  assign ram_fifo_latency_o = 8'(sb_latency_pkg::ram_fifo_latency());
  sb_ram #(.Width(70), .Depth(5)) i_ram (
      .clk_i, .write_i(ram_write_i), .write_addr_i(ram_write_addr_i),
      .write_data_i(ram_write_data_i),
      .read_i(ram_read_i), .read_addr_i(ram_read_addr_i), .move_i(1'b1),
      .read_data_o(ram_read_data_o)
  );
  sb_block_words #(.Width(16), .Blocks(5)) i_words (
      .clk_i, .rst_ni, .load_i(words_load_i), .load_addr_i(words_load_addr_i),
      .load_data_i(words_load_data_i),
      .next_i(words_next_i), .last_i(words_last_i), .data_o(words_data_o)
  );
  sb_delay #(.Width(11), .Depth(0)) i_delay0 (
      .clk_i, .data_i(delay_data_i), .data_o(delay0_data_o)
  );
  sb_delay #(.Width(11), .Depth(1)) i_delay1 (
      .clk_i, .data_i(delay_data_i), .data_o(delay1_data_o)
  );
  sb_delay #(.Width(11), .Depth(5)) i_delay5 (
      .clk_i, .data_i(delay_data_i), .data_o(delay5_data_o)
  );
  sb_valid_delay #(.Depth(0), .TagBits(11)) i_valid0 (
      .clk_i, .rst_ni, .valid_i(valid_valid_i), .tag_i(valid_tag_i), .valid_o(valid0_valid_o),
      .tag_o(valid0_tag_o),
      .stage_valid_o(valid0_stage_o)
  );
  sb_valid_delay #(.Depth(4), .TagBits(11)) i_valid4 (
      .clk_i, .rst_ni, .valid_i(valid_valid_i), .tag_i(valid_tag_i), .valid_o(valid4_valid_o),
      .tag_o(valid4_tag_o),
      .stage_valid_o(valid4_stage_o)
  );
  sb_replay_buffer #(.Width(16), .Depth(6)) i_replay (
      .clk_i, .rst_ni, .frame_valid_i(replay_frame_valid_i), .frame_ready_o(replay_frame_ready_o),
      .frame_words_i(replay_frame_i[18:16]), .frame_passes_i(replay_frame_i[15:0]),
      .valid_i(replay_valid_i), .ready_o(replay_ready_o), .data_i(replay_data_i),
      .valid_o(replay_valid_o), .ready_i(replay_ready_i), .data_o(replay_data_o)
  );
  sb_rom_stream #(.Width(16), .Depth(5)) i_rom (
      .clk_i, .rst_ni, .run_i(rom_run_i), .write_i(rom_write_i), .write_addr_i(rom_write_addr_i),
      .write_data_i(rom_write_data_i), .valid_o(rom_valid_o), .ready_i(rom_ready_i),
      .data_o(rom_data_o)
  );
  sb_rom_stream #(.Width(16), .Depth(5), .InitFile(RomFile)) i_file (
      .clk_i, .rst_ni, .run_i(file_run_i), .write_i(1'b0), .write_addr_i('0), .write_data_i('0),
      .valid_o(file_valid_o), .ready_i(file_ready_i), .data_o(file_data_o)
  );
endmodule
