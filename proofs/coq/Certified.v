(** * What an exported theorem applies: checks that compute to true give the exponent and bounds of it *)
From Coq Require Import Reals ZArith QArith Qreals List Lra Lia Psatz Arith Bool.
From Lyapcert Require Import Sums Products Fekete Positive Conjugate Compute Sound.
Import ListNotations.
Open Scope R_scope.

(** Two lists of the same length, paired. *)
Lemma combine_left {X Y Z} (f : X -> Z) : forall (a : list X) (b : list Y), length a = length b -> map (fun x => f (fst x)) (combine a b) = map f a.
Proof. induction a as [|x a IH]; intros [|y b] E; try discriminate; auto. simpl. f_equal. apply IH. now injection E. Qed.
Lemma combine_right {X Y Z} (f : Y -> Z) : forall (a : list X) (b : list Y), length a = length b -> map (fun x => f (snd x)) (combine a b) = map f b.
Proof. induction a as [|x a IH]; intros [|y b] E; try discriminate; auto. simpl. f_equal. apply IH. now injection E. Qed.
Lemma in_combine_right {X Y} : forall (a : list X) (b : list Y) y, length a = length b -> In y b -> exists x, In (x, y) (combine a b).
Proof.
induction a as [|x a IH]; intros [|z b] y E H; try discriminate; [easy|]. destruct H as [<-|H].
- exists x. now left.
- destruct (IH b y) as (x' & H'); auto. exists x'. now right.
Qed.

Section Certified.
Variable N : nat.
Variable F : rational_family.
Variable w : witness.
Hypothesis OK : witness_ok N F w = true.
Notation L := (letters w).

Definition joint_of : joint :=
  map (fun x => (Q2R (fst (fst x)), (matQ (snd (fst x)), (IZR (factor (snd x)), colZ (columns (snd x)))))) (combine F L).

Lemma ok_parts : letters_ok N L = true /\ basis_ok N w = true /\ length F = length L /\
  forall x, In x (combine F L) -> letter_ok N (total L) (toQ (basis w)) x = true.
Proof. unfold witness_ok in OK. rewrite !andb_true_iff, forallb_forall, Nat.eqb_eq in OK. tauto. Qed.
Lemma OKL : letters_ok N L = true.
Proof. apply ok_parts. Qed.

Lemma left_is : left_family joint_of = family_of F.
Proof.
unfold left_family, joint_of, family_of. rewrite map_map. cbn [fst snd].
apply (combine_left (fun x => (Q2R (fst x), matQ (snd x)))), ok_parts.
Qed.
Lemma letter_parts x : In x (combine F L) -> factor (snd x) <> 0%Z /\ Q2R (fst (fst x)) = prob L (snd x) /\
  equal N (scaled (IZR (factor (snd x))) (mulm N (matQ (snd (fst x))) (matZ (basis w)))) (mulm N (matZ (basis w)) (colZ (columns (snd x)))).
Proof.
intros Hx. destruct ok_parts as (_ & _ & _ & H). specialize (H x Hx). unfold letter_ok in H.
rewrite !andb_true_iff, negb_true_iff, Z.eqb_neq in H. destruct H as [[H0 H1] H2]. split; [auto|split].
- apply Qeq_bool_eq, Qeq_eqR in H1. rewrite Q2R_mult, !Q2R_inject in H1. unfold prob. rewrite <- H1. assert (P := D_Rpos N L OKL). field. lra.
- intros i j Hi Hj. assert (G := every_ok _ _ H2 i j Hi Hj). apply Qeq_bool_eq, Qeq_eqR in G.
  rewrite Q2R_mult, Q2R_inject, !Q2R_mul in G. unfold scaled. etransitivity; [|etransitivity; [exact G|]].
  + f_equal. apply mulm_fun; intros; symmetry; [reflexivity|apply Q2R_toQ].
  + apply mulm_fun; intros; [apply Q2R_toQ|]. rewrite Q2R_toQ. reflexivity.
Qed.
Lemma right_is : right_family joint_of = integer_family L.
Proof.
unfold right_family, joint_of, integer_family. rewrite map_map. cbn [fst snd].
rewrite <- (combine_right (fun x => (prob L x, colZ (columns x))) F L) by apply ok_parts.
apply map_ext_in. intros x Hx. f_equal. now apply letter_parts.
Qed.
Lemma factor_is : mean_log_factor joint_of = log_factor L.
Proof.
unfold mean_log_factor, joint_of, log_factor. rewrite lsum_map. cbn [fst snd].
rewrite (lsum_ext _ (fun x => prob L (snd x) * ln (Rabs (IZR (factor (snd x)))))).
- rewrite <- (lsum_map (fun y => y) (fun x => prob L (snd x) * ln (Rabs (IZR (factor (snd x)))))).
  rewrite (combine_right (fun x => prob L x * ln (Rabs (IZR (factor x)))) F L) by apply ok_parts. now rewrite lsum_map.
