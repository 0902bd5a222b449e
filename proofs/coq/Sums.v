(** * Finite sums

    [sum n f] is f 0 + ... + f (n - 1); [lsum g l] is the sum of g over the members of a list. Of a list of pairs (probability, value) the latter
    is an expectation, and no measure theory is needed: a word of n independent factors takes finitely many values. *)
From Coq Require Import Reals List Lra Lia Arith.
Import ListNotations.
Open Scope R_scope.

Fixpoint sum (n : nat) (f : nat -> R) : R := match n with O => 0 | S m => sum m f + f m end.
Fixpoint lsum {X} (g : X -> R) (l : list X) : R := match l with [] => 0 | x :: t => g x + lsum g t end.

(** ** Over the numbers below n *)
Lemma sum_ext n f g : (forall i, (i < n)%nat -> f i = g i) -> sum n f = sum n g.
Proof. induction n; simpl; intros H; auto. rewrite IHn, (H n); auto. Qed.
Lemma sum_plus n f g : sum n (fun i => f i + g i) = sum n f + sum n g.
Proof. induction n; simpl; lra. Qed.
Lemma sum_scal n c f : sum n (fun i => c * f i) = c * sum n f.
Proof. induction n; simpl; lra. Qed.
Lemma sum_scalr n c f : sum n (fun i => f i * c) = sum n f * c.
Proof. induction n; simpl; lra. Qed.
Lemma sum_0 n : sum n (fun _ => 0) = 0.
Proof. induction n; simpl; lra. Qed.
Lemma sum_const n c : sum n (fun _ => c) = INR n * c.
Proof. induction n; [simpl; lra|]. cbn [sum]. rewrite S_INR. lra. Qed.
Lemma sum_le n f g : (forall i, (i < n)%nat -> f i <= g i) -> sum n f <= sum n g.
Proof. induction n; simpl; intros H; [lra|]. specialize (IHn (fun i h => H i (Nat.lt_lt_succ_r _ _ h))). specialize (H n (Nat.lt_succ_diag_r n)). lra. Qed.
Lemma sum_nonneg n f : (forall i, (i < n)%nat -> 0 <= f i) -> 0 <= sum n f.
Proof. intros H. rewrite <- (sum_0 n). apply sum_le, H. Qed.
Lemma sum_term n f k : (forall i, (i < n)%nat -> 0 <= f i) -> (k < n)%nat -> f k <= sum n f.
Proof.
induction n; simpl; intros H Hk; [lia|].
assert (Hn := sum_nonneg n f (fun i h => H i (Nat.lt_lt_succ_r _ _ h))).
assert (Hf := H n (Nat.lt_succ_diag_r n)).
destruct (Nat.eq_dec k n) as [->|]; [lra|].
assert (f k <= sum n f) by (apply IHn; auto; lia). lra.
Qed.
Lemma sum_pos n f k : (forall i, (i < n)%nat -> 0 <= f i) -> (k < n)%nat -> 0 < f k -> 0 < sum n f.
Proof. intros H Hk P. apply Rlt_le_trans with (f k); auto. now apply sum_term. Qed.
Lemma sum_switch n m f : sum n (fun i => sum m (fun j => f i j)) = sum m (fun j => sum n (fun i => f i j)).
Proof. induction n; simpl. now rewrite sum_0. rewrite IHn, <- sum_plus. reflexivity. Qed.
Lemma sum_first n f : sum (S n) f = f 0%nat + sum n (fun i => f (S i)).
Proof. induction n; simpl in *; [lra|]. rewrite IHn. lra. Qed.
Lemma sum_Rabs n f : Rabs (sum n f) <= sum n (fun i => Rabs (f i)).
Proof. induction n; simpl. rewrite Rabs_R0; lra. eapply Rle_trans; [apply Rabs_triang|lra]. Qed.
(** one term alone *)
Lemma sum_single n f j : (j < n)%nat -> (forall i, i <> j -> f i = 0) -> sum n f = f j.
Proof.
intros Hj Z. induction n; [lia|]. simpl. destruct (Nat.eq_dec j n) as [->|].
- rewrite (sum_ext n f (fun _ => 0)), sum_0. lra. intros i Hi. apply Z; lia.
- rewrite IHn by lia. rewrite (Z n) by lia. lra.
Qed.
(** Cauchy and Schwarz, against (1, ..., 1) *)
Lemma sum_square n f : (sum n f) ^ 2 <= INR n * sum n (fun i => f i * f i).
Proof.
induction n. simpl; lra. cbn [sum]. rewrite S_INR. set (s := sum n f) in *. set (u := sum n (fun i => f i * f i)) in *.
assert (U : 0 <= u) by (apply sum_nonneg; intros; nra).
destruct n. unfold s, u. simpl. nra. assert (0 < INR (S n)) by (apply lt_0_INR; lia). set (k := INR (S n)) in *.
assert (0 <= (s - k * f (S n)) ^ 2) by apply pow2_ge_0. apply Rmult_le_reg_l with k; auto. nra.
Qed.

