# From nextpnr's reports of all placements: the worst path of the best one, from cell to cell as nextpnr names them, its
# LUTs and carry cells, and how much of it is routing.
def name: .cell | ltrimstr("i_top.");
max_by([.fmax[].achieved] | min)
| [.critical_paths[] | select(.from == .to) | .path] | max_by(map(.delay) | add)
| (map(.delay) | add) as $all | (map(select(.type == "routing").delay) | add) as $routing
| "\(.[0].from | name) -> \(.[-1].to | name): \($all * 100 | round / 100) ns, \($routing * 100 | round / 100) of them routing, \(map(select(.type == "logic")) | length) cells between"
