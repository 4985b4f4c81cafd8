# SPDX-License-Identifier: Apache-2.0
# Longest path in logic levels of the cells that levels.jq lists. A cell is a level; carry cells of
# eight bits in a row are one, as a CARRY8 is.
{
  kind[NR] = $1
  carry[NR] = $2
  for (i = 3; $i != "<"; i++) driver[$i] = NR
  while (++i <= NF) inputs[NR] = inputs[NR] " " $i
}
# Position of a carry cell in its chain, in pieces of eight bits; remembers it.
function place(cell,    before) {
  if (!(cell in position)) {
    before = carry[cell] in driver ? driver[carry[cell]] : 0
    position[cell] = kind[before] == kind[cell] ? place(before) + 1 : 0
  }
  return position[cell]
}
function starts(cell) {  # 1: the cell begins another eight bits
  return place(cell) % (kind[cell] == "CARRY4" ? 2 : 4) == 0
}
function level(cell,    bits, n, i, most, at) {
  if (cell in levels) return levels[cell]
  levels[cell] = 0  # a loop, which a design has not, would end here
  n = split(inputs[cell], bits, " ")
  for (i = 1; i <= n; i++) {
    at = bits[i] in driver ? level(driver[bits[i]]) : 0
    if (at > most) most = at
  }
  most++
  if (carry[cell] in driver) {
    at = level(driver[carry[cell]]) + starts(cell)
    if (at > most) most = at
  }
  return levels[cell] = most
}
END {
  for (c = 1; c <= NR; c++) if (level(c) > longest) longest = level(c)
  print longest + 0
}
