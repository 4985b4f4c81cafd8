#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The system part of the regression in a copy of the checkout whose path has a space and an umlaut.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/../../scripts/lib.sh"
sb_paths
copy="$SB_BUILD/copy/a folder ü"
rm -rf "$copy" && mkdir -p "$copy"
trap 'rm -rf "$copy"' EXIT
tar -C "$SB_ROOT" --exclude=./build --exclude=./.git -c . | tar -C "$copy" -x
. "$copy/scripts/lib.sh"
unset CCACHE_BASEDIR
sb_paths
[ "$SB_ROOT" = "$copy" ] || die "the copy is $SB_ROOT"
sb_build bertsim bertsim_gemm_tests waveform_tests
ctest --test-dir "$SB_BUILD" --output-on-failure -L system \
  -E 'PathWithASpace|Documents|EveryProcessor|SaveFile|MalformedCalls|FuzzOfCalls|MiniLm|cocotb'
