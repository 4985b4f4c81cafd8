#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Prints the folder of all-MiniLM-L6-v2, which the set-up fetches: model=$(./scripts/model.sh)
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
"$(dirname -- "${BASH_SOURCE[0]}")/setup.sh"
sb_paths
[ -e "$SB_MODEL/ready" ] || die "the set-up could not fetch the model"
printf '%s\n' "$SB_MODEL"
