// SPDX-License-Identifier: Apache-2.0
// Rules of AXI4 at the port of a master, as assertions: to be bound to the port in simulations and
// proofs. It has no outputs.
//
// Of the master: addresses and data wait unchanged, nothing is offered after a reset; bursts INCR
// of whole, aligned beats, at most MaxBurst of them and inside 4096 bytes; the last beat of a write
// is marked and no other, no data comes before its address is offered; all writes have ID 0. Of the
// bus (names Bus...): answers come for what is outstanding alone, after all data; what waits is
// stable.
`include "sb_assert.svh"

module sb_axi_rules #(
    parameter int unsigned AddrBits = 40,
    parameter int unsigned DataBits = 128,
    parameter int unsigned IdBits   = 2,
    parameter int unsigned MaxBurst = 256   // beats
) (
    input logic                  clk_i,
    input logic                  rst_ni,
    input logic [    IdBits-1:0] awid_i,
    input logic [  AddrBits-1:0] awaddr_i,
    input logic [           7:0] awlen_i,
    input logic [           2:0] awsize_i,
    input logic [           1:0] awburst_i,
    input logic                  awvalid_i,
    input logic                  awready_i,
    input logic [  DataBits-1:0] wdata_i,
    input logic [DataBits/8-1:0] wstrb_i,
    input logic                  wlast_i,
    input logic                  wvalid_i,
    input logic                  wready_i,
    input logic [    IdBits-1:0] bid_i,
    input logic [           1:0] bresp_i,
    input logic                  bvalid_i,
    input logic                  bready_i,
    input logic [    IdBits-1:0] arid_i,
    input logic [  AddrBits-1:0] araddr_i,
    input logic [           7:0] arlen_i,
    input logic [           2:0] arsize_i,
    input logic [           1:0] arburst_i,
    input logic                  arvalid_i,
    input logic                  arready_i,
    input logic [    IdBits-1:0] rid_i,
    input logic [  DataBits-1:0] rdata_i,
    input logic [           1:0] rresp_i,
    input logic                  rlast_i,
    input logic                  rvalid_i,
    input logic                  rready_i
);
  localparam int unsigned BeatShift = $clog2(DataBits / 8);

  // Bytes from the start of a block of 4096 to the end of a burst.
  function automatic logic [20:0] burst_end(logic [11:0] addr, logic [7:0] len);
    return 21'(addr) + ((21'(len) + 1'b1) << BeatShift);
  endfunction
  wire aligned_ar = araddr_i[BeatShift-1:0] == '0;
  wire aligned_aw = awaddr_i[BeatShift-1:0] == '0;
  `SB_ASSERT(ArWhole_A,
             !arvalid_i || (arburst_i == 2'b01 && arsize_i == 3'(BeatShift) && aligned_ar))
  `SB_ASSERT(AwWhole_A,
             !awvalid_i || (awburst_i == 2'b01 && awsize_i == 3'(BeatShift) && aligned_aw))
  `SB_ASSERT(ArInBlock_A, !arvalid_i || burst_end(araddr_i[11:0], arlen_i) <= 21'd4096)
  `SB_ASSERT(AwInBlock_A, !awvalid_i || burst_end(awaddr_i[11:0], awlen_i) <= 21'd4096)
  `SB_ASSERT(ArLength_A, !arvalid_i || 32'(arlen_i) < MaxBurst)
  `SB_ASSERT(AwLength_A, !awvalid_i || 32'(awlen_i) < MaxBurst)
  `SB_ASSERT(AwId_A, !awvalid_i || awid_i == '0)
  `SB_ASSERT_STABLE(ArStable_A, arvalid_i, arready_i, {arid_i, araddr_i, arlen_i, arsize_i,
                                                       arburst_i})
  `SB_ASSERT_STABLE(AwStable_A, awvalid_i, awready_i, {awid_i, awaddr_i, awlen_i, awsize_i,
                                                       awburst_i})
  `SB_ASSERT_STABLE(WStable_A, wvalid_i, wready_i, {wdata_i, wstrb_i, wlast_i})
  `SB_ASSERT_STABLE(BusRStable_A, rvalid_i, rready_i, {rid_i, rdata_i, rresp_i, rlast_i})
  `SB_ASSERT_STABLE(BusBStable_A, bvalid_i, bready_i, {bid_i, bresp_i})

  // Bursts so far, by number: addresses taken, last data taken, answered.
  logic [7:0] aw_q, w_q, b_q, beat_q;
  logic [7:0] lengths[256];
  wire aw_take = awvalid_i && awready_i;
  wire w_take = wvalid_i && wready_i;
  wire [7:0] length = w_q == aw_q ? awlen_i : lengths[w_q];
  // Beats that each ID is owed.
  logic [(1<<IdBits)-1:0][15:0] owed_q;
  logic was_reset_q;
  always_ff @(posedge clk_i) begin
    was_reset_q <= !rst_ni;
    if (!rst_ni) begin
      aw_q <= '0;
      w_q <= '0;
      b_q <= '0;
      beat_q <= '0;
      owed_q <= '0;
    end else begin
      if (aw_take) aw_q <= aw_q + 1'b1;
      if (w_take) beat_q <= wlast_i ? '0 : beat_q + 1'b1;
      if (w_take && wlast_i) w_q <= w_q + 1'b1;
      if (bvalid_i && bready_i) b_q <= b_q + 1'b1;
      for (int unsigned i = 0; i < 1 << IdBits; i++)
      owed_q[i] <= owed_q[i] +
            (arvalid_i && arready_i && 32'(arid_i) == i ? 16'(arlen_i) + 16'd1 : 16'd0) -
            16'(rvalid_i && rready_i && 32'(rid_i) == i);
    end
    if (aw_take) lengths[aw_q] <= awlen_i;
  end
  `SB_ASSERT(WAfterAddress_A, !wvalid_i || w_q != aw_q || awvalid_i)
  `SB_ASSERT(WLast_A, !wvalid_i || wlast_i == (beat_q == length))
  `SB_ASSERT(BusBOwed_A, !bvalid_i || (bid_i == '0 && b_q != aw_q && b_q != w_q))
  `SB_ASSERT(BusROwed_A, !rvalid_i || owed_q[rid_i] != '0)
  `SB_ASSERT(QuietAfterReset_A, !was_reset_q || !(arvalid_i || awvalid_i || wvalid_i))
endmodule
