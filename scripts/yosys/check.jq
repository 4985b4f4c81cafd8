# SPDX-License-Identifier: Apache-2.0
# Compares figures with the bars (argument bars: the text of bars.txt). NAME=FIGURE: what was
# measured, with 5 % to spare; NAME<=BAR, NAME>=BAR: without. One line per bar: OK or OVER, then
# the numbers. Fails if no line of the bars has this top, target and parameters, or at another text.
. as $it
| ($it.parameters | to_entries | map("\(.key)=\(.value)") | sort | join(",")
   | if . == "" then "-" else . end) as $parameters
| [$bars | split("\n")[] | select(test("^[a-z]")) | [splits(" +")]
   | select(.[0] == $it.top and .[1] == $it.target
            and (.[2] | split(",") | sort | join(",")) == $parameters)] as $lines
| if ($lines | length) == 0
  then error("\($it.top) \($it.target) \($parameters): no line in bars.txt") else . end
| $lines[][3:][] as $text
| ([$text | capture("^(?<name>[a-z]+)(?<is>[<>]?=)(?<bar>[0-9.]+)$")][0]
   // error("\($text): not a bar"))
| (.bar | tonumber) as $bar
| (if .name == "fmax" or .name == "levels" then $it[.name] else $it.figures[.name] end) as $value
| if $value == null then empty
  elif (if .is == ">=" then $value < $bar
        elif .is == "<=" then $value > $bar
        elif .name == "fmax" then $value < $bar * 0.95
        else $value > $bar * 1.05 end)
  then "OVER \(.name): \($value), bar \($bar)"
  else "OK   \(.name): \($value), bar \($bar)" end
