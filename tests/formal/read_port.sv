// SPDX-License-Identifier: Apache-2.0
// sb_axi_read asks the bus for each burst that a reader was granted once, in the order of the
// grants, with the reader's ID, and gives each beat of an answer to the reader of its ID, once, in
// order, whatever the bus does and however answers of different IDs mix; nothing of a run reaches
// the next one. Readers: any_reader.sv.
module read_port
  import sb_engine_pkg::*;
(
    input logic              clk_i,
    input logic              run_i,
    input logic [ 3:0]       req_valid_i,
    input logic [ 3:0][39:0] req_addr_i,
    input logic [ 3:0][ 7:0] req_len_i,
    input logic              arready_i,
    input logic [ 1:0]       rid_i,
    input logic [31:0]       rdata_i,
    input logic [ 1:0]       rresp_i,
    input logic              rvalid_i
);
  localparam int unsigned M = 4;
  logic started_q = 1'b0;
  always_ff @(posedge clk_i) started_q <= 1'b1;

  logic idle, error, beat, arvalid, rready;
  logic [3:0] ready, valid;
  logic [1:0] arid;
  logic [39:0] araddr;
  logic [7:0] arlen;
  logic [CmdBits-1:0] cmd_data;
  logic [M*8-1:0] par_data;
  logic [15:0] tab_data;
  logic [M*16-1:0] ld_data;
  logic [3:0][31:0] words;  // bursts of one beat and more
  always_comb for (int r = 0; r < 4; r++) words[r] = 32'(req_len_i[r]) + 1;
  // A request for a table has no length of its own.
  wire [31:0] beats_of_table = 32'(TableEntries);
  sb_axi_read #(
      .M(M),
      .DataBits(32)
  ) i_read (
      .clk_i,
      .rst_ni(started_q),
      .run_i,
      .idle_o(idle),
      .error_o(error),
      .progress_o(),
      .beat_o(beat),
      .param_beat_o(),
      .creq_valid_i(req_valid_i[0]),
      .creq_ready_o(ready[0]),
      .creq_addr_i(req_addr_i[0]),
      .creq_words_i(words[0]),
      .cmd_valid_o(valid[0]),
      .cmd_ready_i(1'b1),
      .cmd_o(cmd_data),
      .preq_valid_i(req_valid_i[1]),
      .preq_ready_o(ready[1]),
      .preq_addr_i(req_addr_i[1]),
      .preq_words_i(words[1]),
      .par_valid_o(valid[1]),
      .par_ready_i(1'b1),
      .par_data_o(par_data),
      .treq_valid_i(req_valid_i[2]),
      .treq_ready_o(ready[2]),
      .treq_addr_i(req_addr_i[2]),
      .tab_valid_o(valid[2]),
      .tab_ready_i(1'b1),
      .tab_data_o(tab_data),
      .lreq_valid_i(req_valid_i[3]),
      .lreq_ready_o(ready[3]),
      .lreq_addr_i(req_addr_i[3]),
      .lreq_words_i(words[3]),
      .ld_valid_o(valid[3]),
      .ld_ready_i(1'b1),
      .ld_data_o(ld_data),
      .m_axi_arid(arid),
      .m_axi_araddr(araddr),
      .m_axi_arlen(arlen),
      .m_axi_arvalid(arvalid),
      .m_axi_arready(arready_i),
      .m_axi_rid(rid_i),
      .m_axi_rdata(rdata_i),
      .m_axi_rresp(rresp_i),
      .m_axi_rvalid(rvalid_i),
      .m_axi_rready(rready)
  );

  // Beats that the bus owes: of bursts taken, and with the one that waits to be.
  logic [15:0] owed_q;
  wire ask = arvalid && arready_i;
  wire answer = rvalid_i && rready;
  logic run_q;
  wire run_again = run_i && !run_q;
  always_comb begin
    assume (!rvalid_i || owed_q != '0);
    // The bus is not in debt at a start (sb_run_control), nor with more than its counter holds.
    assume (!run_again || idle);
    assume (owed_q < 16'd1024);
  end
  wire [3:0] grant = req_valid_i & ready & {4{run_i}};

  // The burst that was granted last, until it is taken.
  logic due_q;
  logic [1:0] due_id_q;
  logic [39:0] due_addr_q;
  logic [7:0] due_len_q;
  // The beat that was answered last.
  logic [3:0] given_q;
  logic [31:0] data_q;
  logic failed_q;
  wire [8:0] due_beats = 9'(due_len_q) + 1'b1;
  always_ff @(posedge clk_i) begin
    run_q <= started_q && run_i;
    if (!started_q) {due_q, given_q, owed_q, failed_q} <= '0;
    else begin
      due_q <= grant != '0 || (due_q && !arready_i);
      for (int r = 0; r < 4; r++)
      if (grant[r]) begin
        due_id_q   <= 2'(r);
        due_addr_q <= req_addr_i[r];
        due_len_q  <= r == 2 ? 8'(beats_of_table - 1) : req_len_i[r];
      end
      owed_q <= owed_q + (ask ? 16'(arlen) + 16'd1 : '0) - 16'(answer);
      for (int r = 0; r < 4; r++) given_q[r] <= answer && run_i && rid_i == 2'(r);
      data_q   <= rdata_i;
      failed_q <= answer && run_i && rresp_i[1];
      a_one : assert ((grant & (grant - 1'b1)) == '0 && (grant == '0 || !due_q || arready_i));
      a_ask :
      assert (arvalid == due_q && (!due_q || (arid == due_id_q && araddr == due_addr_q &&
          arlen == due_len_q)));
      a_taken : assert (rready);
      a_given : assert (valid == given_q && beat == (given_q != '0) && error == failed_q);
      a_data :
      assert ((!valid[0] || cmd_data == CmdBits'(data_q)) &&
          (!valid[1] || par_data == data_q) && (!valid[2] || tab_data == data_q[15:0]) &&
          (!valid[3] || ld_data == 64'(data_q)));
      a_owed : assert (16'(i_read.owed_q) == owed_q + (due_q ? 16'(due_beats) : '0));
      a_idle : assert (idle == (owed_q == '0 && !due_q));
    end
  end
endmodule
