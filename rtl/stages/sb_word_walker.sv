// SPDX-License-Identifier: Apache-2.0
// Walks the words of a (block, row) matrix as the array wants them, so that a memory can be read or
// written at address_o: for pass: for block: for row. address = block * rows + row.
//
//   start_i --> sizes     release_i --> rows that may be walked      next_i --> next word
//
// With Gated, a row may be walked once it was released: one pulse of release_i per row, in their
// order (its maximum, its constants are there). That holds back the first block of the first pass;
// all later words of a released row are free. Releases count from start_i on.
//
// Contract: start_i takes the sizes and starts at the first word, whatever was under way; valid_o
// says that the word of row_o, block_o and address_o may be taken, next_i takes it; after the last
// word of the last pass valid_o stays low. Outputs depend on registers alone; all but valid_o are
// anything before the first start_i. One word per cycle.
module sb_word_walker #(
    parameter int unsigned Bits  = 16,  // of a size and of the address
    parameter bit          Gated = 1    // rows wait for release_i; 0: it is not looked at
) (
    input  logic            clk_i,
    input  logic            rst_ni,        // synchronous, active low
    input  logic            start_i,
    input  logic [Bits-1:0] rows_i,        // 1 or more, as the other two; taken with start_i
    input  logic [Bits-1:0] blocks_i,
    input  logic [Bits-1:0] passes_i,
    input  logic            release_i,
    input  logic            next_i,        // only while valid_o
    output logic            valid_o,
    output logic [Bits-1:0] row_o,
    output logic [Bits-1:0] block_o,
    output logic [Bits-1:0] address_o,
    output logic            first_o,       // in the first block of its row
    output logic            last_o,        // in the last one
    output logic            pass_first_o,
    output logic            pass_last_o
);
  logic row_last;
  wire  block_done = next_i && row_last;
  wire  pass_done = block_done && last_o;
  sb_loop_counter #(
      .Bits(Bits)
  ) i_row (
      .clk_i,
      .load_i(start_i),
      .total_i(rows_i),
      .step_i(start_i || next_i),
      .first_o(),
      .last_o(row_last)
  );
  sb_loop_counter #(
      .Bits(Bits)
  ) i_block (
      .clk_i,
      .load_i(start_i),
      .total_i(blocks_i),
      .step_i(start_i || block_done),
      .first_o,
      .last_o
  );
  sb_loop_counter #(
      .Bits(Bits)
  ) i_pass (
      .clk_i,
      .load_i(start_i),
      .total_i(passes_i),
      .step_i(start_i || pass_done),
      .first_o(pass_first_o),
      .last_o(pass_last_o)
  );

  logic busy_q;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) busy_q <= 1'b0;
    else if (start_i) busy_q <= 1'b1;
    else if (pass_done && pass_last_o) busy_q <= 1'b0;
    if (start_i || block_done) row_o <= '0;
    else if (next_i) row_o <= row_o + 1'b1;
    if (start_i || pass_done) {block_o, address_o} <= '0;
    else if (next_i) begin
      block_o   <= block_o + Bits'(row_last);
      address_o <= address_o + 1'b1;
    end
  end

  if (Gated) begin : gen_gated
    logic [Bits-1:0] free_q;  // rows released and not yet walked
    logic some_q;  // it is not 0
    wire take = next_i && first_o && pass_first_o;
    always_ff @(posedge clk_i) begin
      if (!rst_ni || start_i) begin
        free_q <= '0;
        some_q <= 1'b0;
      end else if (release_i != take) begin
        free_q <= take ? free_q - 1'b1 : free_q + 1'b1;
        some_q <= release_i || free_q != Bits'(1);
      end
    end
    assign valid_o = busy_q && (some_q || !first_o || !pass_first_o);
  end else begin : gen_free
    assign valid_o = busy_q;
  end
endmodule
