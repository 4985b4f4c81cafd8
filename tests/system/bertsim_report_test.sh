#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# --timeline and --report of a run. Without a second argument: the timeline keeps the rules of its
# format, the page needs no other file and holds the figures of --json. With "browser": the page in
# Debian's chromium, headless: no error, every figure that it shows is that of the JSON, keys and
# pointer tell what they should; 77 (skipped) without chromium (SB_BROWSER=1 scripts/setup.sh).
# usage: bertsim_report_test.sh BERTSIM [browser]
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
if [ "${2:-}" = browser ] && ! command -v chromium > /dev/null; then
  echo "skipped: no chromium (SB_BROWSER=1 scripts/setup.sh installs it)"
  exit 77
fi
. "$here/lib.sh"

"$bertsim" random-model --out model > /dev/null
printf 'the happy dog\ntoday is a sunny day\n' > calibration.txt
"$bertsim" quantize --model model --calibration calibration.txt --out int8.safetensors > /dev/null
cat > synthesis.json <<'END'
{"top": "sb_encoder", "target": "xcup", "parameters": {"M": "8"},
 "figures": {"lut": 1234, "dsp": 32}, "fmax": 201.5}
END
encode="encode --model int8.safetensors --engine rtl --m 8"
"$bertsim" $encode --float model --text "the happy dog" --text "a </script> <b>&" --clock 300 \
  --synthesis synthesis.json --json run.json --timeline run.trace --report run.html --out run.npy \
  > run.txt || fail "encode: $(cat run.txt)"

# The data of a page.
page_data() { sed -n 's|^<script type="application/json" id="data">\(.*\)</script>$|\1|p' "$1"; }

if [ "${2:-}" != browser ]; then
  rules="$(cat "$here/trace_events.jq")"
  check_trace() { jq -r --slurpfile f run.json '$f[0] as $figures | '"$rules" "$1"; }
  wrong=$(check_trace run.trace) || fail "the timeline is not read"
  [ -z "$wrong" ] || fail "timeline: $wrong"
  # The checker itself: each of these is seen.
  for fault in '.traceEvents = {}' '.displayTimeUnit = "s"' '.traceEvents[1].ph = "Y"' \
    '.traceEvents[3].name = 5' '.traceEvents[3].dur = -1' 'del(.traceEvents[5].ts)' \
    'del(.traceEvents[0].args)' 'del(.traceEvents[4].tid)' 'del(.traceEvents[1])' \
    '(.traceEvents[] | select(.args.words?)).dur += 10000' 'del(.traceEvents[-1])' \
    'del((.traceEvents[] | select(.args.words?)) )'; do
    jq "$fault" run.trace > bad.trace
    [ -n "$(check_trace bad.trace)" ] || fail "a timeline with $fault passes"
  done

  # The page: all in one file, its data the JSON's, texts that look like HTML harmless.
  outside=$(grep -oE '(src|href)="[^"]*"|url\(|https?://[^"]*' run.html |
    grep -vE '^href="data:,"$|w3.org/2000/svg') && fail "the page refers to $outside"
  page_data run.html | jq -e --slurpfile f run.json '.figures == $f[0]' > /dev/null ||
    fail "the page has other figures than the JSON"
  jq -e '.texts[1] == "a </script> <b>&" and .synthesis.fmax == 201.5 and .milliseconds > 0
    and (.cycles_by_reason | add) == .cycles and (.accuracy | length) == 2
    and (.accuracy[0] | length) == 2 and .mismatches == 0 and .elements_compared > 10000' run.json \
    > /dev/null || fail "run.json"
  # Attention: a row of weights adds up to 1, and float's are near.
  page_data run.html | jq -e '.maps | length == 2 and .[0].layers == 2
    and (.[0].tokens[0] == "[CLS]") and (.[0].rtl | length) == (.[0].float | length)' > /dev/null ||
    fail "maps"
  page_data run.html | jq -r '.maps[0].rtl' | base64 -d |
    od -An -v -tu1 -w"$(jq '.lengths[0]' run.json)" |
    awk '{ s = 0; for (i = 1; i <= NF; ++i) s += $i; if (s < 250 || s > 260) exit 1; ++rows }
         END { exit rows == 0 }' || fail "attention of the engine does not add up"
  # Lost cycles, as packed_spans of report.cpp has them, add up to those of each reason.
  page_data run.html | jq -r '.spans' | base64 -d | od -An -v -tu1 -w1 |
    awk '{ if (!shift) shift = 1; value += $1 % 128 * shift; shift *= 128
           if ($1 < 128) { sum[value % 16] += int(value / 16); value = shift = 0 } }
         END { for (r in sum) print r, sum[r] }' | sort > spans.txt
  page_data run.html | jq -r '.reasons as $names | .figures.cycles_by_reason | to_entries[]
    | select(.value > 0) | "\(.key as $name | $names | index($name)) \(.value)"' | sort |
    cmp - spans.txt || fail "the spans do not add up: $(cat spans.txt)"
  # Of the other commands.
  "$bertsim" layer --hidden 16 --heads 2 --ffn 9 --m 4 --tokens 3 5 --report layer.html \
    --timeline layer.trace > layer.txt || fail "layer: $(cat layer.txt)"
  page_data layer.html | jq -e '(.maps | length) == 2 and .maps[0].float == null' > /dev/null ||
    fail "layer.html"
  echo '{"inputs": 16, "layers": [{"outputs": 32}, {"outputs": 5, "clamp": "s16"}]}' > net.json
  "$bertsim" run net.json --m 4 --report net.html > net.txt || fail "run: $(cat net.txt)"
  page_data net.html | jq -e '.maps == null and .figures.mismatches == 0' > /dev/null ||
    fail "net.html"

  refused "--synthesis has no effect without --report" \
    $encode --text a --out out.npy --synthesis synthesis.json
  refused "needs --engine rtl" encode --model model --text a --out out.npy --report out.html
  refused "needs --engine rtl" encode --model model --text a --out out.npy --timeline out.json
  refused "are one file" $encode --text a --out out.npy --report out.npy
  refused "cannot be written" $encode --text a --out out.npy --report missing/out.html
  refused "cannot be written" $encode --text a --out out.npy --timeline missing/out.json
  echo '{"top": 1}' > bad.json
  refused "bad.json: not the figures of scripts/synth.sh" \
    $encode --text a --out out.npy --report out.html --synthesis bad.json
  refused "no such file" $encode --text a --out out.npy --report out.html --synthesis missing.json
  "$bertsim" random-model --layers 3 --out other > /dev/null
  refused "configurations differ" \
    $encode --text a --out out.npy --report out.html --float other
  finish
