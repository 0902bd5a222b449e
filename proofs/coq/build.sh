#!/bin/sh
# Compiles the library (Lyapcert) from this folder into DIR, which is made: sh proofs/coq/build.sh DIR
set -eu
[ $# -eq 1 ] || { echo "usage: sh proofs/coq/build.sh DIR" >&2; exit 2; }
command -v coqc >/dev/null || { echo "build.sh: coqc is not installed (Debian: coq libcoq-interval libcoq-coquelicot libcoq-mathcomp-algebra)" >&2; exit 3; }
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
for file in $(grep '\.v$' "$here/_CoqProject"); do
  # What has not changed is not compiled again; what comes after a file that has, is.
  if [ "${stale:-}" = yes ] || ! cmp -s "$here/$file" "$1/$file" || [ ! -f "$1/${file}o" ]; then
    stale=yes
    rm -f "$1/${file}o"
    cp "$here/$file" "$1/$file"
    (cd "$1" && coqc -q -Q . Lyapcert "$file")
  fi
done