(** ** Over a list *)
Lemma lsum_ext {X} (f g : X -> R) l : (forall x, In x l -> f x = g x) -> lsum f l = lsum g l.
Proof. induction l; simpl; intros H; auto. rewrite (H a), IHl; auto. Qed.
Lemma lsum_app {X} (f : X -> R) a b : lsum f (a ++ b) = lsum f a + lsum f b.
Proof. induction a; simpl; lra. Qed.
Lemma lsum_map {X Y} (f : Y -> R) (h : X -> Y) l : lsum f (map h l) = lsum (fun x => f (h x)) l.
Proof. induction l; simpl; lra. Qed.
Lemma lsum_flat {X Y} (f : Y -> R) (h : X -> list Y) l : lsum f (flat_map h l) = lsum (fun x => lsum f (h x)) l.
Proof. induction l; simpl; auto. rewrite lsum_app; lra. Qed.
Lemma lsum_scal {X} c (f : X -> R) l : lsum (fun x => c * f x) l = c * lsum f l.
Proof. induction l; simpl; lra. Qed.
Lemma lsum_le {X} (f g : X -> R) l : (forall x, In x l -> f x <= g x) -> lsum f l <= lsum g l.
Proof. induction l; simpl; intros H; [lra|]. assert (f a <= g a) by auto. assert (lsum f l <= lsum g l) by auto. lra. Qed.
Lemma lsum_nonneg {X} (f : X -> R) l : (forall x, In x l -> 0 <= f x) -> 0 <= lsum f l.
Proof. induction l; simpl; intros H; [lra|]. assert (0 <= f a) by auto. assert (0 <= lsum f l) by auto. lra. Qed.
Lemma lsum_term {X} (f : X -> R) l x : (forall x, In x l -> 0 <= f x) -> In x l -> f x <= lsum f l.
Proof.
induction l as [|y l IH]; simpl; intros H [].
- subst. assert (0 <= lsum f l) by (apply lsum_nonneg; auto). lra.
- assert (f x <= lsum f l) by auto. assert (0 <= f y) by auto. lra.
Qed.
Lemma lsum_plus {X} (f g : X -> R) l : lsum (fun x => f x + g x) l = lsum f l + lsum g l.
Proof. induction l; simpl; lra. Qed.
Lemma lsum_minus {X} (f g : X -> R) l : lsum (fun x => f x - g x) l = lsum f l - lsum g l.
Proof. induction l; simpl; lra. Qed.
Lemma lsum_switch {X Y} (g : X -> Y -> R) l m : lsum (fun x => lsum (g x) m) l = lsum (fun y => lsum (fun x => g x y) l) m.
Proof. induction l; simpl. induction m; simpl; lra. rewrite IHl. clear IHl. induction m; simpl; lra. Qed.
Lemma lsum_sum {X} n (g : X -> nat -> R) l : lsum (fun x => sum n (g x)) l = sum n (fun i => lsum (fun x => g x i) l).
Proof. induction l; simpl. now rewrite sum_0. now rewrite sum_plus, IHl. Qed.
