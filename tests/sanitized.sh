#!/bin/sh
# Builds the two readers, their tests and the fuzz targets with clang under AddressSanitizer and UndefinedBehaviorSanitizer and runs them:
# sanitized.sh WORK PROGRAM, where PROGRAM is a plain build of lyapcert. LYAPCERT_FUZZ_SECONDS=600 fuzzes for longer.
set -eu
work=$1 program=$2
root=$(cd "$(dirname "$0")/.." && pwd)
cmake -S "$root" -B "$work" -G Ninja -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE=Release -DLYAPCERT_SANITIZE=ON -DLYAPCERT_BENCH=OFF >/dev/null
cmake --build "$work" --target test_numeric test_problem test_checker test_certificate fuzz_problem fuzz_certificate
export LSAN_OPTIONS="suppressions=$root/tests/fuzz/leaks.txt:print_suppressions=0"
# Everything runs many times slower here.
run() {
  echo "$1, multiplier $2"
  LYAPCERT_TEST_MULTIPLIER=$2 "$work/tests/test_$1"
}
run numeric 0.2
ASAN_OPTIONS=detect_leaks=0 run problem 1  # GiNaC leaks whenever it throws
run checker 0.1
run certificate 0.1
sh "$root/tests/fuzz/run.sh" "$program" "$work/tests/fuzz" "$work/fuzz" "${LYAPCERT_FUZZ_SECONDS:-20}"
