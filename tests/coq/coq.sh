#!/bin/sh
# What export writes is accepted by Coq, and what has been tampered with is not: sh tests/coq/coq.sh PROGRAM DIR
# Exit status 77 where Coq is not installed.
set -eu
command -v coqc >/dev/null || { echo "skipped: coqc is not installed (Debian: coq libcoq-interval libcoq-coquelicot libcoq-mathcomp-algebra)"; exit 77; }
program=$1
work=$2
top=$(cd "$(dirname "$0")/../.." && pwd)
library=$work/library
fail() { echo "FAILED: $*"; exit 1; }
mkdir -p "$work"
rm -rf "$work/export" "$work/mutated"
mkdir "$work/mutated"

sh "$top/proofs/coq/build.sh" "$library"
# No axiom of our own, nothing left open.
if grep -nE '\b(Axiom|Axioms|Parameter|Parameters|Conjecture|Admitted|admit|Abort)\b' "$top"/proofs/coq/*.v; then fail "an axiom, or a proof left open"; fi

"$program" export "$top/proofs/pollicott/certificate.json" --coq "$work/export" >"$work/out" || fail "pollicott: exit status $?"
grep -q '^  exported     lambda >= 1.14330569$' "$work/out" || fail "pollicott: the lower bound is not exported"
grep -q '^  not exported lambda2' "$work/out" || fail "pollicott: what is left out is not listed"
sh "$top/proofs/coq/check.sh" "$library" "$work/export" || fail "the export of pollicott is not accepted"

# refused SED NAME: the export, changed, must not compile.
refused() {
  sed -e "$1" "$work/export/Lambda.v" >"$work/mutated/$2.v"
  cmp -s "$work/export/Lambda.v" "$work/mutated/$2.v" && fail "$2: nothing was changed"
  if sh "$top/proofs/coq/check.sh" "$library" "$work/mutated/$2.v" >"$work/out"; then fail "$2: accepted"; fi
  grep -q 'does not compile' "$work/out" || fail "$2: refused for another reason: $(cat "$work/out")"
  echo "refused   $2"
}
refused 's/Q2R (114330569 # 100000000)/Q2R (114332 # 100000)/' tightened_lower
refused 's/Q2R (57165627 # 50000000)/Q2R (11433 # 10000)/' tightened_upper
refused '/^Definition problem/,/^Definition data/s/(3 # 1)/(4 # 1)/' another_problem
refused '/^Definition data/,/^Theorem/s/\[3; 2\]/[3; 3]/' another_integer_form
refused "0,/Letter 1 1/s//Letter 2 1/" another_probability
refused 's/_bound \([0-9]*\) 2 problem data 6/_bound \1 2 problem data 2/' too_short_words

# An axiom is found, though it compiles.
sed -e 's/vm_cast_no_check (eq_refl true)/exact (granted _)/' -e 's/^Import ListNotations\.$/&\nAxiom granted : forall b, b = true./' \
  "$work/export/Lambda.v" >"$work/mutated/granted.v"
if sh "$top/proofs/coq/check.sh" "$library" "$work/mutated/granted.v" >"$work/out"; then fail "an axiom is accepted"; fi
grep -q 'rests on granted' "$work/out" || fail "an axiom: refused for another reason: $(cat "$work/out")"
echo "refused   granted"

# The theorems that no export uses yet.
cat >"$work/mutated/library.v" <<'END'
From Lyapcert Require Import Inverse Moment Quadratic.
Definition theorems := (inverse_exponent, moment_line, psd_ok).
Print Assumptions theorems.
END
sh "$top/proofs/coq/check.sh" "$library" "$work/mutated/library.v" || fail "the library rests on more than the axioms of the reals"
