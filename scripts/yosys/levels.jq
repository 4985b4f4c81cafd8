# SPDX-License-Identifier: Apache-2.0
# Of a flattened netlist the cells between registers, for levels.awk: type, carry that comes in or
# "-", outputs, "<", inputs. Argument: top.
.modules[$top].cells[]
| select(.type | test("^(LUT[1-6]|INV|MUXF[789]|CARRY4|CCU2C|PFUMX|L6MUX21)$"))
| .port_directions as $way
| (.connections.CI // .connections.CIN // ["-"])[0] as $carry
| [.connections | to_entries[] | select(.key != "CI" and .key != "CIN")] as $ports
| [.type, $carry] + [$ports[] | select($way[.key] == "output").value[]] + ["<"]
  + [$ports[] | select($way[.key] == "input").value[]]
| join(" ")
