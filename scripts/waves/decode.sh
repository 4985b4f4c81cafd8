#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A waveform of the encoder engine as text, a line per event: the cycle, which command begins to
# feed the array (with --listing's file by its name), what becomes of the cycles (why_e), states of
# the run and of the command check by their names.
# usage: decode.sh RUN.fst [LISTING]
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"
[ $# -ge 1 ] && [ $# -le 2 ] || die "usage: decode.sh RUN.fst [LISTING]"
for file; do [ -r "$file" ] || die "$file: cannot be read"; done
root=$(cd -P -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
# Names of the values of an enum: enum FILE TYPE, "value name" a line.
enum() {
  awk -v type="$2" '
    /typedef enum/ { n = 0; text = ""; on = 1 }
    on { sub(/\/\/.*/, ""); text = text $0 }
    on && /}/ { on = 0
      if ($0 !~ "} " type ";") next
      sub(/.*{/, "", text); sub(/}.*/, "", text)
      count = split(text, parts, ",")
      for (i = 1; i <= count; ++i) {
        gsub(/[ \t]|=.*/, "", parts[i])
        print i - 1, parts[i]
      } }' "$root/$1"
}
fst2vcd -f "$1" 2> /dev/null | awk -v listing="${2:-}" \
  -v why="$(enum rtl/pkg/sb_engine_pkg.sv why_e)" \
  -v run="$(enum rtl/engine/sb_run_control.sv state_e)" \
  -v check="$(enum rtl/engine/sb_cmd_check.sv state_e)" '
  function names(text, kind,   lines, n, i, pair) {
    n = split(text, lines, "\n")
    for (i = 1; i <= n; ++i) { split(lines[i], pair, " "); name[kind, pair[1]] = pair[2] }
  }
  function number(bits,   i, n) {
    for (i = 1; i <= length(bits); ++i) n = 2 * n + (substr(bits, i, 1) == "1")
    return n + 0
  }
  function say(what) { printf "%10d  %s\n", time / 2, what; ++events }
  BEGIN {
    names(why, "why"); names(run, "run"); names(check, "check")
    while (listing != "" && (getline line < listing) > 0) {
      split(line, words, " "); command[words[1] + 0] = line
    }
  }
  $1 == "$scope" { path[++depth] = $3 }
  $1 == "$upscope" { --depth }
  $1 == "$var" {
    where = path[depth] "." $5
    if (where ~ /\.view_issue_index_o$/ && !("index" in seen)) { id[$4] = "index"; seen["index"] }
    if (where ~ /\.view_issue_o$/ && !("issue" in seen)) { id[$4] = "issue"; seen["issue"] }
    if (where ~ /\.view_why_o$/ && !("why" in seen)) { id[$4] = "why"; seen["why"] }
    if (where == "i_control.state_q") id[$4] = "run"
    if (where == "i_check.state_q") id[$4] = "check"
  }
  /^#/ { flush_time(); time = substr($1, 2) }
  /^[01]/ { now[id[substr($1, 2)]] = substr($1, 1, 1); changed = 1 }
  /^b/ { now[id[$2]] = number(substr($1, 2)); changed = 1 }
  function flush_time() {
    if (!changed) return
    changed = 0
    if (now["why"] != last["why"])
      say(now["why"] == 15 ? "no run" : name["why", now["why"]])
    if (now["issue"] == 1 && now["index"] != last["command"]) {
      say("feeds command " now["index"] \
        (now["index"] in command ? ": " command[now["index"]] : ""))
      last["command"] = now["index"]
    }
    if ("run" in now && now["run"] != last["run"]) say("run " name["run", now["run"]])
    if ("check" in now && now["check"] != last["check"])
      say("command check " name["check", now["check"]])
    last["why"] = now["why"]; last["run"] = now["run"]; last["check"] = now["check"]
  }
  END { flush_time(); if (!events) { print "error: no engine in it" > "/dev/stderr"; exit 2 } }'
