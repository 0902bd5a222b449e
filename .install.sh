# Sourced by proofs/run.sh and tests/run.sh: installs the Debian packages that are missing.
lyapcert_packages="g++ cmake ninja-build pkg-config libboost-dev libmpfr-dev libgmp-dev libeigen3-dev catch2 libginac-dev
 libtomlplusplus-dev nlohmann-json3-dev libcli11-dev libfmt-dev libtbb-dev libbenchmark-dev zlib1g-dev
 clang libclang-rt-14-dev valgrind"
lyapcert_missing=""
for package in $lyapcert_packages; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || lyapcert_missing="$lyapcert_missing $package"
done
if [ -n "$lyapcert_missing" ]; then
  echo "installing:$lyapcert_missing" >&2
  if [ "$(id -u)" -ne 0 ]; then
    echo "these Debian packages are missing; install them as root: apt-get install$lyapcert_missing" >&2
    exit 2
  fi
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $lyapcert_missing >/dev/null
fi
