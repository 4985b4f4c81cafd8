# SPDX-License-Identifier: Apache-2.0
# Input: lines of a page's figures, "path TAB scale TAB text" with path a JSON array. What differs
# from $figures, a line each: the text, less its commas and unit, must be the number at the path,
# rounded to as many digits as the text has.
split("\n") | map(select(. != "")) | if length == 0 then "no figures" else .[]
  | split("\t") as [$path, $scale, $text]
  | ($figures | getpath($path | fromjson)) as $value
  | ($text | gsub("[^0-9.-]"; "")) as $digits
  | (if $digits | contains(".") then $digits | split(".")[1] | length else 0 end) as $places
  | select(($value | type) != "number"
      or (($digits | tonumber) - $value * ($scale | tonumber) | fabs) > 0.5001 / pow(10; $places))
  | "\($path): \($text) is not \($value)"
end
