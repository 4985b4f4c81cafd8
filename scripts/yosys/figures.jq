# SPDX-License-Identifier: Apache-2.0
# From Yosys's `stat -json` to our figures: {lut, ff, dsp, bram, carry, ...} of the whole design and
# of each module. A LUT is counted as the device counts it: shift registers and distributed memories
# take the LUTs they are made of, a CCU2C is two LUTs, an inverter that the tool left over is one.
# Arguments: top, target, parameters (an object).
def weight:
  if test("^(LUT[1-6]|INV|LUT4|SRL16E|SRLC32E|RAM32X1S|RAM64X1S)$") then {lut: 1}
  elif test("^(RAM32X1D|RAM64X1D|RAM128X1S|CCU2C)$") then {lut: 2}
  elif test("^(RAM32M|RAM64M|RAM128X1D|RAM256X1S)$") then {lut: 4}
  elif . == "TRELLIS_DPR16X4" then {lut: 6}
  elif test("^(RAM32M16|RAM64M8|RAM64X8SW|RAM32X16DR8|RAM256X1D|RAM512X1S)$") then {lut: 8}
  elif test("^FD[RSPC]E(_1)?$|^TRELLIS_FF$") then {ff: 1}
  elif test("^(DSP48E1|DSP48E2|MULT18X18D)$") then {dsp: 1}
  elif test("^(RAMB18E[12]|DP16KD)$") then {bram: 1}
  elif test("^RAMB36E[12]$") then {bram: 2}
  elif test("^URAM288") then {uram: 1}
  elif test("^CARRY[48]$") then {carry: 1}
  elif test("^(MUXF[789]|PFUMX|L6MUX21|BUFG|IBUF|OBUF|VCC|GND|VLO|VHI)$") then {}
  else {other: 1} end;
def empty_figures: {lut: 0, ff: 0, dsp: 0, bram: 0, uram: 0, carry: 0, other: 0};
# Figures of a table {cell type: count}; types that are modules of the design count nothing here.
def figures($modules):
  reduce (to_entries[] | select(.key as $type | $modules | index("\\" + $type) | not)) as $cell (
    empty_figures;
    reduce ($cell.key | weight | to_entries[]) as $part (
      .; .[$part.key] += $part.value * $cell.value));
def plus($other): with_entries(.value += $other[.key]);

. as $stat
| ($stat.modules | keys) as $names
# How often each module occurs, from the top downwards.
| def local($name): $stat.modules[$name].num_cells_by_type;
  def occurrences($name; $times):
    {name: $name, times: $times},
    (local($name) | to_entries[] | select(.key as $type | $names | index("\\" + $type))
     | occurrences("\\" + .key; $times * .value));
  [$names[] | select(ltrimstr("\\") | . == $top or startswith($top + "$"))][0] as $root
| [occurrences($root; 1)]
| map(. + {module: (.name | ltrimstr("\\") | split("$")[0]),
           figures: (local(.name) | figures($names))})
| map(.times as $t | .figures |= map_values(. * $t))
| {
    top: $top, target: $target, parameters: $parameters,
    figures: (reduce .[] as $one (empty_figures; plus($one.figures))),
    modules: (group_by(.module) | map({
      key: .[0].module,
      value: ({instances: (map(.times) | add)}
              + reduce .[] as $one (empty_figures; plus($one.figures)))
    }) | from_entries)
  }