- intros x Hx. f_equal. now apply letter_parts.
Qed.
Lemma factor_nonzero x : In x L -> factor x <> 0%Z.
Proof.
intros H. destruct ok_parts as (_ & _ & E & _). destruct (in_combine_right F L x E H) as (y & Hy). now apply (letter_parts (y, x)).
Qed.

(** The exponents of the problem and of the integer family. *)
Lemma exponent_of l : is_exponent N (integer_family L) l -> is_exponent N (family_of F) (l - log_factor L).
Proof.
intros H. rewrite <- left_is, <- factor_is. rewrite <- right_is in H.
destruct ok_parts as (_ & B & _ & _). unfold basis_ok in B. rewrite !andb_true_iff, negb_true_iff, Z.eqb_neq in B. destruct B as [[B0 B1] B2].
assert (S : forall X Y i j, Qeq_bool (mulQ N (toQ X) (toQ Y) i j) (inject_Z (scale w) * idQ i j) = true ->
  mulm N (matZ X) (matZ Y) i j = scaled (IZR (scale w)) idm i j).
{ intros X Y i j G. apply Qeq_bool_eq, Qeq_eqR in G. rewrite Q2R_mul, Q2R_mult, Q2R_inject, Q2R_id in G. unfold scaled. rewrite <- G.
  apply mulm_fun; intros; symmetry; apply Q2R_toQ. }
apply (conjugate N joint_of (matZ (basis w)) (matZ (inverse w)) (IZR (scale w))); auto.
- now apply not_0_IZR.
- intros i j Hi Hj. apply S. exact (every_ok _ _ B1 i j Hi Hj).
- intros i j Hi Hj. apply S. exact (every_ok _ _ B2 i j Hi Hj).
- intros x Hx. unfold joint_of in Hx. apply in_map_iff in Hx as (y & <- & Hy). destruct (letter_parts y Hy) as (D0 & _ & E).
  split; cbn [fst snd]; [now apply not_0_IZR|exact E].
- rewrite right_is. apply integer_is_family. exact OKL.
Qed.
Lemma exponent_is : exists l, is_exponent N (integer_family L) l.
Proof.
destruct (exponent_exists N (integer_family L) (step_value N L false 0 0)) as (l & Hl & _).
- exact (integer_is_family N L OKL).
- intros n pW. exact (norm_positive N _ (integer_is_family N L OKL) (integer_nonneg N L OKL) (integer_no_zero N L OKL) n pW).
- apply increments_above with 0%nat. intros n. exact (step_bounds N L OKL false 0 0 n).
- now exists l.
Qed.
End Certified.

Theorem lower_bound bits N F w d t a : check_lower bits N F w d t a = true -> exists l, is_exponent N (family_of F) l /\ Q2R a <= l.
Proof.
unfold check_lower. rewrite andb_true_iff. intros [OK H]. assert (OKL := proj1 (ok_parts N F w OK)).
destruct (exponent_is N F w OK) as (l & Hl). exists (l - log_factor (letters w)). split; [now apply exponent_of|].
apply difference_lower in H; auto; [|now apply (factor_nonzero N F)].
assert (step_value N (letters w) false d t <= l); [|lra]. apply (exponent_above _ _ _ _ Hl).
apply increments_above with d. intros n. exact (step_bounds N _ OKL false d t n).
Qed.
Theorem upper_bound bits N F w d t b : check_upper bits N F w d t b = true -> exists l, is_exponent N (family_of F) l /\ l <= Q2R b.
Proof.
unfold check_upper. rewrite andb_true_iff. intros [OK H]. assert (OKL := proj1 (ok_parts N F w OK)).
destruct (exponent_is N F w OK) as (l & Hl). exists (l - log_factor (letters w)). split; [now apply exponent_of|].
apply difference_upper in H; auto; [|now apply (factor_nonzero N F)].
assert (l <= step_value N (letters w) true d t); [|lra]. apply (exponent_below _ _ _ _ Hl).
apply increments_below with d. intros n. exact (step_bounds N _ OKL true d t n).
Qed.
(** Bounds proved one by one are bounds of the one exponent. *)
Theorem enclosure N F a b : (exists l, is_exponent N F l /\ a <= l) -> (exists l, is_exponent N F l /\ l <= b) ->
  exists l, is_exponent N F l /\ a <= l <= b.
Proof.
intros (l & Hl & A) (l' & Hl' & B). rewrite (exponent_unique N F l' l) in B by assumption. exists l. auto.
Qed.
