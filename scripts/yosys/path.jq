# SPDX-License-Identifier: Apache-2.0
# From nextpnr's reports of all placements: the worst path of the best one, from cell to cell as
# nextpnr names them, its LUTs and carry cells, and how much of it is routing.
def name: .cell | ltrimstr("i_top.");
def ns: . * 100 | round / 100;
max_by([.fmax[].achieved] | min)
| [.critical_paths[] | select(.from == .to) | .path] | max_by(map(.delay) | add)
| (map(.delay) | add | ns) as $all
| (map(select(.type == "routing").delay) | add | ns) as $routing
| (map(select(.type == "logic")) | length) as $cells
| "\(.[0].from | name) -> \(.[-1].to | name): \($all) ns, \($routing) of them routing, "
  + "\($cells) cells between"
