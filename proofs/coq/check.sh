#!/bin/sh
# Compiles FILE.v ..., or all of a folder, against the library in LIBRARY (build.sh made it): sh proofs/coq/check.sh LIBRARY FILE.v|DIR ...
# Accepted is what compiles, prints the assumptions of its theorems, and rests on nothing but the axioms of Coq's real numbers. Exit status 0: all
# are accepted; 1: some are not.
set -eu
[ $# -ge 2 ] || { echo "usage: sh proofs/coq/check.sh LIBRARY FILE.v|DIR ..." >&2; exit 2; }
command -v coqc >/dev/null || { echo "check.sh: coqc is not installed" >&2; exit 3; }
library=$1
shift
status=0
for argument in "$@"; do
  if [ -d "$argument" ]; then files=$(find "$argument" -name '*.v' | sort); else files=$argument; fi
  for file in $files; do
    work=$(mktemp -d)
    cp "$file" "$work/"
    if ! (cd "$work" && coqc -q -Q "$(cd "$OLDPWD" && cd "$library" && pwd)" Lyapcert "$(basename "$file")") >"$work/out" 2>&1; then
      echo "REFUSED   $file: it does not compile"
      sed 's/^/          /' "$work/out" | head -12
      status=1
    else
      # An axiom stands at the beginning of a line, with its type after a colon.
      sed -n 's/^\([A-Za-z_][A-Za-z0-9_.'"'"']*\) *\(:.*\)*$/\1/p' "$work/out" | grep -v '^Axioms$' | sort -u |
        grep -v -x -e ClassicalDedekindReals.sig_not_dec -e ClassicalDedekindReals.sig_forall_dec \
          -e FunctionalExtensionality.functional_extensionality_dep -e Classical_Prop.classic >"$work/foreign" || true
      if [ -s "$work/foreign" ]; then
        echo "REFUSED   $file: it rests on $(tr '\n' ' ' <"$work/foreign")"
        status=1
      elif ! grep -q -x -e 'Axioms:' -e 'Closed under the global context' "$work/out"; then
        echo "REFUSED   $file: it does not print what it rests on"
        status=1
      else
        echo "accepted  $file"
      fi
    fi
    rm -rf "$work"
  done
done
exit $status
