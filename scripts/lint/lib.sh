# SPDX-License-Identifier: Apache-2.0
# Shared by the checkers in this folder: they run in the root of the checkout and find the tools in
# SB_VENV. Sourced.
. "$(dirname -- "${BASH_SOURCE[0]}")/../lib.sh"
sb_paths
cd "$SB_ROOT"

# All C++ of the project, but the files that the linters must refuse.
cpp_files() {
  find golden tb tests \( -name '*.cpp' -o -name '*.h' \) -not -path 'tests/lint/*' | sort
}

# Calls `elaborate FILES TOP NAME=VALUE...` for each line of tops.list, or once, for the file and
# the top given.
for_each_top() {  # [FILE TOP]
  local top status=0
  if [ $# = 2 ]; then
    elaborate "$1" "$2"
    return
  fi
  local files
  files=$(sb_rtl_files)
  while read -r -a top; do
    elaborate "$files" "${top[@]}" || { say "failed: ${top[*]}"; status=1; }
  done < <(grep -v '^#' scripts/lint/tops.list)
  return $status
}
