#!/bin/sh
# Measures again, and rewrites the tables of tests/bench/README.md with what the bench programs print:
#
#   sh tests/bench/tables.sh              all of them; on a quiet machine with two cores less than half an hour
#   sh tests/bench/tables.sh NAME...      some
#   sh tests/bench/tables.sh --list       their names and commands, and nothing else
#
# A table stands between "<!-- table NAME: COMMAND -->" and "<!-- end -->"; COMMAND runs below build/tests/bench/. The processor, the load when it began, the date and
# the seconds it took are written above it. A command that fails leaves its table as it was, and the exit status is 1.
set -eu
cd "$(dirname "$0")/../.."
readme=tests/bench/README.md

list() { sed -n 's/^<!-- table \([a-z0-9-]*\): \(.*\) -->$/\1 \2/p' "$readme"; }

if [ "${1:-}" = "--list" ]; then
  list
  exit 0
fi
for name in "$@"; do
  list | grep -q "^$name " || { echo "tables.sh: there is no table '$name'; --list shows them" >&2; exit 2; }
done

cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release >/dev/null
targets=$(list | awk '{ if (!seen[$2]++) print $2 }')
cmake --build build --target $targets >/dev/null

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
processor=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)
field() { sed -n "s/^$1[^:]*: *//p" /proc/cpuinfo | head -n 1; }
processor="$processor (family $(field 'cpu family'), model $(field 'model[[:space:]]'))"
cores=$(nproc)
for extension in avx512f avx2 sse2; do
  if grep -q -m 1 -w "$extension" /proc/cpuinfo; then break; fi
done

status=0
list > "$work/list"
while read -r name command; do
  if [ $# -gt 0 ]; then
    wanted=""
    for one in "$@"; do [ "$one" = "$name" ] && wanted=yes; done
    [ -n "$wanted" ] || continue
  fi
  echo "$name: $command" >&2
  load=$(cut -d ' ' -f 1 /proc/loadavg)
  start=$(date +%s)
  if ! (cd build/tests/bench && ./$command) > "$work/output" 2> "$work/errors" </dev/null || ! grep -q '^|' "$work/output"; then
    echo "$name: FAILED, its table is left as it was" >&2
    cat "$work/errors" >&2
    status=1
    continue
  fi
  {
    echo "*$processor, $cores cores, $extension; load $load at the start; $(date -u +%Y-%m-%d); $(($(date +%s) - start)) s.*"
    echo
    cat "$work/output"
  } > "$work/block"
  awk -v name="$name" -v block="$work/block" '
    index($0, "<!-- table " name ": ") == 1 { print; print ""; while ((getline line < block) > 0) print line; print ""; inside = 1; next }
    inside && $0 == "<!-- end -->" { inside = 0 }
    !inside { print }
  ' "$readme" > "$work/readme"
  cat "$work/readme" > "$readme"
done < "$work/list"
exit $status
