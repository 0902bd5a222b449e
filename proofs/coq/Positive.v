(** * Non-negative matrices

    For a row r > 0 let T n r = E ln (r A_1 ... A_n 1). If t s <= r then T n s + ln t <= T n r, whatever n is, because non-negative matrices keep
    the order of rows. What r = (1, ..., 1) A W and s = (1, ..., 1) W have in common after a word W of d letters therefore bounds the increments
    of E ln ||A_1 ... A_n|| from n = d on: that is the whole method ([Sound]). *)
From Coq Require Import Reals List Lra Lia Arith.
From Lyapcert Require Import Sums Products Fekete.
Import ListNotations.
Open Scope R_scope.

Definition row := nat -> R.
Definition rowm N (r : row) (A : mat) : row := fun j => sum N (fun i => r i * A i j).
Definition ones : row := fun _ => 1.

Lemma rowm_mul N r A B j : rowm N (rowm N r A) B j = rowm N r (mulm N A B) j.
Proof. exact (mulm_assoc N (fun _ => r) A B 0%nat j). Qed.
Lemma rowm_id N r j : (j < N)%nat -> rowm N r idm j = r j.
Proof. exact (mulm_id_r N (fun _ => r) 0%nat j). Qed.

Section Family.
Variable N : nat.
Variable F : family.
Definition posrow (r : row) := forall j, (j < N)%nat -> 0 < r j.
Definition nonneg (A : mat) := forall i j, (i < N)%nat -> (j < N)%nat -> 0 <= A i j.
Definition no_zero_column (A : mat) := forall j, (j < N)%nat -> exists i, (i < N)%nat /\ 0 < A i j.
Hypothesis HF : is_family N F.
Hypothesis Fn : forall pA, In pA F -> nonneg (snd pA).
Hypothesis Fc : forall pA, In pA F -> no_zero_column (snd pA).
Let Npos : (0 < N)%nat := proj1 HF.
Let Fp : forall pA, In pA F -> 0 <= fst pA := proj1 (proj2 HF).
Let F1 : lsum fst F = 1 := proj2 (proj2 HF).

Fixpoint T (n : nat) (r : row) : R :=
  match n with O => ln (sum N r) | S m => lsum (fun pA => fst pA * T m (rowm N r (snd pA))) F end.

Lemma T_words n : forall r, T n r = lsum (fun pW => fst pW * ln (sum N (rowm N r (snd pW)))) (products N F n).
Proof.
induction n; intros r.
- simpl. rewrite (sum_ext N (rowm N r idm) r) by (intros; now apply rowm_id). lra.
- unfold products. rewrite words_S. fold (products N F n). cbn [T]. apply lsum_ext; intros [p A] _. simpl. rewrite IHn, <- lsum_scal.
  apply lsum_ext; intros [q W] _; simpl.
  rewrite (sum_ext N (rowm N (rowm N r A) W) (rowm N r (mulm N A W))) by (intros; apply rowm_mul). lra.
Qed.
Lemma T_ext n : forall r s, (forall j, (j < N)%nat -> r j = s j) -> T n r = T n s.
Proof.
induction n; intros r s H; simpl.
- f_equal. now apply sum_ext.
- apply lsum_ext; intros pA _. f_equal. apply IHn. intros j _. unfold rowm. apply sum_ext; intros i Hi. now rewrite H.
Qed.

Lemma products_nonneg n : forall pW, In pW (products N F n) -> nonneg (snd pW).
Proof.
apply words_ind.
- intros i j _ _. unfold idm. destruct (Nat.eqb i j); lra.
- intros pA W HA HW i j Hi Hj. apply sum_nonneg; intros k Hk. apply Rmult_le_pos; [apply Fn|apply HW]; auto.
Qed.
Lemma norm_row W : nonneg W -> norm N W = sum N (rowm N ones W).
Proof.
intros H. unfold norm, rowm, ones. rewrite sum_switch. apply sum_ext; intros j Hj; apply sum_ext; intros i Hi.
rewrite Rabs_pos_eq by auto. lra.
Qed.
Lemma Elog_T n : Elog N F n = T n ones.
Proof. unfold Elog. rewrite T_words. apply lsum_ext; intros pW H. rewrite norm_row; auto. now apply products_nonneg with n. Qed.

Lemma posrow_ones : posrow ones.
Proof. intros j _. unfold ones. lra. Qed.
Lemma posrow_sum r : posrow r -> 0 < sum N r.
Proof. intros P. apply sum_pos with 0%nat; auto. intros; apply Rlt_le; auto. Qed.
Lemma posrow_step r A : posrow r -> nonneg A -> no_zero_column A -> posrow (rowm N r A).
Proof.
intros P HA HC j Hj. destruct (HC j Hj) as (i & Hi & Hp). apply sum_pos with i; auto.
- intros k Hk. apply Rmult_le_pos; auto. apply Rlt_le; auto.
- apply Rmult_lt_0_compat; auto.
Qed.
Lemma products_positive n : forall r, posrow r -> forall pW, In pW (products N F n) -> posrow (rowm N r (snd pW)).
Proof.
intros r Hr pW H. revert r Hr. revert n pW H. apply (words_ind idm (mulm N) (fun W => forall r, posrow r -> posrow (rowm N r W))).
- intros r P j Hj. rewrite rowm_id; auto.
- intros pA W HA HW r P j Hj. rewrite <- rowm_mul. apply HW; auto. apply posrow_step; auto.
Qed.
Lemma norm_positive n pW : In pW (products N F n) -> 0 < norm N (snd pW).
Proof.
intros H. rewrite norm_row by (now apply products_nonneg with n). apply posrow_sum, (products_positive n); auto. apply posrow_ones.
Qed.

(** The order of rows is kept. *)
Lemma order_lower m : forall r s t, 0 < t -> posrow s -> (forall j, (j < N)%nat -> t * s j <= r j) -> T m s + ln t <= T m r.
Proof.
induction m; intros r s t Ht P H; simpl.
- assert (0 < sum N s) by now apply posrow_sum. rewrite Rplus_comm, <- ln_mult by auto.
  apply ln_le. now apply Rmult_lt_0_compat. rewrite <- sum_scal. now apply sum_le.
- change (lsum (fun pA => fst pA * T m (rowm N s (snd pA))) F + ln t) with (T (S m) s + ln t).
  replace (T (S m) s + ln t) with (lsum (fun pA => fst pA * T m (rowm N s (snd pA)) + ln t * fst pA) F) by (rewrite lsum_plus, lsum_scal, F1; simpl; lra).
  apply lsum_le; intros [p A] HA; simpl.
  assert (T m (rowm N s A) + ln t <= T m (rowm N r A)).
  { apply IHm; auto. apply posrow_step; auto. apply (Fn _ HA). apply (Fc _ HA).
    intros j Hj. unfold rowm. rewrite <- sum_scal. apply sum_le; intros i Hi.
    rewrite <- Rmult_assoc. apply Rmult_le_compat_r; auto. apply (Fn _ HA); auto. }
  assert (0 <= p) by apply (Fp _ HA). nra.
Qed.
Lemma order_upper m r s t : 0 < t -> posrow r -> (forall j, (j < N)%nat -> r j <= t * s j) -> T m r <= T m s + ln t.
Proof.
intros Ht P H. assert (T m r + ln (/ t) <= T m s).
{ apply order_lower; auto. now apply Rinv_0_lt_compat. intros j Hj. specialize (H j Hj).
  apply Rmult_le_reg_l with t; auto. rewrite <- Rmult_assoc, Rinv_r by lra. lra. }
rewrite ln_Rinv in H0 by auto. lra.
Qed.
End Family.
