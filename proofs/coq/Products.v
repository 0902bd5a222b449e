(** * Products of independent random matrices, and their Lyapunov exponent

    What a reader of an exported theorem has to read: [mat], [mulm], [norm], [family], [words], [Elog], [is_family], [is_exponent]. *)
From Coq Require Import Reals List Lra Lia Arith.
From Lyapcert Require Import Sums.
Import ListNotations.
Open Scope R_scope.

(** An N x N matrix is a function of its indices, of which only 0, ..., N - 1 matter. *)
Definition mat := nat -> nat -> R.
Definition mulm N (A B : mat) : mat := fun i j => sum N (fun k => A i k * B k j).
Definition idm : mat := fun i j => if Nat.eqb i j then 1 else 0.
(** The sum of the moduli of the entries; all norms have the same exponent. *)
Definition norm N (W : mat) : R := sum N (fun i => sum N (fun j => Rabs (W i j))).

(** A family: finitely many matrices and their probabilities. *)
Definition family := list (R * mat).
Definition is_family N (F : family) := (0 < N)%nat /\ (forall pA, In pA F -> 0 <= fst pA) /\ lsum fst F = 1.

(** The words of n independent letters and their probabilities, in any monoid: one for each choice of n letters. *)
Fixpoint words {X} (e : X) (op : X -> X -> X) (F : list (R * X)) (n : nat) : list (R * X) :=
  match n with
  | O => [(1, e)]
  | S m => flat_map (fun pA => map (fun qW => (fst pA * fst qW, op (snd pA) (snd qW))) (words e op F m)) F
  end.
Definition products N (F : family) n := words idm (mulm N) F n.

(** E ln ||A_1 ... A_n||, A_1, A_2, ... independent with the law F. *)
Definition Elog N F n := lsum (fun pW => fst pW * ln (norm N (snd pW))) (products N F n).

(** l is the top Lyapunov exponent of F: the limit of (1/n) E ln ||A_1 ... A_n||. That no product vanishes is part of it: in Coq, ln 0 = 0. (A_n
    ... A_1 has the same law as A_1 ... A_n. By Furstenberg and Kesten, l is also the almost sure limit of (1/n) ln ||A_n ... A_1||; this is not
    proved here.) *)
Definition is_exponent N F l :=
  is_family N F /\ (forall n pW, In pW (products N F n) -> 0 < norm N (snd pW)) /\ Un_cv (fun n => Elog N F n / INR n) l.

(** ** Words *)
Section Words.
Context {X : Type} (e : X) (op : X -> X -> X).
Notation words := (words e op).

(** What holds for the unit and is kept by every letter, holds for all words. *)
Lemma words_ind (P : X -> Prop) F : P e -> (forall pA y, In pA F -> P y -> P (op (snd pA) y)) -> forall n pW, In pW (words F n) -> P (snd pW).
Proof.
intros H0 HS. induction n; simpl; intros pW H.
- destruct H as [<-|[]]; auto.
- apply in_flat_map in H as (pA & HA & H). apply in_map_iff in H as (qW & <- & HW). simpl. auto.
Qed.
Lemma words_prob F : (forall pA, In pA F -> 0 <= fst pA) -> forall n pW, In pW (words F n) -> 0 <= fst pW.
Proof.
intros HF. induction n; simpl; intros pW H.
- destruct H as [<-|[]]; simpl; lra.
- apply in_flat_map in H as (pA & HA & H). apply in_map_iff in H as (qW & <- & HW). simpl. apply Rmult_le_pos; auto.
Qed.
Lemma words_total F : lsum fst F = 1 -> forall n, lsum fst (words F n) = 1.
Proof.
intros F1. induction n; simpl; [lra|]. rewrite lsum_flat, <- F1. apply lsum_ext; intros x _. rewrite lsum_map. simpl.
rewrite lsum_scal, IHn. lra.
Qed.
(** A sum over words of length n + 1, by their first letter. *)
Lemma words_S (g : R * X -> R) F n : lsum g (words F (S n)) = lsum (fun pA => lsum (fun qW => g (fst pA * fst qW, op (snd pA) (snd qW))) (words F n)) F.
Proof. simpl. rewrite lsum_flat. apply lsum_ext; intros pA _. now rewrite lsum_map. Qed.
(** The expectation of a homomorphism into the additive reals. *)
Lemma words_additive (P : X -> Prop) (g : X -> R) F : P e -> (forall pA y, In pA F -> P y -> P (op (snd pA) y)) -> g e = 0 ->
  (forall pA y, In pA F -> P y -> g (op (snd pA) y) = g (snd pA) + g y) -> lsum fst F = 1 ->
  forall n, lsum (fun pW => fst pW * g (snd pW)) (words F n) = INR n * lsum (fun pA => fst pA * g (snd pA)) F.
