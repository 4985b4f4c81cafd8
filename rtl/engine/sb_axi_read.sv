// SPDX-License-Identifier: Apache-2.0
// The read channels of the AXI4 master, shared by readers of commands, parameters, tables and
// loads.
//
//   requests --> sb_axi_read_client x 4 --> lowest ID first --> ar      ID = number of the reader
//                          ^------------------------------------- r
//
// Contract: bursts of each reader are asked for in its order and may be under way in any number;
// answers of different IDs may come in any order and interleaved. r is always ready. While run_i is
// low no burst starts, all requests and words are dropped, and so is what still comes; run_i may
// rise when idle_o is high. error_o: a beat of this run came with an error, or an address is none
// of the bus. RLAST is not looked at: beats are counted.
`include "sb_assert.svh"

module sb_axi_read
  import sb_engine_pkg::*;
#(
    parameter int unsigned M = 16,  // 4 to 64
    parameter int unsigned AddrBits = 40,  // of the bus: 32 to 64
    parameter int unsigned DataBits = 128,  // of the bus: 32 to 1024
    parameter int unsigned IdBits = 2,  // 2 or more
    parameter int unsigned MaxBurst = 32,  // beats
    parameter int unsigned PrefetchTiles = 8  // of M * M bytes, that the buffer of parameters holds
) (
    input  logic                clk_i,
    input  logic                rst_ni,         // synchronous, active low
    input  logic                run_i,
    output logic                idle_o,         // no burst under way
    output logic                error_o,
    output logic                progress_o,     // a handshake on ar or r
    output logic                beat_o,         // of this run
    output logic                param_beat_o,
    input  logic                creq_valid_i,   // commands
    output logic                creq_ready_o,
    input  logic [        39:0] creq_addr_i,
    input  logic [        31:0] creq_words_i,
    output logic                cmd_valid_o,
    input  logic                cmd_ready_i,
    output logic [ CmdBits-1:0] cmd_o,
    input  logic                preq_valid_i,   // parameters: words of M bytes
    output logic                preq_ready_o,
    input  logic [        39:0] preq_addr_i,
    input  logic [        31:0] preq_words_i,
    output logic                par_valid_o,
    input  logic                par_ready_i,
    output logic [     M*8-1:0] par_data_o,
    input  logic                treq_valid_i,   // tables of TableEntries entries
    output logic                treq_ready_o,
    input  logic [        39:0] treq_addr_i,
    output logic                tab_valid_o,
    input  logic                tab_ready_i,
    output logic [        15:0] tab_data_o,
    input  logic                lreq_valid_i,   // loads: words of 2 * M bytes
    output logic                lreq_ready_o,
    input  logic [        39:0] lreq_addr_i,
    input  logic [        31:0] lreq_words_i,
    output logic                ld_valid_o,
    input  logic                ld_ready_i,
    output logic [    M*16-1:0] ld_data_o,
    output logic [  IdBits-1:0] m_axi_arid,
    output logic [AddrBits-1:0] m_axi_araddr,
    output logic [         7:0] m_axi_arlen,
    output logic                m_axi_arvalid,
    input  logic                m_axi_arready,
    input  logic [  IdBits-1:0] m_axi_rid,
    input  logic [DataBits-1:0] m_axi_rdata,
    input  logic [         1:0] m_axi_rresp,
    input  logic                m_axi_rvalid,
    output logic                m_axi_rready
);
  localparam int unsigned Bytes = DataBits / 8;
  localparam int unsigned Clients = 4;
  // Beats that a reader's buffer holds, and of its longest burst: four are under way.
  localparam int unsigned LeastDepth = 16;
  function automatic int unsigned depth(int unsigned bytes);
    return bytes / Bytes > LeastDepth ? bytes / Bytes : LeastDepth;
  endfunction
  function automatic int unsigned burst(int unsigned beats);
    int unsigned longest;
    longest = MaxBurst < beats / 4 ? MaxBurst : beats / 4;
    return longest * Bytes > 4096 ? 4096 / Bytes : longest;
  endfunction
  localparam int unsigned CmdDepth = depth(8 * CmdBytes);
  localparam int unsigned ParDepth = depth(PrefetchTiles * M * M);
  localparam int unsigned TabDepth = depth(4 * TableEntries);
  localparam int unsigned LoadDepth = depth(4 * MaxBurst * Bytes);
  localparam int unsigned OwedBits = $clog2(CmdDepth + ParDepth + TabDepth + LoadDepth + 1) + 1;

  wire run_n = rst_ni && run_i;
  logic [Clients-1:0] ar_valid, ar_ready, bad, r_valid_q;
  logic [Clients-1:0][39:0] ar_addr;
  logic [Clients-1:0][8:0] ar_beats;
  logic [DataBits-1:0] r_data_q;

  sb_axi_read_client #(
      .WordBytes(CmdBytes),
      .DataBytes(Bytes),
      .AddrBits (AddrBits),
      .Depth    (CmdDepth),
      .Burst    (burst(CmdDepth)),
      .Requests (2)
  ) i_commands (
      .clk_i,
      .rst_ni(run_n),
      .req_valid_i(creq_valid_i),
      .req_ready_o(creq_ready_o),
      .req_addr_i(creq_addr_i),
      .req_words_i(creq_words_i),
      .ar_valid_o(ar_valid[0]),
      .ar_ready_i(ar_ready[0]),
      .ar_addr_o(ar_addr[0]),
      .ar_beats_o(ar_beats[0]),
      .bad_o(bad[0]),
      .r_valid_i(r_valid_q[0]),
      .r_data_i(r_data_q),
      .word_valid_o(cmd_valid_o),
      .word_ready_i(cmd_ready_i),
      .word_data_o(cmd_o)
  );
  sb_axi_read_client #(
      .WordBytes(M),
      .DataBytes(Bytes),
      .AddrBits (AddrBits),
      .Depth    (ParDepth),
      .Burst    (burst(ParDepth))
  ) i_params (
      .clk_i,
      .rst_ni(run_n),
      .req_valid_i(preq_valid_i),
      .req_ready_o(preq_ready_o),
      .req_addr_i(preq_addr_i),
      .req_words_i(preq_words_i),
      .ar_valid_o(ar_valid[1]),
      .ar_ready_i(ar_ready[1]),
      .ar_addr_o(ar_addr[1]),
      .ar_beats_o(ar_beats[1]),
      .bad_o(bad[1]),
      .r_valid_i(r_valid_q[1]),
      .r_data_i(r_data_q),
      .word_valid_o(par_valid_o),
      .word_ready_i(par_ready_i),
      .word_data_o(par_data_o)
  );
  sb_axi_read_client #(
      .WordBytes(2),
      .DataBytes(Bytes),
      .AddrBits (AddrBits),
      .Depth    (TabDepth),
      .Burst    (burst(TabDepth)),
      .Requests (4)
  ) i_tables (
      .clk_i,
      .rst_ni(run_n),
      .req_valid_i(treq_valid_i),
      .req_ready_o(treq_ready_o),
      .req_addr_i(treq_addr_i),
      .req_words_i(32'(TableEntries)),
      .ar_valid_o(ar_valid[2]),
      .ar_ready_i(ar_ready[2]),
      .ar_addr_o(ar_addr[2]),
      .ar_beats_o(ar_beats[2]),
      .bad_o(bad[2]),
      .r_valid_i(r_valid_q[2]),
      .r_data_i(r_data_q),
      .word_valid_o(tab_valid_o),
      .word_ready_i(tab_ready_i),
      .word_data_o(tab_data_o)
  );
  sb_axi_read_client #(
      .WordBytes(2 * M),
      .DataBytes(Bytes),
      .AddrBits (AddrBits),
      .Depth    (LoadDepth),
      .Burst    (burst(LoadDepth)),
      .Requests (4)
  ) i_loads (
      .clk_i,
      .rst_ni(run_n),
      .req_valid_i(lreq_valid_i),
      .req_ready_o(lreq_ready_o),
      .req_addr_i(lreq_addr_i),
      .req_words_i(lreq_words_i),
      .ar_valid_o(ar_valid[3]),
      .ar_ready_i(ar_ready[3]),
      .ar_addr_o(ar_addr[3]),
      .ar_beats_o(ar_beats[3]),
      .bad_o(bad[3]),
      .r_valid_i(r_valid_q[3]),
      .r_data_i(r_data_q),
      .word_valid_o(ld_valid_o),
      .word_ready_i(ld_ready_i),
      .word_data_o(ld_data_o)
  );

  // Who asks: it stays in a register until taken, whatever becomes of the run.
  logic ar_valid_q;
  logic [1:0] ar_id_q, id;
  logic [39:0] ar_addr_q;
  logic [7:0] ar_len_q;
  logic [OwedBits-1:0] owed_q;  // beats
  wire ar_free = !ar_valid_q || m_axi_arready;
  always_comb begin
    id = '0;
    for (int unsigned c = 0; c < Clients; c++) if (ar_valid[Clients-1-c]) id = 2'(Clients - 1 - c);
    ar_ready = '0;
    ar_ready[id] = ar_free && run_i;
  end
  wire ask = run_i && ar_free && ar_valid != '0;
  wire r_take = m_axi_rvalid && m_axi_rready;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      ar_valid_q <= 1'b0;
      owed_q <= '0;
      r_valid_q <= '0;
      error_o <= 1'b0;
      beat_o <= 1'b0;
      param_beat_o <= 1'b0;
    end else begin
      if (ar_free) ar_valid_q <= ask;
      owed_q <= owed_q + (ask ? OwedBits'(ar_beats[id]) : '0) - OwedBits'(r_take);
      for (int unsigned c = 0; c < Clients; c++)
      r_valid_q[c] <= run_i && r_take && m_axi_rid[1:0] == 2'(c);
      error_o <= run_i && ((r_take && m_axi_rresp[1]) || bad != '0);
      beat_o <= run_i && r_take;
      param_beat_o <= run_i && r_take && m_axi_rid[1:0] == 2'd1;
    end
    if (ar_free) begin
      ar_id_q <= id;
      ar_addr_q <= ar_addr[id];
      ar_len_q <= 8'(ar_beats[id] - 1'b1);
    end
    r_data_q <= m_axi_rdata;
  end
  assign m_axi_arvalid = ar_valid_q;
  assign m_axi_arid = IdBits'(ar_id_q);
  assign m_axi_araddr = AddrBits'(ar_addr_q);
  assign m_axi_arlen = ar_len_q;
  assign m_axi_rready = 1'b1;
  assign idle_o = owed_q == '0;
  assign progress_o = r_take || (ar_valid_q && m_axi_arready);
  wire unused_bits = ^{m_axi_rresp[0], m_axi_rid, ar_addr_q};  // narrower addresses, wider IDs

  `SB_ASSERT(Owed_A, !m_axi_rvalid || owed_q != '0)
  `SB_ASSERT(RunsWhenIdle_A, !run_i |=> !run_i || owed_q == '0)
endmodule
