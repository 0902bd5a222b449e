#!/bin/sh
# The long tests, hours of them: campaign.sh [MULTIPLIER] (default 20). Every suite with so many times its random trials and a seed of its own,
# every floor and both readers under the sanitizers, the fuzz targets for MULTIPLIER minutes each, every certificate of proofs/ made anew.
# Goes on after a failure; a line for each step, logs in build/campaign/, exit status 1 if anything failed.
set -u
cd "$(dirname "$0")/.."
multiplier=${1:-20}
root=$(pwd) logs=$(pwd)/build/campaign
seed=$(date +%j)
failed=0
. ./.install.sh
mkdir -p "$logs"

# step NAME COMMAND...
step() {
  name=$1
  shift
  began=$(date +%s)
  if "$@" >"$logs/$name.log" 2>&1; then result=passed; else result=FAILED failed=1; fi
  printf '%-28s %-7s %7d s\n' "$name" "$result" $(($(date +%s) - began))
}
suite() { LYAPCERT_TEST_SEED=$seed LYAPCERT_TEST_MULTIPLIER=$3 "$1/tests/test_$2"; }

plain=$root/build sanitized=$root/build/campaign/sanitized
echo "multiplier $multiplier, seed $seed, logs in $logs"
step build cmake -S . -B "$plain" -G Ninja -DCMAKE_BUILD_TYPE=Release
step build cmake --build "$plain"
[ $failed = 0 ] || exit 1
floors="numeric linalg problem product exponent theorem certificate checker report cli"
for floor in $floors; do step "$floor" suite "$plain" "$floor" "$multiplier"; done
step optimisation_levels env LYAPCERT_TEST_MULTIPLIER="$multiplier" sh tests/numeric/optimisation_levels.sh "$plain/levels"
step readme sh tests/readme.sh "$plain/lyapcert"

step sanitized-build cmake -S . -B "$sanitized" -G Ninja -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE=Release -DLYAPCERT_SANITIZE=ON -DLYAPCERT_BENCH=OFF
step sanitized-build cmake --build "$sanitized"
export LSAN_OPTIONS="suppressions=$root/tests/fuzz/leaks.txt:print_suppressions=0"
for floor in $floors; do
  # GiNaC leaks whenever it throws.
  case $floor in problem | cli) export ASAN_OPTIONS=detect_leaks=0 ;; *) unset ASAN_OPTIONS ;; esac
  step "sanitized-$floor" suite "$sanitized" "$floor" 1
done
unset ASAN_OPTIONS
step fuzz sh tests/fuzz/run.sh "$plain/lyapcert" "$sanitized/tests/fuzz" "$sanitized/fuzz" $((60 * multiplier))
step proofs sh proofs/run.sh
git diff --quiet -- proofs || echo "proofs/ was written anew: look at git diff"
exit $failed
