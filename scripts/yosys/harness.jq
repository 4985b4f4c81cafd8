# SPDX-License-Identifier: Apache-2.0
# A Verilog wrapper around one module (input: `write_json` of Yosys; argument: top) for place and
# route out of context: all inputs come from one shift register and all outputs are folded into
# another, so the wrapper has three pins and no path to or from a pin counts.
(.modules[$top].ports | to_entries) as $ports
| ($ports | map(select(.key != "clk_i" and .value.direction == "input"))) as $in
| ($ports | map(select(.value.direction == "output"))) as $out
| def width: map(.value.bits | length) | add // 0;
  def slices($vector): reduce .[] as $port ({at: 0, text: []};
      ($port.value.bits | length) as $n
      | .text += ["    .\\\($port.key) (\($vector)[\(.at + $n - 1):\(.at)])"] | .at += $n) | .text;
"module sb_harness(input clk_i, input serial_i, output reg serial_o);",
"  reg [\(($in | width) - 1):0] in_q;",
"  wire [\(($out | width) - 1):0] out;",
"  reg [\(($out | width) - 1):0] out_q, fold_q;",
"  always @(posedge clk_i) begin",
"    in_q <= {in_q, serial_i};",
"    out_q <= out;",
"    fold_q <= {fold_q, 1'b0} ^ out_q;",
"    serial_o <= fold_q[\(($out | width) - 1)];",
"  end",
"  \\\($top) i_top (",
([if any($ports[]; .key == "clk_i") then "    .clk_i(clk_i)" else empty end]
  + ($in | slices("in_q")) + ($out | slices("out")) | join(",\n")),
"  );",
"endmodule"
