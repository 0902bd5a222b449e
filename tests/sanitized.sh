#!/bin/sh
# Builds the two readers, their tests and the fuzz targets with clang under AddressSanitizer and UndefinedBehaviorSanitizer and runs them:
# sanitized.sh WORK PROGRAM, where PROGRAM is lyapcert in a plain build, whose library gives the floors that read nothing.
# LYAPCERT_FUZZ_SECONDS=600 fuzzes for longer; tests/campaign.sh sanitizes every floor.
set -eu
work=$1 program=$2
root=$(cd "$(dirname "$0")/.." && pwd)
plain=$(cd "$(dirname "$program")" && pwd)/liblyapcert.a
cmake -S "$root" -B "$work" -G Ninja -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE=Release -DLYAPCERT_SANITIZE=ON -DLYAPCERT_BENCH=OFF \
  -DLYAPCERT_PLAIN_LIBRARY="$plain" >/dev/null
cmake --build "$work" --target test_numeric test_problem test_checker test_certificate fuzz_problem fuzz_certificate
export LSAN_OPTIONS="suppressions=$root/tests/fuzz/leaks.txt:print_suppressions=0"
# Everything runs many times slower here. Training reads nothing and takes a minute.
run() {
  name=$1 multiplier=$2
  shift 2
  if LYAPCERT_TEST_MULTIPLIER=$multiplier "$work/tests/test_$name" "$@" >"$work/$name.log" 2>&1; then
    echo "$name, multiplier $multiplier: $(tail -n 2 "$work/$name.log" | head -n 1)"
  else
    cat "$work/$name.log"
    return 1
  fi
}
(run numeric 0.2 && run checker 0.1 && run certificate 0.1) &
others=$!
ASAN_OPTIONS=detect_leaks=0 run problem 0.5 '~[train]'  # GiNaC leaks whenever it throws
wait $others
sh "$root/tests/fuzz/run.sh" "$program" "$work/tests/fuzz" "$work/fuzz" "${LYAPCERT_FUZZ_SECONDS:-20}"
