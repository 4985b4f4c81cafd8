#!/usr/bin/env bash
# Proves a checker: it must fail, and say TEXT. usage: refuses.sh TEXT CHECKER [ARGUMENT...]
set -euo pipefail
text=$1
shift
if output=$("$@" 2>&1); then
  echo "not refused: $*"
  exit 1
fi
grep -qF -- "$text" <<< "$output" || { printf '%s\n' "refused, but without \"$text\":" "$output"; exit 1; }
