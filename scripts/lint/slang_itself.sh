#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# slang's own checks, all warnings fatal, for every line of tops.list; or for one file:
# slang_itself.sh FILE TOP. (slang.sh is the front end of Yosys, which takes less of the language.)
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

elaborate() {
  local files=$1 top=$2
  shift 2
  # The list of files is split at its line ends on purpose.
  "$SB_VENV/bin/python" scripts/lint/slang_itself.py -Werror -I rtl/common "${@/#/-G}" \
    --top "$top" $files
}
for_each_top "$@"
