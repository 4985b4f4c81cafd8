// SPDX-License-Identifier: Apache-2.0
// The read master, readers behind their common port. Stands in for sb_axi_read_client: each request
// is a burst, a beat is a word. So requests, which come freely, are whatever a reader may ask for.
module sb_axi_read_client #(
    parameter int unsigned WordBytes = 16,
    parameter int unsigned DataBytes = 16,
    parameter int unsigned AddrBits = 40,
    parameter int unsigned Depth = 512,
    parameter int unsigned Burst = 32,
    parameter int unsigned Requests = 8
) (
    input  logic                   clk_i,
    input  logic                   rst_ni,
    input  logic                   req_valid_i,
    output logic                   req_ready_o,
    input  logic [           39:0] req_addr_i,
    input  logic [           31:0] req_words_i,
    output logic                   ar_valid_o,
    input  logic                   ar_ready_i,
    output logic [           39:0] ar_addr_o,
    output logic [            8:0] ar_beats_o,
    output logic                   bad_o,
    input  logic                   r_valid_i,
    input  logic [DataBytes*8-1:0] r_data_i,
    output logic                   word_valid_o,
    input  logic                   word_ready_i,
    output logic [WordBytes*8-1:0] word_data_o
);
  assign req_ready_o = ar_ready_i;
  assign ar_valid_o = req_valid_i && rst_ni;
  assign ar_addr_o = req_addr_i;
  assign ar_beats_o = req_words_i[8:0];
  assign bad_o = 1'b0;
  assign word_valid_o = r_valid_i;
  assign word_data_o = (WordBytes * 8)'(r_data_i);
endmodule