Proof.
intros P0 PS g0 gS F1. induction n.
- simpl. rewrite g0. lra.
- rewrite words_S, S_INR. set (m := lsum (fun pA => fst pA * g (snd pA)) F) in *.
  rewrite (lsum_ext _ (fun pA => fst pA * g (snd pA) + INR n * m * fst pA)).
  + rewrite lsum_plus, lsum_scal, F1. unfold m. lra.
  + intros pA HA. simpl.
    rewrite (lsum_ext _ (fun qW => fst pA * g (snd pA) * fst qW + fst pA * (fst qW * g (snd qW)))).
    * rewrite lsum_plus, !lsum_scal, IHn, words_total by auto. lra.
    * intros qW HW. rewrite gS; auto; [lra|]. exact (words_ind P F P0 PS n qW HW).
Qed.
End Words.
(** Words of images are images of words. *)
Lemma words_map {X Y} (h : X -> Y) e op e' op' (F : list (R * X)) : h e = e' -> (forall x y, h (op x y) = op' (h x) (h y)) ->
  forall n, words e' op' (map (fun pA => (fst pA, h (snd pA))) F) n = map (fun pA => (fst pA, h (snd pA))) (words e op F n).
Proof.
intros H0 HS. induction n; simpl. now rewrite H0. rewrite IHn. set (w := words e op F n). clearbody w. clear IHn.
induction F as [|pA F IH]; simpl; auto. rewrite map_app, IH. f_equal. rewrite !map_map. simpl.
apply map_ext; intros qW. now rewrite HS.
Qed.

(** ** Matrices *)
Lemma mulm_id_l N A i j : (i < N)%nat -> mulm N idm A i j = A i j.
Proof.
intros H. unfold mulm. rewrite (sum_single N _ i); auto; unfold idm.
- rewrite Nat.eqb_refl; lra.
- intros k Hk. destruct (Nat.eqb_spec i k); [congruence|lra].
Qed.
Lemma mulm_id_r N A i j : (j < N)%nat -> mulm N A idm i j = A i j.
Proof.
intros H. unfold mulm. rewrite (sum_single N _ j); auto; unfold idm.
- rewrite Nat.eqb_refl; lra.
- intros k Hk. destruct (Nat.eqb_spec k j); [congruence|lra].
Qed.
Lemma mulm_assoc N A B C i j : mulm N (mulm N A B) C i j = mulm N A (mulm N B C) i j.
Proof.
unfold mulm. rewrite (sum_ext N _ (fun k => sum N (fun m => A i m * B m k * C k j))) by (intros; now rewrite sum_scalr).
rewrite sum_switch. apply sum_ext; intros m _. rewrite <- sum_scal. apply sum_ext; intros; lra.
Qed.
Lemma mulm_ext N A A' B B' i j : (forall k, (k < N)%nat -> A i k = A' i k) -> (forall k, (k < N)%nat -> B k j = B' k j) ->
  mulm N A B i j = mulm N A' B' i j.
Proof. intros H1 H2. apply sum_ext; intros k Hk. now rewrite H1, H2. Qed.

Lemma norm_ext N A B : (forall i j, (i < N)%nat -> (j < N)%nat -> A i j = B i j) -> norm N A = norm N B.
Proof. intros H. apply sum_ext; intros i Hi; apply sum_ext; intros j Hj. now rewrite H. Qed.
Lemma norm_nonneg N A : 0 <= norm N A.
Proof. apply sum_nonneg; intros; apply sum_nonneg; intros. apply Rabs_pos. Qed.
Lemma norm_scal N c A : norm N (fun i j => c * A i j) = Rabs c * norm N A.
Proof. unfold norm. rewrite <- sum_scal. apply sum_ext; intros i _. rewrite <- sum_scal. apply sum_ext; intros j _. apply Rabs_mult. Qed.
Lemma norm_entry N A i j : (i < N)%nat -> (j < N)%nat -> Rabs (A i j) <= norm N A.
Proof.
intros Hi Hj. apply Rle_trans with (sum N (fun j => Rabs (A i j))).
- apply (sum_term N (fun j => Rabs (A i j))); auto. intros; apply Rabs_pos.
- apply (sum_term N (fun i => sum N (fun j => Rabs (A i j)))); auto. intros; apply sum_nonneg; intros; apply Rabs_pos.
Qed.
Lemma norm_mul N A B : norm N (mulm N A B) <= norm N A * norm N B.
Proof.
unfold norm at 1. apply Rle_trans with (sum N (fun i => sum N (fun k => Rabs (A i k) * norm N B))).
- apply sum_le; intros i Hi.
  apply Rle_trans with (sum N (fun j => sum N (fun k => Rabs (A i k) * Rabs (B k j)))).
  + apply sum_le; intros j Hj. unfold mulm. eapply Rle_trans; [apply sum_Rabs|]. apply sum_le; intros k Hk. rewrite Rabs_mult. lra.
  + rewrite sum_switch. apply sum_le; intros k Hk. rewrite sum_scal. apply Rmult_le_compat_l; [apply Rabs_pos|].
    apply (sum_term N (fun k => sum N (fun j => Rabs (B k j)))); auto. intros; apply sum_nonneg; intros; apply Rabs_pos.
