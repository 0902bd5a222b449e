#!/bin/sh
# Fuzzes the two readers for a while, from seeds made of proofs/ and tests/fuzz/seeds/: run.sh PROGRAM TARGETS WORK [SECONDS]
# where PROGRAM is a build of lyapcert, TARGETS the folder of fuzz_problem and fuzz_certificate, WORK a folder to work in.
set -eu
program=$1 targets=$2 work=$3 seconds=${4:-20}
here=$(cd "$(dirname "$0")" && pwd)
rm -rf "$work/seeds" && mkdir -p "$work/seeds/problem" "$work/seeds/certificate" "$work/found"
for problem in "$here"/../../proofs/*/problem.toml "$here"/seeds/*.toml; do
  name=$(basename "$problem" .toml)
  [ "$name" = problem ] && name=$(basename "$(dirname "$problem")")
  cp "$problem" "$work/seeds/problem/$name"
  # A coarse certificate is as good a seed as a sharp one, and faster.
  "$program" certify "$problem" --width 0.1 --time 2 --certificate "$work/seeds/$name.json" >"$work/log" 2>&1 || [ $? = 1 ] || { cat "$work/log"; exit 1; }
  [ "$(wc -c <"$work/seeds/$name.json")" -lt 20000 ] && gzip -cdf "$work/seeds/$name.json" >"$work/seeds/certificate/$name"
done
export LSAN_OPTIONS="suppressions=$here/leaks.txt:print_suppressions=0"
export LYAPCERT_FUZZ_SEEDS="$work/seeds/certificate"
for reader in problem certificate; do
  mkdir -p "$work/corpus/$reader"
  leaks=1
  [ $reader = problem ] && leaks=0  # GiNaC leaks whenever it throws
  if ! ASAN_OPTIONS=detect_leaks=$leaks "$targets/fuzz_$reader" -detect_leaks=$leaks -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2000 -max_len=20000 -dict="$here/$reader.dict" -verbosity=1 -reduce_inputs=0 \
      -artifact_prefix="$work/found/" "$work/corpus/$reader" "$work/seeds/$reader" >"$work/$reader.log" 2>&1; then
    grep -v '^#[0-9]' "$work/$reader.log"
    exit 1
  fi
  echo "$reader: $(grep -h '^Done' "$work/$reader.log")"
done
