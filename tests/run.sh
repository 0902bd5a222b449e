#!/bin/sh
# Builds everything and runs all tests. LYAPCERT_TEST_MULTIPLIER=10 makes the randomised tests ten times longer.
set -eu
cd "$(dirname "$0")/.."
. ./.install.sh
cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release >/dev/null
cmake --build build
cd build
exec ctest --output-on-failure -j "$(nproc)"
