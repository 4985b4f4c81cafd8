// SPDX-License-Identifier: Apache-2.0
// Table unit: M lanes look the same table up, each with its own index.
//
//   data[c] = table[select][index[c]]            index: unsigned 8 bit
//   data[c] = table[select][index[c] + 128]      Signed = 1: index is int8
//                                                (golden/ops/numerics.md section 9)
//
// Two lanes share one dual-port RAM, loaded in all RAMs at once through the write port. Loading
// takes the port of the even lanes, so no word may be looked up in that cycle: asserted. With cells
// of ECP5 each lane has RAM of its own (sb_ram). Contents are undefined until loaded.
// Latency table_latency() cycles (RAM and its output register), one word per cycle, no stall.
`include "sb_assert.svh"

module sb_table
  import sb_pkg::*, sb_latency_pkg::*;
#(
    parameter int unsigned M = 16,  // lanes, even
    parameter int unsigned Width = 9,  // bits of an entry
    parameter bit Signed = 1,  // index is a signed code
    parameter int unsigned Tables = 1,  // a power of two; costs 256 entries each in every RAM
    parameter int unsigned MulStyle = MulInferred,  // mul_style_e: the device
    parameter int unsigned TagBits = 1,  // payload that leaves with a word
    localparam int unsigned SelBits = Tables > 1 ? $clog2(Tables) : 1
) (
    input  logic                          clk_i,
    input  logic                          rst_ni,         // synchronous, active low
    input  logic                          load_i,
    input  logic [SelBits-1:0]            load_select_i,
    input  logic [        7:0]            load_addr_i,    // entry: index, or index + 128 if Signed
    input  logic [  Width-1:0]            load_data_i,
    input  logic                          valid_i,
    input  logic [SelBits-1:0]            select_i,       // 0 if Tables = 1
    input  logic [      M-1:0][      7:0] index_i,
    input  logic [TagBits-1:0]            tag_i,
    output logic                          valid_o,
    output logic [      M-1:0][Width-1:0] data_o,
    output logic [TagBits-1:0]            tag_o
);
  if (Width < 1) begin : gen_illegal_width
    $fatal(1, "sb_table: Width = %0d, must be at least 1", Width);
  end
  if (TagBits < 1) begin : gen_illegal_tag_bits
    $fatal(1, "sb_table: TagBits = %0d, must be at least 1", TagBits);
  end
  if (M < 2 || M % 2 != 0) begin : gen_illegal_m
    $fatal(1, "sb_table: M = %0d, must be even", M);
  end
  if (Tables < 1 || (Tables & (Tables - 1)) != 0) begin : gen_illegal_tables
    $fatal(1, "sb_table: Tables = %0d, must be a power of two", Tables);
  end
  localparam int unsigned Latency = table_latency();
  localparam int unsigned AddrBits = 8 + $clog2(Tables);
  localparam logic [7:0] Flip = Signed ? 8'h80 : 8'h00;  // index + 128

  wire [AddrBits-1:0] load_addr = AddrBits'({load_select_i, load_addr_i});

  if (MulStyle == MulMult18x18d) begin : gen_cells
    for (genvar c = 0; c < M; c++) begin : gen_lane
      sb_ram #(
          .Width(Width),
          .Depth(256 * Tables),
          .ReadLatency(Latency),
          .MulStyle(MulStyle)
      ) i_ram (
          .clk_i,
          .write_i(load_i),
          .write_addr_i(load_addr),
          .write_data_i(load_data_i),
          .read_i(valid_i),
          .read_addr_i(AddrBits'({select_i, index_i[c] ^ Flip})),
          .move_i(1'b1),
          .read_data_o(data_o[c])
      );
    end
  end else begin : gen_inferred
    for (genvar p = 0; p < M / 2; p++) begin : gen_pair
      logic [Width-1:0] mem[256*Tables];
      logic [Width-1:0] even_q, odd_q;
      wire [AddrBits-1:0] even_addr =
          load_i ? load_addr : AddrBits'({select_i, index_i[2*p] ^ Flip});
      wire [AddrBits-1:0] odd_addr = AddrBits'({select_i, index_i[2*p+1] ^ Flip});
      always_ff @(posedge clk_i) begin
        if (load_i) mem[even_addr] <= load_data_i;
        even_q <= mem[even_addr];
      end
      always_ff @(posedge clk_i) odd_q <= mem[odd_addr];
      always_ff @(posedge clk_i) begin
        data_o[2*p]   <= even_q;
        data_o[2*p+1] <= odd_q;
      end
    end
  end

  logic [Latency-1:0] valid_q;
  always_ff @(posedge clk_i) valid_q <= rst_ni ? {valid_q[0], valid_i} : '0;
  assign valid_o = valid_q[Latency-1];
  sb_delay #(
      .Width(TagBits),
      .Depth(Latency)
  ) i_tag (
      .clk_i,
      .data_i(tag_i),
      .data_o(tag_o)
  );

  `SB_ASSERT(NoLoadWithWord_A, !(load_i && valid_i))
endmodule