fi

# In the browser: a page with more at its end that uses it as a person does.
cat > probe.html <<'END'
<script>
const probe = {};
const wait = ms => new Promise(done => setTimeout(done, ms));
const key = (id, name) => $(id).dispatchEvent(
  new KeyboardEvent("keydown", {key: name, bubbles: true, cancelable: true}));
addEventListener("load", async () => {
  $("commands").open = true;
  $("timeline").focus();
  probe.focus = document.activeElement.id;
  key("timeline", "ArrowRight");
  probe.first = $("status").textContent;
  key("timeline", "End");
  probe.last = $("status").textContent;
  probe.whole = $("range").textContent;
  key("timeline", "+");
  probe.zoomed = $("range").textContent;
  key("timeline", "0");
  probe.back = $("range").textContent;
  const box = $("timeline").getBoundingClientRect();
  $("timeline").dispatchEvent(
    new PointerEvent("pointermove", {clientX: box.right - 2, clientY: box.top + 5}));
  probe.pointer = $("status").textContent;
  key("m-rtl", "ArrowDown");
  probe.map = $("m-status").textContent;
  $("m-text").value = 1;
  $("m-text").dispatchEvent(new Event("change"));
  probe.other = $("m-status").textContent;
  await wait(200);
  probe.named = [...document.querySelectorAll("canvas, svg")]
    .every(e => e.getAttribute("aria-label"));
  document.body.append(el("pre", {id: "probe"}, JSON.stringify(probe)));
});
</script>
END
# open PAGE: its document after its scripts, in page.dom; what the browser says, in page.log.
open_page() {
  timeout 60 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$scratch/profile" \
    --virtual-time-budget=5000 --enable-logging=stderr --dump-dom "file://$scratch/$1" \
    > page.dom 2> page.log || fail "chromium: $(tail -3 page.log)"
}
console() { grep CONSOLE page.log || true; }
figures_differ() {
  grep -o '<data [^>]*>[^<]*' page.dom | sed -E 's/&quot;/"/g
    s/^<data .*data-path="(.*)" data-scale="([^"]*)">(.*)$/\1\t\2\t\3/' |
    jq -Rrs --slurpfile f "$1" '$f[0] as $figures | '"$(cat "$here/report_figures.jq")"
}
cat run.html probe.html > page.html
open_page page.html
[ -z "$(console)" ] || fail "the page complains: $(console)"
wrong=$(figures_differ run.json) || fail "figures of the page cannot be read"
[ -z "$wrong" ] || fail "figures: $wrong"
shown=$(grep -o '<data ' page.dom | wc -l)
least=$((5 * $(jq '.commands | length' run.json)))
[ "$shown" -ge $least ] || fail "only $shown figures on the page, not $least"
sed -n 's|.*<pre id="probe">\(.*\)</pre>.*|\1|p' page.dom > probe.json
jq -e --slurpfile f run.json '$f[0] as $f | .focus == "timeline" and .named
  and (.first | startswith("Command \($f.commands[0].command), \($f.commands[0].what): cycles"))
  and (.last | startswith("Command \($f.commands[-1].command), "))
  and .zoomed != .whole and .back == .whole and (.pointer | length > 20)
  and (.map | contains("(1) attends to")) and .other != .map' probe.json > /dev/null ||
  fail "keys and pointer: $(cat probe.json)"
echo "$shown figures"
times=$("$here/../../scripts/page_time.sh" run.html) || fail "page_time.sh"
[ "$(grep -c ' bytes, ready after [0-9]* ms$' <<< "$times")" = 3 ] || fail "page_time.sh: $times"
echo "$times"
# The checks themselves: a wrong figure and an error are seen.
jq '.cycles += 1' run.json > bad.json
[ -n "$(figures_differ bad.json)" ] || fail "a wrong figure passes"
{ cat run.html; echo '<script>undefinedFunction();</script>'; } > page.html
open_page page.html
[ -n "$(console)" ] || fail "an error of the page passes"
finish
