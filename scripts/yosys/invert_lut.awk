# SPDX-License-Identifier: Apache-2.0
# A fault for tests: awk -v nth=N -f invert_lut.awk NETLIST prints the netlist with the contents of
# its N-th LUT inverted.
/^  LUT[2-6] #\(/ { lut += 1; hit = lut == nth }
hit && /\.INIT\(/ {
  match($0, /[0-9]+'[hd]/)
  at = RSTART + RLENGTH
  end = index($0, ")")
  value = substr($0, at, end - at)
  if (substr($0, at - 1, 1) == "d") {  # Yosys writes 32 bits so
    inverted = sprintf("%.0f", 4294967295 - value)
  } else {
    inverted = ""
    for (i = 1; i <= length(value); i++) {
      place = index("0123456789abcdef", substr(value, i, 1))
      inverted = inverted substr("fedcba9876543210", place, 1)
    }
  }
  $0 = substr($0, 1, at - 1) inverted substr($0, end)
  hit = 0
  done = 1
}
{ print }
END { if (!done) { print "no LUT number " nth > "/dev/stderr"; exit 1 } }
