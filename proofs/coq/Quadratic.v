(** * Quadratic forms with integer coefficients, and when they are non-negative

    S >= 0 if S - R^T R is diagonally dominant for some R: a rounded Cholesky factor will do where S is positive definite. *)
From Coq Require Import Reals ZArith QArith List Lra Lia Psatz Arith Bool.
From Lyapcert Require Import Sums Products Compute Moment.
Import ListNotations.
Open Scope R_scope.

Definition dot N (x y : nat -> R) := sum N (fun i => x i * y i).
Definition quad N (P : mat) (x : nat -> R) := dot N x (app N P x).
Definition transpose (A : mat) : mat := fun i j => A j i.

Lemma dot_ext N x x' y y' : (forall i, (i < N)%nat -> x i = x' i) -> (forall i, (i < N)%nat -> y i = y' i) -> dot N x y = dot N x' y'.
Proof. intros H1 H2. apply sum_ext; intros i Hi. now rewrite H1, H2. Qed.
Lemma app_ext N A A' x x' i : (forall j, (j < N)%nat -> A i j = A' i j) -> (forall j, (j < N)%nat -> x j = x' j) -> app N A x i = app N A' x' i.
Proof. intros H1 H2. apply sum_ext; intros j Hj. now rewrite H1, H2. Qed.
Lemma quad_ext N P P' x x' : (forall i j, (i < N)%nat -> (j < N)%nat -> P i j = P' i j) -> (forall i, (i < N)%nat -> x i = x' i) -> quad N P x = quad N P' x'.
Proof. intros H1 H2. apply dot_ext; auto. intros i Hi. apply app_ext; auto. Qed.
Lemma quad_double N P x : quad N P x = sum N (fun i => sum N (fun j => P i j * x i * x j)).
Proof. apply sum_ext; intros i _. unfold app. rewrite <- sum_scal. apply sum_ext; intros; ring. Qed.
Lemma dot_transpose N B x y : dot N x (app N (transpose B) y) = dot N (app N B x) y.
Proof.
unfold dot, app, transpose. rewrite (sum_ext N _ (fun i => sum N (fun j => B j i * x i * y j))).
- rewrite sum_switch. apply sum_ext; intros j _. rewrite <- sum_scalr. apply sum_ext; intros; ring.
- intros i _. rewrite <- sum_scal. apply sum_ext; intros; ring.
Qed.
Lemma quad_congruence N P B x : quad N (mulm N (transpose B) (mulm N P B)) x = quad N P (app N B x).
Proof.
unfold quad. rewrite <- dot_transpose. apply dot_ext; auto. intros i Hi. rewrite app_mul. apply app_ext; auto. intros j Hj. apply app_mul.
Qed.

(** ** Integers *)
Fixpoint sumZ (n : nat) (f : nat -> Z) : Z := match n with O => 0%Z | S m => (sumZ m f + f m)%Z end.
Definition tab (N : nat) (f : nat -> nat -> Z) : list (list Z) := map (fun i => map (f i) (seq 0 N)) (seq 0 N).
Definition mulZ N (A B : list (list Z)) := tab N (fun i j => sumZ N (fun k => entryZ A i k * entryZ B k j)%Z).
Definition congruence N (P B : list (list Z)) :=   (* B^T P B *)
  let PB := mulZ N P B in tab N (fun i j => sumZ N (fun k => entryZ B k i * entryZ PB k j)%Z).
Definition residue N (S R : list (list Z)) := tab N (fun i j => entryZ S i j - sumZ N (fun k => entryZ R k i * entryZ R k j))%Z.
Definition dominant N (E : list (list Z)) : bool :=
  forallb (fun i => (sumZ N (fun j => if Nat.eqb i j then 0 else Z.abs (entryZ E i j) + Z.abs (entryZ E j i)) <=? 2 * entryZ E i i)%Z) (seq 0 N).
Definition psd N (S R : list (list Z)) : bool := dominant N (residue N S R).

Lemma IZR_sum n f : IZR (sumZ n f) = sum n (fun i => IZR (f i)).
Proof. induction n; simpl; auto. now rewrite plus_IZR, IHn. Qed.
Lemma nth_map_seq {X} (f : nat -> X) d n : forall i a, (i < n)%nat -> nth i (map f (seq a n)) d = f (a + i)%nat.
Proof.
induction n; intros i a H; [lia|]. destruct i; simpl. now rewrite Nat.add_0_r. rewrite IHn by lia. f_equal. lia.
Qed.
Lemma entry_tab N f i j : (i < N)%nat -> (j < N)%nat -> entryZ (tab N f) i j = f i j.
Proof. intros Hi Hj. unfold entryZ, tab. rewrite nth_map_seq by auto. now rewrite nth_map_seq by auto. Qed.
Lemma congruence_ok N P B i j : (i < N)%nat -> (j < N)%nat -> matZ (congruence N P B) i j = mulm N (transpose (matZ B)) (mulm N (matZ P) (matZ B)) i j.
Proof.
intros Hi Hj. unfold matZ, congruence, mulm, transpose. rewrite entry_tab, IZR_sum by auto. apply sum_ext; intros k Hk.
unfold mulZ. rewrite mult_IZR, entry_tab, IZR_sum by auto. f_equal. apply sum_ext; intros. apply mult_IZR.
Qed.

