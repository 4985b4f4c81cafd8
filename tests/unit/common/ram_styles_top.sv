// SPDX-License-Identifier: Apache-2.0
// sb_ram in several sizes, inferred with both latencies and of DP16KD, on the same words.
// Simulation top.
module ram_styles_top
  import sb_pkg::*;
#(
    localparam int unsigned Sizes = 6,
    localparam int unsigned Styles = 3,
    localparam int unsigned MaxWidth = 80
) (
    input  logic                                         clk_i,
    input  logic                                         write_i,
    input  logic                          [        13:0] write_addr_i,  // modulo a size's depth
    input  logic                          [MaxWidth-1:0] write_data_i,
    input  logic                                         read_i,
    input  logic                          [        13:0] read_addr_i,
    input  logic                                         move_i,
    output logic [Styles-1:0][Sizes-1:0][MaxWidth-1:0] read_data_o
);
  typedef struct packed {
    int unsigned width;
    int unsigned depth;
  } size_t;
  // In the order of ram_styles_test.cpp: every width of a cell.
  localparam size_t Size[Sizes] = '{'{80, 40}, '{20, 600}, '{9, 2048},
      '{5, 3000}, '{3, 8192}, '{2, 16384}};
  for (genvar s = 0; s < Styles; s++) begin : gen_style
    for (genvar i = 0; i < Sizes; i++) begin : gen_size
      localparam size_t S = Size[i];
      logic [S.width-1:0] data;
      sb_ram #(
          .Width(S.width),
          .Depth(S.depth),
          .ReadLatency(s == 0 ? 1 : 2),
          .MulStyle(s == 2 ? MulMult18x18d : MulInferred)
      ) i_ram (
          .clk_i,
          .write_i,
          .write_addr_i($clog2(S.depth)'(15'(write_addr_i) % 15'(S.depth))),
          .write_data_i(write_data_i[S.width-1:0]),
          .read_i,
          .read_addr_i($clog2(S.depth)'(15'(read_addr_i) % 15'(S.depth))),
          .move_i,
          .read_data_o(data)
      );
      assign read_data_o[s][i] = MaxWidth'(data);
    end
  end
endmodule
