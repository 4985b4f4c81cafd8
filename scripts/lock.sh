#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Rewrites the hashes of scripts/requirements.txt and requirements-foreign.txt: those of each wheel
# that Debian 12 (Python 3.11) or Debian 13 (Python 3.13) takes of the versions named there. To
# change a version, edit it there, run this, and read the difference. Downloads into a temporary
# folder.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
sb_paths
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
/usr/bin/python3 -m venv "$work/venv"
platforms=()
for minor in $(seq 41 -1 5); do platforms+=(--platform "manylinux_2_${minor}_x86_64"); done
platforms+=(--platform manylinux2014_x86_64 --platform manylinux1_x86_64)
for list in "$SB_ROOT"/scripts/requirements*.txt; do
  while read -r requirement _; do
    line=$requirement
    for python in 3.11 3.13; do
      "$work/venv/bin/pip" download --quiet --disable-pip-version-check --no-deps \
        --only-binary :all: --python-version "$python" --implementation cp "${platforms[@]}" \
        -d "$work/wheels/$requirement" "$requirement" ||
        die "$requirement has no wheel for Python $python"
    done
    for hash in $(sha256sum "$work/wheels/$requirement"/* | cut -d ' ' -f 1 | sort -u); do
      line+=" --hash=sha256:$hash"
    done
    printf '%s\n' "$line" >> "$work/requirements.txt"
  done < "$list"
  mv "$work/requirements.txt" "$list"
done
