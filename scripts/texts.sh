#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Writes the texts for calibration and evaluation, one per line as "label<TAB>text":
#
#   ./scripts/texts.sh [--letters n-z]
#
# Long descriptions of Debian packages whose names begin with a to m, or with the letters given (a
# set that confirms what was chosen on other texts), from apt's English translation index; the label
# is the package's section. Of each source package one description is taken, and the order is that
# of the descriptions' MD5 sums, so the choice is fixed and knows nothing of any model: the first 64
# are for calibration, the next 400 for evaluation. The index goes to a private state directory:
# nothing of the system's apt is touched. Prints the folder that holds calibration.txt and
# evaluation.txt. Without apt or a network it is golden/data, a small set written for this project.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
sb_paths
letters=a-m
case "$#${1:-}" in
  0) ;;
  2--letters) letters=$2 ;;
  *) die "usage: texts.sh [--letters n-z]" ;;
esac
[[ $letters =~ ^[a-z]-[a-z]$ && ! ${letters%-*} > ${letters#*-} ]] ||
  die "--letters '$letters': two small letters in order are needed, as in n-z"
out=$SB_CACHE/texts-1
[ "$letters" = a-m ] || out=$out-$letters

fallback() {
  say "$1: using the project's own small set"
  printf '%s\n' "$SB_ROOT/golden/data"
  exit 0
}

if [ ! -e "$out/ready" ]; then
  command -v apt-get >/dev/null || fallback "no apt here"
  mkdir -p "$SB_CACHE"
  scratch=$(mktemp -d "$SB_CACHE/texts.XXXXXX")
  trap 'rm -rf "$scratch"' EXIT
  mkdir -p "$scratch"/{state/lists/partial,cache/archives/partial,log,out}
  : > "$scratch/state/status"
  # The system's way to reach its mirrors (proxies and the like), but none of its hooks.
  { apt-config dump Acquire | grep -vE '^Acquire::Languages'
    cat <<CONF
Acquire::Languages "en";
Dir::State "$scratch/state";
Dir::State::status "$scratch/state/status";
Dir::Cache "$scratch/cache";
Dir::Log "$scratch/log";
Dir::Etc::main "/dev/null";
Dir::Etc::parts "/dev/null";
CONF
  } > "$scratch/apt.conf"
  export APT_CONFIG=$scratch/apt.conf
  say "fetching apt's English translation index (into a private directory)"
  apt-get update -qq >"$scratch/log/update" 2>&1 ||
    say "apt-get update: $(tail -1 "$scratch/log/update")"
  indexes() {
    apt-get indextargets --format '$(FILENAME)' "Created-By: $1" "Component: main" \
      "Origin: Debian" || true
  }
  read_all() {
    while read -r file; do
      [ ! -e "$file" ] || /usr/lib/apt/apt-helper cat-file "$file"
    done
  }
  # Paragraphs to lines: md5, source (or name), section, name. A paragraph may hold its fields in
  # any order.
  indexes Packages | read_all | awk -v first="^[$letters]" '
    function flush() {
      if (name ~ first && md5 != "") print md5 "\t" (source == "" ? name : source) "\t" section
      name = source = section = md5 = ""
    }
    /^$/ { flush() } /^Package: / { name = $2 } /^Source: / { source = $2 }
    /^Section: / { section = $2 } /^Description-md5: / { md5 = $2 }
    END { flush() }' | LC_ALL=C sort -u > "$scratch/packages"
  # Long descriptions of at least 200 characters, joined to one line: md5, text.
  indexes Translations | read_all | awk '
    function flush() {
      gsub(/[ \t]+/, " ", text)
      sub(/^ /, "", text)
      if (md5 != "" && length(text) >= 200) print md5 "\t" text
      md5 = text = ""
      inside = 0
    }
    /^$/ { flush(); next } /^Description-md5: / { md5 = $2 }
    /^Description-en: / { inside = 1; next }
    /^[^ ]/ { inside = 0 } inside && !/^ \.$/ { text = text " " $0 }
    END { flush() }' | LC_ALL=C sort -u > "$scratch/descriptions"
  LC_ALL=C join -t "$(printf '\t')" "$scratch/packages" "$scratch/descriptions" |
    awk -F '\t' '!seen_source[$2]++ && !seen_text[$4]++ { print $3 "\t" $4 }' > "$scratch/texts"
  [ "$(wc -l < "$scratch/texts")" -ge 464 ] ||
    fallback "apt's translation index could not be fetched, or has fewer than 464 texts"
  head -64 "$scratch/texts" > "$scratch/out/calibration.txt"
  sed -n 65,464p "$scratch/texts" > "$scratch/out/evaluation.txt"
  touch "$scratch/out/ready"
  rm -rf "$out"
  mv "$scratch/out" "$out"
fi
printf '%s\n' "$out"