Lemma dominant_ok N E x : dominant N E = true -> 0 <= quad N (matZ E) x.
Proof.
unfold dominant. rewrite forallb_forall. intros H. rewrite quad_double.
set (o := fun i j => if Nat.eqb i j then 0 else Rabs (matZ E i j)).
apply Rle_trans with (sum N (fun i => sum N (fun j => (if Nat.eqb i j then matZ E i i * (x i * x i) else 0) + - (/ 2) * (o i j * (x i * x i)) + - (/ 2) * (o i j * (x j * x j))))).
2:{ apply sum_le; intros i _; apply sum_le; intros j _. unfold o. destruct (Nat.eqb_spec i j) as [->|]; [lra|].
    set (e := matZ E i j). assert (- Rabs e <= e <= Rabs e) by (split; [assert (A := Rle_abs (- e)); rewrite Rabs_Ropp in A; lra|apply Rle_abs]).
    assert (0 <= (x i - x j) ^ 2 /\ 0 <= (x i + x j) ^ 2) as [] by (split; apply pow2_ge_0). nra. }
rewrite (sum_ext N _ (fun i => matZ E i i * (x i * x i) + - (/ 2) * sum N (fun j => o i j * (x i * x i)) + - (/ 2) * sum N (fun j => o i j * (x j * x j)))).
2:{ intros i Hi. rewrite !sum_plus, !sum_scal. rewrite (sum_single N (fun j => if Nat.eqb i j then _ else 0) i); auto. now rewrite Nat.eqb_refl.
    intros j Hj. destruct (Nat.eqb_spec i j); [congruence|auto]. }
rewrite !sum_plus, !sum_scal, (sum_switch N N (fun i j => o i j * (x j * x j))).
rewrite <- !sum_scal, <- !sum_plus. apply sum_nonneg; intros i Hi. rewrite !sum_scalr.
specialize (H i ltac:(apply in_seq; lia)). apply Z.leb_le, IZR_le in H. rewrite IZR_sum, mult_IZR in H.
assert (G : sum N (fun j => o i j) + sum N (fun j => o j i) <= 2 * matZ E i i).
{ rewrite <- sum_plus. eapply Rle_trans; [|exact H]. apply Req_le. apply sum_ext; intros j _. unfold o, matZ.
  rewrite (Nat.eqb_sym j i). destruct (Nat.eqb i j); [lra|]. now rewrite plus_IZR, !abs_IZR. }
change (sum N (fun j => o i j)) with (sum N (o i)) in G. set (s := sum N (o i)) in *. set (t := sum N (fun j => o j i)) in *.
assert (Y := Rle_0_sqr (x i)). unfold Rsqr in Y.
replace (_ + _ + _) with ((2 * matZ E i i - (s + t)) * (x i * x i) / 2) by field.
apply Rmult_le_pos; [apply Rmult_le_pos|]; lra.
Qed.
Lemma psd_ok N S R x : psd N S R = true -> 0 <= quad N (matZ S) x.
Proof.
intros H. apply (dominant_ok _ _ x) in H.
assert (E : quad N (matZ S) x = quad N (matZ (residue N S R)) x + sum N (fun k => app N (matZ R) x k * app N (matZ R) x k)).
{ change (sum N (fun k => app N (matZ R) x k * app N (matZ R) x k)) with (dot N (app N (matZ R) x) (app N (matZ R) x)).
  rewrite <- dot_transpose. unfold quad, dot. rewrite <- sum_plus. apply sum_ext; intros i Hi. rewrite <- Rmult_plus_distr_l. f_equal.
  rewrite <- app_mul. unfold app. rewrite <- sum_plus. apply sum_ext; intros j Hj. rewrite <- Rmult_plus_distr_r. f_equal.
  unfold matZ at 2, residue. rewrite entry_tab, minus_IZR, IZR_sum by auto.
  unfold mulm, transpose, matZ. rewrite (sum_ext N (fun k => IZR (_ * _)) (fun k => IZR (entryZ R k i) * IZR (entryZ R k j))) by (intros; apply mult_IZR). lra. }
rewrite E. assert (0 <= sum N (fun k => app N (matZ R) x k * app N (matZ R) x k)) by (apply sum_nonneg; intros; nra). lra.
Qed.
(** q is bounded by the sum of the moduli of its coefficients. *)
Lemma quad_upper N P x : quad N P x <= norm N P * sq N x.
Proof.
rewrite quad_double. unfold norm. rewrite <- sum_scalr. apply sum_le; intros i Hi. rewrite <- sum_scalr. apply sum_le; intros j Hj.
assert (A : x i * x i <= sq N x) by (apply (sum_term N (fun i => x i * x i)); auto; intros; nra).
assert (B : x j * x j <= sq N x) by (apply (sum_term N (fun i => x i * x i)); auto; intros; nra).
assert (- Rabs (P i j) <= P i j <= Rabs (P i j)) by (split; [assert (C := Rle_abs (- P i j)); rewrite Rabs_Ropp in C; lra|apply Rle_abs]).
assert (0 <= (x i - x j) ^ 2 /\ 0 <= (x i + x j) ^ 2) as [] by (split; apply pow2_ge_0).
assert (0 <= Rabs (P i j)) by apply Rabs_pos.
apply Rle_trans with (Rabs (P i j) * ((x i * x i + x j * x j) / 2)); [nra|]. apply Rmult_le_compat_l; lra.
Qed.
