// SPDX-License-Identifier: Apache-2.0
// Memory with one write port and one read port, both clocked.
//
// Contract: read data appears ReadLatency cycles after `read_i` and holds until the next read's.
// The second cycle is an output register, which block RAM needs to be fast; it takes what was read
// when `move_i` is high, and keeps its word until then. Contents come from `InitFile` ($readmemh)
// or are undefined.
//
// Inferred: block RAM, distributed RAM when small and not Block; a read in the cycle of a write to
// the same word returns the old word. MulStyle = MulMult18x18d with ReadLatency = 2, 33 to 16384
// words and no InitFile: DP16KD of ECP5, whose output register Yosys does not find by itself; such
// a read returns anything.
module sb_ram
  import sb_pkg::*;
#(
    parameter int unsigned Width = 32,  // bits of a word
    parameter int unsigned Depth = 128,  // words
    parameter int unsigned ReadLatency = 1,  // 1 or 2
    parameter int unsigned MulStyle = MulInferred,  // mul_style_e: the device
    parameter bit Block = 0,  // block RAM even if small: saves LUTs where words are wide
    parameter InitFile = "",  // $readmemh file, one word a line; empty: not initialised
    localparam int unsigned AddrBits = Depth > 1 ? $clog2(Depth) : 1
) (
    input  logic                clk_i,
    input  logic                write_i,
    input  logic [AddrBits-1:0] write_addr_i,
    input  logic [   Width-1:0] write_data_i,
    input  logic                read_i,
    input  logic [AddrBits-1:0] read_addr_i,
    input  logic                move_i,        // 1 unless ReadLatency is 2
    output logic [   Width-1:0] read_data_o
);
  if (Width < 1) begin : gen_illegal_width
    $fatal(1, "sb_ram: Width = %0d, must be at least 1", Width);
  end
  if (Depth < 1) begin : gen_illegal_depth
    $fatal(1, "sb_ram: Depth = %0d, must be at least 1", Depth);
  end
  if (ReadLatency < 1 || ReadLatency > 2) begin : gen_illegal_latency
    $fatal(1, "sb_ram: ReadLatency = %0d, must be 1 or 2", ReadLatency);
  end

  localparam bit Cells =
      MulStyle == MulMult18x18d && ReadLatency == 2 && Depth > 32 && Depth <= 16384 &&
      InitFile == "";
  if (Cells) begin : gen_cells
    // Words of a cell, the widest that are enough of them.
    localparam int unsigned CellBits = Depth <= 512 ? 36 : Depth <= 1024 ? 18 : Depth <= 2048 ? 9 :
        Depth <= 4096 ? 4 : Depth <= 8192 ? 2 : 1;
    localparam int unsigned Count = (Width + CellBits - 1) / CellBits;
    wire  [Count*CellBits-1:0] write_data = (Count * CellBits)'(write_data_i);
    logic [Count*CellBits-1:0] read_data;
    for (genvar i = 0; i < Count; i++) begin : gen_cell
      sb_dp16kd #(
          .Width(CellBits)
      ) i_cell (
          .clk_i,
          .write_i,
          .write_addr_i(14'(write_addr_i)),
          .write_data_i(write_data[i*CellBits+:CellBits]),
          .read_i,
          .read_addr_i(14'(read_addr_i)),
          .move_i,
          .read_data_o(read_data[i*CellBits+:CellBits])
      );
    end
    assign read_data_o = read_data[Width-1:0];
  end else begin : gen_inferred
    (* ram_style = Block ? "block" : "auto" *)logic [Width-1:0] mem  [Depth];
    logic [Width-1:0] data;
    if (InitFile != "") begin : gen_init
      initial $readmemh(InitFile, mem);
    end
    always_ff @(posedge clk_i) begin
      if (read_i) data <= mem[read_addr_i];
      if (write_i) mem[write_addr_i] <= write_data_i;
    end
    if (ReadLatency == 1) begin : gen_data
      assign read_data_o = data;
    end else begin : gen_output
      logic waits_q;  // what was read is not in the output register yet
      always_ff @(posedge clk_i) begin
        waits_q <= read_i || (waits_q && !move_i);
        if (waits_q && move_i) read_data_o <= data;
      end
    end
  end
endmodule
