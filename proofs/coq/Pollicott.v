(** * An example by hand: Pollicott's pair of matrices, to 2e-12 (the same numbers as in proofs/pollicott) *)
From Coq Require Import Reals ZArith QArith Qreals List Lra.
From Lyapcert Require Import Products Compute Certified.
Import ListNotations.

(** The problem, as an exported file states it. *)
Definition problem : rational_family := [(1#2, [[2; 1]; [1; 1]]); (1#2, [[3; 1]; [2; 1]])]%Q.
(** It is an integer one already: P = 1, d = 1, columns instead of rows. *)
Definition data : witness := Witness [Letter 1 1 [[2; 1]; [1; 1]]%Z; Letter 1 1 [[3; 2]; [1; 1]]%Z] [[1; 0]; [0; 1]]%Z [[1; 0]; [0; 1]]%Z 1.

Theorem lambda_lower : exists l, is_exponent 2 (family_of problem) l /\ (Q2R (11433110351015 # 10000000000000) <= l)%R.
Proof. apply (lower_bound 60 2 problem data 12 0); vm_cast_no_check (eq_refl true). Qed.
Theorem lambda_upper : exists l, is_exponent 2 (family_of problem) l /\ (l <= Q2R (11433110351035 # 10000000000000))%R.
Proof. apply (upper_bound 60 2 problem data 12 0); vm_cast_no_check (eq_refl true). Qed.
Theorem lambda : exists l, is_exponent 2 (family_of problem) l /\ (Q2R (11433110351015 # 10000000000000) <= l <= Q2R (11433110351035 # 10000000000000))%R.
Proof. exact (enclosure _ _ _ _ lambda_lower lambda_upper). Qed.

(** That [family_of problem] is what one thinks it is. *)
Goal exists A B : mat, map snd (family_of problem) = [A; B] /\ map fst (family_of problem) = [1/2; 1/2]%R /\
  (A 0%nat 0%nat = 2 /\ A 0%nat 1%nat = 1 /\ A 1%nat 0%nat = 1 /\ A 1%nat 1%nat = 1 /\
   B 0%nat 0%nat = 3 /\ B 0%nat 1%nat = 1 /\ B 1%nat 0%nat = 2 /\ B 1%nat 1%nat = 1)%R.
Proof.
do 2 eexists. split; [reflexivity|]. split; [unfold Q2R; simpl; repeat f_equal; lra|].
unfold matQ, entryQ, Q2R; simpl. repeat split; lra.
Qed.

Print Assumptions lambda.
