# SPDX-License-Identifier: Apache-2.0
# Our figures (figures.jq) as a table, one line per module, the whole at the end; then figures per
# multiplier where the top has a parameter M and holds the array. Tab-separated: `column -t` aligns
# it.
def number: if . == floor then tostring else (. * 100 | round / 100 | tostring) end;
def line($name; $count):
  [$name, $count, .lut, .ff, .dsp, .bram, .uram, .carry]
  | map(if type == "number" then number else . end) | @tsv;
"\(.top) \(.target) \(.parameters | to_entries | map("\(.key)=\(.value)") | join(" "))",
(["module", "instances", "LUT", "FF", "DSP", "BRAM18", "URAM", "CARRY"] | @tsv),
(.modules | to_entries | sort_by(-.value.lut)[] | .key as $name | .value | line($name; .instances)),
(.figures | line("total"; 1)),
(if .figures.other > 0 then "cells that are counted nowhere: \(.figures.other)" else empty end),
(if .multipliers
  then .multipliers as $n | .figures | map_values(. / $n) | line("per multiplier"; $n)
  else empty end),
(if .levels then "logic levels: \(.levels)" else empty end),
(if .fmax
  then "Fmax: \(.fmax) MHz, the best of \(.fmax_of_seeds | map(tostring) | join(", "))",
    "worst path: \(.path)"
  else empty end)
