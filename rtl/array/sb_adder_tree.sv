// Pipelined adder tree: the exact sum of `Leaves` signed numbers.
//
// Latency log2(Leaves) cycles (0 for one leaf), one sum per cycle, no reset. The tree is stored as a heap: node i
// adds nodes 2i and 2i + 1, and the leaves are nodes Leaves .. 2 * Leaves - 1.
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
  if (Width < 1) begin : gen_illegal_width
    $fatal(1, "sb_adder_tree: Width = %0d, must be at least 1", Width);
  end
  if ((Leaves & (Leaves - 1)) != 0) begin : gen_illegal
    $fatal(1, "sb_adder_tree: Leaves = %0d, must be a power of two", Leaves);
  end

  if (Leaves == 1) begin : gen_wire
    assign sum_o = leaf_i[0];
  end else if (Leaves == 2) begin : gen_pair
    always_ff @(posedge clk_i) sum_o <= SumBits'(leaf_i[0]) + SumBits'(leaf_i[1]);
  end else begin : gen_tree
    // Private to the process below, so updated in place, parents before children (see sb_array).
    logic signed [SumBits-1:0] node_q[Leaves];
    always_ff @(posedge clk_i) begin
      sum_o <= node_q[2] + node_q[3];
      for (int unsigned i = 2; i < Leaves / 2; i++) node_q[i] = node_q[2*i] + node_q[2*i+1];
      for (int unsigned i = 0; i < Leaves / 2; i++) begin
        node_q[Leaves/2+i] = SumBits'(leaf_i[2*i]) + SumBits'(leaf_i[2*i+1]);
      end
    end
  end
endmodule
