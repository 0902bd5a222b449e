#!/bin/sh
# Compiles the numeric floor and the checker's doubles with both compilers at every optimisation level, and runs their tests:
# optimisation_levels.sh WORK
set -eu
work=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$work"
one_compiler() {
  compiler=$1
  for level in -O0 -O1 -O2 -O3 -Os "-O3 -march=native"; do
    name="$work/$compiler$(echo "$level" | tr -d ' ')"
    # The flags of the two libraries in CMakeLists.txt.
    $compiler -std=c++17 $level -frounding-math -ffp-contract=off -I"$root/include" "$root/tests/numeric/rounding_matrix.cpp" -o "$name-numeric" -lmpfr -lgmp
    "$name-numeric" || { echo "numeric, $compiler $level"; return 1; }
    $compiler -std=c++17 $level -ffp-contract=off "$root/tests/checker/outward_matrix.cpp" -o "$name-outward" -lgmpxx -lgmp
    "$name-outward" || { echo "checker, $compiler $level"; return 1; }
  done
}
one_compiler g++ >"$work/g++.log" 2>&1 &
first=$!
status=0
one_compiler clang++ >"$work/clang++.log" 2>&1 || status=1
wait $first || status=1
cat "$work/g++.log" "$work/clang++.log"
[ $status = 0 ] && echo "2 compilers, 6 levels: all pass"
exit $status
