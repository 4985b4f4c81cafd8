#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Format of all C++ (.clang-format), or of the files given. With --fix first, the files are
# rewritten.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
mode=(--dry-run --Werror)
[ "${1:-}" != --fix ] || { mode=(-i); shift; }
[ $# -gt 0 ] || mapfile -t files < <(cpp_files)
"$SB_VENV/bin/clang-format" "${mode[@]}" "${@:-${files[@]}}"
