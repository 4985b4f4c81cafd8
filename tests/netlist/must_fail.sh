#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# must_fail.sh PROGRAM FILTER: passes if tests of a GoogleTest program fail in good order
# (status 1), not if they pass, crash or do not exist.
set -uo pipefail
"$1" --gtest_filter="$2" > /dev/null
status=$?
[ "$status" = 1 ] && echo "failed, as it must" && exit 0
echo "FAILED: status $status of $1 $2, must be 1"
exit 1
