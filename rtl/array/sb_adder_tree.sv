// SPDX-License-Identifier: Apache-2.0
// Pipelined adder tree: the exact sum of `Leaves` signed numbers.
//
// Latency log2(Leaves) cycles (0 for one leaf), one sum per cycle, no reset. The tree is stored as
// a heap: node i adds nodes 2i and 2i + 1, and the leaves are nodes Leaves .. 2 * Leaves - 1.
//
//        1            root
//      2   3
//     4 5 6 7         leaves, for Leaves = 4
module sb_adder_tree #(
    parameter int unsigned Leaves = 4,  // a power of two, 1 or more
    parameter int unsigned Width = 18,  // bits of a leaf; the sum has $clog2(Leaves) more
    localparam int unsigned SumBits = Width + $clog2(Leaves)
) (
    input  logic                      clk_i,
    input  logic signed [  Width-1:0] leaf_i[Leaves],
    output logic signed [SumBits-1:0] sum_o
);
  if ((Leaves & (Leaves - 1)) != 0) begin : gen_illegal
    $fatal(1, "sb_adder_tree: Leaves = %0d, must be a power of two", Leaves);
  end

  if (Leaves == 1) begin : gen_wire
    assign sum_o = leaf_i[0];
  end else begin : gen_tree
    logic signed [SumBits-1:0] node_q[1:Leaves-1];
    always_ff @(posedge clk_i) begin
      automatic logic signed [SumBits-1:0] node_d[1:Leaves-1];
      for (int unsigned i = 1; i < Leaves / 2; i++) node_d[i] = node_q[2*i] + node_q[2*i+1];
      for (int unsigned i = 0; i < Leaves / 2; i++) begin
        node_d[Leaves/2+i] = SumBits'(leaf_i[2*i]) + SumBits'(leaf_i[2*i+1]);
      end
      node_q <= node_d;
    end
    assign sum_o = node_q[1];
  end
endmodule