- rewrite (sum_ext N _ (fun i => sum N (fun k => Rabs (A i k)) * norm N B)) by (intros; now rewrite sum_scalr). rewrite sum_scalr. apply Rle_refl.
Qed.

(** ** Logarithms *)
Lemma ln_le x y : 0 < x -> x <= y -> ln x <= ln y.
Proof. intros P [L| ->]; [left; now apply ln_increasing|lra]. Qed.
Lemma ln_le_minus x : 0 < x -> ln x <= x - 1.
Proof.
intros H. pose proof (exp_ineq1_le (x - 1)). destruct (Rle_lt_dec (ln x) (x - 1)) as [|L]; auto. exfalso.
apply exp_increasing in L. rewrite exp_ln in L by auto. lra.
Qed.

(** ** Subadditivity: E ln ||W V|| <= E ln ||W|| + E ln ||V|| for independent words W, V *)
Lemma subadditive N F : is_family N F -> (forall n pW, In pW (products N F n) -> 0 < norm N (snd pW)) ->
  forall m n, Elog N F (m + n) <= Elog N F m + Elog N F n.
Proof.
intros (_ & Fp & F1) P m n.
(* the words of length m + n, after a matrix A, against those of length m *)
assert (G : forall m A, (forall pW, In pW (products N F m) -> 0 < norm N (mulm N A (snd pW))) ->
  (forall pW, In pW (products N F (m + n)) -> 0 < norm N (mulm N A (snd pW))) ->
  lsum (fun pW => fst pW * ln (norm N (mulm N A (snd pW)))) (products N F (m + n)) <=
  lsum (fun pW => fst pW * ln (norm N (mulm N A (snd pW)))) (products N F m) + Elog N F n).
{ clear m. induction m; intros A PA QA.
  - simpl. set (a := ln (norm N (mulm N A idm))).
    assert (E : norm N (mulm N A idm) = norm N A) by (apply norm_ext; intros; now apply mulm_id_r).
    assert (A0 : 0 < norm N A) by (rewrite <- E; apply (PA (1, idm)); now left).
    apply Rle_trans with (lsum (fun pW => a * fst pW + fst pW * ln (norm N (snd pW))) (products N F n)).
    + apply lsum_le; intros pW H. assert (W0 := P n pW H). assert (p0 := words_prob _ _ F Fp n pW H).
      rewrite (Rmult_comm a), <- Rmult_plus_distr_l. apply Rmult_le_compat_l; auto. unfold a. rewrite E, <- ln_mult by auto.
      apply ln_le; [now apply QA|apply norm_mul].
    + rewrite lsum_plus, lsum_scal. unfold products. rewrite words_total by auto. fold (products N F n). unfold Elog, a. lra.
  - change (S m + n)%nat with (S (m + n)). unfold products. rewrite !words_S. fold (products N F (m + n)) (products N F m).
    replace (Elog N F n) with (lsum (fun pA => Elog N F n * fst pA) F) by (rewrite lsum_scal, F1; lra).
    rewrite <- lsum_plus. apply lsum_le; intros pA HA. cbn [fst snd].
    assert (M : forall k, lsum (fun qW => fst pA * fst qW * ln (norm N (mulm N A (mulm N (snd pA) (snd qW))))) (products N F k) =
      fst pA * lsum (fun qW => fst qW * ln (norm N (mulm N (mulm N A (snd pA)) (snd qW)))) (products N F k)).
    { intros k. rewrite <- lsum_scal. apply lsum_ext; intros qW _. rewrite Rmult_assoc. do 3 f_equal.
      apply norm_ext; intros; symmetry; apply mulm_assoc. }
    rewrite !M. assert (I := IHm (mulm N A (snd pA))). specialize (Fp pA HA).
    assert (L : forall k, (forall pW, In pW (products N F (S k)) -> 0 < norm N (mulm N A (snd pW))) ->
      forall pW, In pW (products N F k) -> 0 < norm N (mulm N (mulm N A (snd pA)) (snd pW))).
    { intros k H qW HW. rewrite (norm_ext N _ (mulm N A (mulm N (snd pA) (snd qW)))) by (intros; apply mulm_assoc).
      apply (H (fst pA * fst qW, mulm N (snd pA) (snd qW))). unfold products. simpl. apply in_flat_map. exists pA; split; auto.
      apply in_map_iff. exists qW; auto. }
    specialize (I (L m PA) (L (m + n)%nat QA)). nra. }
assert (E : forall k pW, In pW (products N F k) -> norm N (mulm N idm (snd pW)) = norm N (snd pW)) by (intros; apply norm_ext; intros; now apply mulm_id_l).
specialize (G m idm). unfold Elog at 1 2.
rewrite <- (lsum_ext (fun pW => fst pW * ln (norm N (mulm N idm (snd pW))))) by (intros pW H; now rewrite (E _ pW H)).
rewrite <- (lsum_ext (fun pW => fst pW * ln (norm N (mulm N idm (snd pW)))) _ (products N F m)) by (intros pW H; now rewrite (E _ pW H)).
apply G; intros pW H; rewrite (E _ pW H); eauto.
Qed.
