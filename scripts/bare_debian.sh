#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The commands of README.md on a bare Debian, before a release:
#
#   ./scripts/bare_debian.sh bookworm|trixie FOLDER [COMMAND...]
#
# Makes a minimal root of that release in FOLDER with debootstrap (one that is there is used again,
# so it is bare only the first time), copies the checkout into it without its build, and runs the
# commands there in turn, by default ./scripts/demo.sh and ./scripts/test.sh. Names, certificates
# and pip's settings are those of this machine. Needs root, debootstrap, the network and 8 GB. Exit
# status: that of the first command that fails, or 0.
set -euo pipefail
. "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
sb_paths
[ $# -ge 2 ] || die "usage: bare_debian.sh bookworm|trixie FOLDER [COMMAND...]"
suite=$1 root=$(realpath -m -- "$2")
shift 2
case $suite in bookworm | trixie) ;; *) die "unknown release '$suite': bookworm or trixie" ;; esac
[ "$(id -u)" = 0 ] || die "chroot needs root"
command -v debootstrap > /dev/null || die "no debootstrap: apt-get install debootstrap"
[ $# -gt 0 ] || set -- ./scripts/demo.sh ./scripts/test.sh

if [ ! -e "$root/etc/debian_version" ]; then
  say "debootstrap $suite into $root"
  mkdir -p "$root"
  debootstrap --variant=minbase --include=ca-certificates,git "$suite" "$root" \
    http://deb.debian.org/debian > "$root/debootstrap.log" 2>&1 ||
    { tail -5 "$root/debootstrap.log" >&2; die "debootstrap failed"; }
fi
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
[ ! -e /etc/pip.conf ] || cp -L /etc/pip.conf "$root/etc/"
checkout=$root/root/systolic-bert
mkdir -p "$checkout"
# What an earlier checkout had goes, but not its build.
find "$checkout" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
tar -C "$SB_ROOT" --exclude=./build --exclude=./.git -c . | tar -C "$checkout" -x

unmount() { umount "$root/dev" "$root/proc" 2> /dev/null || true; }
trap unmount EXIT
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
mapfile -t settings < <(
  env | grep -E '^(PIP_|SSL_CERT|https?_proxy|no_proxy)' | grep -v '^PIP_FIND_LINKS')
for command in "$@"; do
  say "$suite: $command"
  SECONDS=0
  # The command is split into words on purpose.
  env -i "${settings[@]}" HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
    chroot "$root" sh -c 'cd /root/systolic-bert && exec "$@"' sh $command
  say "$suite: $command passed in $SECONDS s"
done
