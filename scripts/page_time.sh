#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Opens a page (of bertsim --report) in headless chromium and prints its size and how long it took
# until it was ready (DOMContentLoaded, its scripts run), three times.
# usage: page_time.sh PAGE
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
[ $# = 1 ] || die "usage: page_time.sh PAGE"
[ -f "$1" ] || die "$1: no such file"
command -v chromium > /dev/null || die "no chromium: SB_BROWSER=1 scripts/setup.sh installs it"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat "$1" - > "$work/page.html" <<'END_OF_PROBE'
<script>
addEventListener("DOMContentLoaded", () => {
  const out = document.createElement("pre");
  out.id = "ready";
  out.textContent = Math.round(performance.now());
  document.body.append(out);
});
</script>
END_OF_PROBE
for _ in 1 2 3; do
  timeout 60 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$work/profile" \
    --dump-dom "file://$work/page.html" > "$work/dom" 2> "$work/log" ||
    die "chromium: $(tail -1 "$work/log")"
  ms=$(sed -n 's|.*<pre id="ready">\([0-9]*\)</pre>.*|\1|p' "$work/dom")
  [ -n "$ms" ] || die "$1: never ready"
  echo "$(wc -c < "$1") bytes, ready after $ms ms"
done
