#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the scripts say when they cannot go on: one line each.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/../../scripts/lib.sh"
root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "FAILED: $1:"; cat "$work/out"; exit 1; }

# 1. Ctrl-C during the build: one line, exit status 130, nothing from the tools.
mkdir "$work/bin"
cat > "$work/bin/cmake" <<'END'
#!/usr/bin/env bash
trap 'echo "warning: of a tool" >&2; exit 1' INT
touch "$0.started"
for _ in $(seq 100); do sleep 0.1; done
END
chmod +x "$work/bin/cmake"
cat > "$work/build.sh" <<END
set -euo pipefail
. "$root/scripts/lib.sh"
sb_paths
SB_ROOT=$work
PATH=$work/bin:\$PATH
sb_build something
END
set -m  # a process group of its own, as in a terminal
bash "$work/build.sh" > "$work/out" 2>&1 &
group=$!
set +m
until [ -e "$work/bin/cmake.started" ]; do sleep 0.1; done
kill -INT -- "-$group"
status=0
wait "$group" || status=$?
[ "$status" = 130 ] || fail "Ctrl-C ends with status $status"
[ "$(cat "$work/out")" = "== interrupted" ] || fail "Ctrl-C says more than one line"

# 2. A cache that cannot be written names SB_CACHE (/proc: not even for root).
refused() {  # refused TEXT VARIABLE=VALUE...
  local text=$1
  shift
  status=0
  env "$@" "$root/scripts/${script:-setup.sh}" > "$work/out" 2>&1 || status=$?
  [ "$status" = 2 ] || fail "$* ends with status $status"
  [ "$(wc -l < "$work/out")" = 1 ] && grep -q "$text" "$work/out" ||
    fail "$* is not one line: $text"
}
refused 'error: cannot write to /proc/none/.cache/systolic-bert: set SB_CACHE' \
  -u SB_CACHE -u XDG_CACHE_HOME HOME=/proc/none
refused 'error: cannot write to /proc/none: set SB_CACHE' SB_CACHE=/proc/none
# The same of a program that there is not.
script=bertsim refused "error: SB_ENGINE 'm16': m32 or m64" SB_ENGINE=m16

# 3. Without HOME the tools go below the checkout, and the script says so.
mkdir -p "$work/checkout"
cp -r "$root/scripts" "$work/checkout"
env -u HOME -u SB_CACHE -u XDG_CACHE_HOME bash -c '. "$0/scripts/lib.sh"; sb_paths; sb_make_cache' \
  "$work/checkout" > "$work/out" 2>&1 || fail "without HOME"
grep -q "^== tools and model go to $work/checkout/build/.cache/systolic-bert, 0.6 GB" "$work/out" ||
  fail "without HOME"

# 4. A test that needs the tools of SB_FOREIGN is skipped without them; where it is set, it fails.
foreign() {  # foreign STATUS TEXT VARIABLE...
  local wanted=$1 text=$2
  shift 2
  status=0
  env "$@" "SB_CACHE=$work/none" \
    bash -c '. "$0/scripts/lib.sh"; sb_paths; sb_need_foreign' "$root" > "$work/out" 2>&1 ||
    status=$?
  [ "$status" = "$wanted" ] && grep -q "$text" "$work/out" || fail "$*: no tools, status $status"
}
foreign 77 "^skipped: " -u SB_FOREIGN
foreign 2 "^error: SB_FOREIGN is set" SB_FOREIGN=1
echo passed
