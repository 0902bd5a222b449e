(** * Other coordinates and common factors

    If d_k A_k P = P B_k for every letter, with numbers d_k <> 0 and an invertible P, then lambda(A) = lambda(B) - E ln |d|. So rational matrices
    become integer ones, and matrices that keep a cone spanned by N rows non-negative ones: signs are the case P = diag(+-1). *)
From Coq Require Import Reals List Lra Lia Psatz Arith.
From Lyapcert Require Import Sums Products Fekete.
Import ListNotations.
Open Scope R_scope.

Section Conjugate.
Variable N : nat.
(** probability, A_k, d_k, B_k *)
Definition joint := list (R * (mat * (R * mat))).
Variable J : joint.
Definition left_family : family := map (fun x => (fst x, fst (snd x))) J.
Definition right_family : family := map (fun x => (fst x, snd (snd (snd x)))) J.
Definition mean_log_factor := lsum (fun x => fst x * ln (Rabs (fst (snd (snd x))))) J.

Variables P Q : mat.
Variable c : R.
Definition equal (A B : mat) := forall i j, (i < N)%nat -> (j < N)%nat -> A i j = B i j.
Definition scaled (d : R) (A : mat) : mat := fun i j => d * A i j.
Hypothesis c0 : c <> 0.
Hypothesis PQ : equal (mulm N P Q) (scaled c idm).
Hypothesis QP : equal (mulm N Q P) (scaled c idm).
Definition intertwined (x : mat * (R * mat)) := fst (snd x) <> 0 /\ equal (scaled (fst (snd x)) (mulm N (fst x) P)) (mulm N P (snd (snd x))).
Hypothesis HJ : forall x, In x J -> intertwined (snd x).
Hypothesis HB : is_family N right_family.

Definition e3 : mat * (R * mat) := (idm, (1, idm)).
Definition op3 (x y : mat * (R * mat)) : mat * (R * mat) := (mulm N (fst x) (fst y), (fst (snd x) * fst (snd y), mulm N (snd (snd x)) (snd (snd y)))).
Notation triples n := (words e3 op3 J n).

Lemma mulm_scaled_l d A B i j : mulm N (scaled d A) B i j = d * mulm N A B i j.
Proof. unfold mulm, scaled. rewrite <- sum_scal. apply sum_ext; intros; lra. Qed.
Lemma mulm_scaled_r d A B i j : mulm N A (scaled d B) i j = d * mulm N A B i j.
Proof. unfold mulm, scaled. rewrite <- sum_scal. apply sum_ext; intros; lra. Qed.

Lemma intertwined_e : intertwined e3.
Proof. split; simpl; [lra|]. intros i j Hi Hj. unfold scaled. rewrite mulm_id_l, mulm_id_r by auto. lra. Qed.
Lemma intertwined_op x y : intertwined x -> intertwined y -> intertwined (op3 x y).
Proof.
destruct x as (A & d & B), y as (A' & d' & B'). intros [D H] [D' H']; simpl in *. split; simpl.
- now apply Rmult_integral_contrapositive_currified.
- intros i j Hi Hj. unfold scaled in *. rewrite mulm_assoc.
  transitivity (d * mulm N A (scaled d' (mulm N A' P)) i j). { rewrite mulm_scaled_r. unfold scaled. lra. }
  rewrite (mulm_ext N A A _ (mulm N P B')) by (auto; intros; now apply H').
  rewrite <- !mulm_assoc. rewrite <- mulm_scaled_l. apply mulm_ext; auto. intros k Hk. now apply H.
Qed.
Lemma triples_intertwined n x : In x (triples n) -> intertwined (snd x).
Proof.
revert n x. apply words_ind. apply intertwined_e. intros x y Hx Hy. apply intertwined_op; auto.
Qed.
Lemma left_products n : products N left_family n = map (fun x => (fst x, fst (snd x))) (triples n).
Proof. apply (words_map (fun x : mat * (R * mat) => fst x)); reflexivity. Qed.
Lemma right_products n : products N right_family n = map (fun x => (fst x, snd (snd (snd x)))) (triples n).
Proof. apply (words_map (fun x : mat * (R * mat) => snd (snd x))); reflexivity. Qed.

(** Norms of A-words and B-words differ by a factor at most, apart from d. *)
Definition kappa := norm N P * norm N Q / Rabs c.
Let c1 : 0 < Rabs c := Rabs_pos_lt c c0.
Lemma norm_scaled d A : norm N (scaled d A) = Rabs d * norm N A.
Proof. apply norm_scal. Qed.
Lemma norm_left x : intertwined x -> Rabs (fst (snd x)) * norm N (fst x) <= kappa * norm N (snd (snd x)).
Proof.
destruct x as (A & d & B). intros [D H]; simpl in *.
assert (E : equal (scaled (d * c) A) (mulm N (mulm N P B) Q)).
{ intros i j Hi Hj. rewrite (mulm_ext N _ (scaled d (mulm N A P)) Q Q) by (auto; intros; symmetry; now apply H).
  rewrite mulm_scaled_l, mulm_assoc. rewrite (mulm_ext N A A _ (scaled c idm)) by (auto; intros; now apply PQ).
  rewrite mulm_scaled_r, mulm_id_r by auto. unfold scaled. lra. }
assert (I : Rabs (d * c) * norm N A <= norm N P * norm N B * norm N Q).
{ rewrite <- norm_scaled. rewrite (norm_ext N _ _ E). eapply Rle_trans; [apply norm_mul|].
  apply Rmult_le_compat_r; [apply norm_nonneg|apply norm_mul]. }
rewrite Rabs_mult in I. unfold kappa. apply Rmult_le_reg_l with (Rabs c); auto.
replace (Rabs c * (norm N P * norm N Q / Rabs c * norm N B)) with (norm N P * norm N B * norm N Q) by (field; lra). lra.
Qed.
Lemma norm_right x : intertwined x -> norm N (snd (snd x)) <= kappa * (Rabs (fst (snd x)) * norm N (fst x)).
Proof.
destruct x as (A & d & B). intros [D H]; simpl in *.
assert (E : equal (scaled c B) (mulm N Q (scaled d (mulm N A P)))).
{ intros i j Hi Hj. rewrite (mulm_ext N Q Q _ (mulm N P B)) by (auto; intros; now apply H).
  rewrite <- mulm_assoc. rewrite (mulm_ext N _ (scaled c idm) B B) by (auto; intros; now apply QP).
  rewrite mulm_scaled_l, mulm_id_l by auto. unfold scaled. lra. }
assert (I : Rabs c * norm N B <= norm N Q * (Rabs d * (norm N A * norm N P))).
{ rewrite <- norm_scaled. rewrite (norm_ext N _ _ E). eapply Rle_trans; [apply norm_mul|].
  apply Rmult_le_compat_l; [apply norm_nonneg|]. rewrite norm_scaled. apply Rmult_le_compat_l; [apply Rabs_pos|apply norm_mul]. }
unfold kappa. apply Rmult_le_reg_l with (Rabs c); auto.
replace (Rabs c * (norm N P * norm N Q / Rabs c * (Rabs d * norm N A))) with (norm N Q * (Rabs d * (norm N A * norm N P))) by (field; lra). lra.
Qed.

Lemma left_is_family : is_family N left_family.
Proof.
destruct HB as (N0 & H0 & H1). unfold right_family, left_family in *. rewrite lsum_map in H1. split; [auto|split].
- intros pA H. apply in_map_iff in H as (x & <- & Hx). apply (H0 (fst x, snd (snd (snd x)))). apply in_map_iff; eauto.
- rewrite lsum_map. exact H1.
Qed.

Theorem conjugate l : is_exponent N right_family l -> is_exponent N left_family (l - mean_log_factor).
Proof.
intros (_ & Pos & L).
assert (PosA : forall n x, In x (triples n) -> 0 < norm N (snd (snd (snd x))) /\ 0 < Rabs (fst (snd (snd x))) /\ 0 < norm N (fst (snd x)) /\ 0 < kappa).
{ intros n x Hx. assert (I := triples_intertwined n x Hx). assert (B0 : 0 < norm N (snd (snd (snd x)))).
  { apply (Pos n (fst x, snd (snd (snd x)))). rewrite right_products. apply in_map_iff; eauto. }
  assert (D0 : 0 < Rabs (fst (snd (snd x)))) by (apply Rabs_pos_lt, I).
  assert (K0 : 0 <= kappa). { unfold kappa. apply Rmult_le_pos; [apply Rmult_le_pos; apply norm_nonneg|]. now apply Rlt_le, Rinv_0_lt_compat. }
  assert (R := norm_right _ I). assert (A0 := norm_nonneg N (fst (snd x))).
  repeat split; auto.
  - destruct A0 as [|Z]; auto. rewrite <- Z in R. rewrite Rmult_0_r, Rmult_0_r in R. lra.
  - destruct K0 as [|Z]; auto. rewrite <- Z in R. rewrite Rmult_0_l in R. lra. }
split; [apply left_is_family|split].
- intros n pW H. rewrite left_products in H. apply in_map_iff in H as (x & <- & Hx). simpl. now apply (PosA n).
- apply (limit_shift (Elog N right_family) _ (- mean_log_factor) (Rabs (ln kappa))); auto.
  intros n. unfold Elog. rewrite left_products, right_products, !lsum_map. cbn [fst snd].
  assert (M : lsum (fun x => fst x * ln (Rabs (fst (snd (snd x))))) (triples n) = INR n * mean_log_factor).
  { apply (words_additive e3 op3 intertwined (fun x => ln (Rabs (fst (snd x)))) J intertwined_e).
    - intros pA y HA Hy. apply intertwined_op; auto.
    - simpl. rewrite Rabs_R1. apply ln_1.
    - intros pA y HA Hy. simpl. rewrite Rabs_mult. apply ln_mult; apply Rabs_pos_lt; [apply (HJ _ HA)|apply Hy].
    - destruct HB as (_ & _ & H1). unfold right_family in H1. now rewrite lsum_map in H1. }
  assert (B : forall x, In x (triples n) -> - (Rabs (ln kappa) * fst x) <=
    fst x * ln (norm N (fst (snd x))) - (fst x * ln (norm N (snd (snd (snd x)))) - fst x * ln (Rabs (fst (snd (snd x))))) <= Rabs (ln kappa) * fst x).
  { intros x Hx. destruct (PosA n x Hx) as (B0 & D0 & A0 & K0). assert (I := triples_intertwined n x Hx).
    assert (p0 : 0 <= fst x).
    { apply (words_prob e3 op3 J) with n; auto. intros y Hy. destruct HB as (_ & H0 & _).
      apply (H0 (fst y, snd (snd (snd y)))). unfold right_family. apply in_map_iff; eauto. }
    assert (U := norm_left _ I). assert (V := norm_right _ I).
    apply ln_le in U; [|now apply Rmult_lt_0_compat]. apply ln_le in V; auto.
    rewrite !ln_mult in U by auto. rewrite !ln_mult in V by (auto; now apply Rmult_lt_0_compat).
    assert (K1 := Rle_abs (ln kappa)). nra. }
  assert (W1 : lsum fst (triples n) = 1).
  { apply words_total. destruct HB as (_ & _ & H1). unfold right_family in H1. now rewrite lsum_map in H1. }
  replace (INR n * - mean_log_factor) with (- (INR n * mean_log_factor)) by lra. rewrite <- M.
  set (a := fun x : R * (mat * (R * mat)) => fst x * ln (norm N (fst (snd x)))).
  set (b := fun x : R * (mat * (R * mat)) => fst x * ln (norm N (snd (snd (snd x))))).
  set (d := fun x : R * (mat * (R * mat)) => fst x * ln (Rabs (fst (snd (snd x))))).
  assert (E : lsum a (triples n) - (lsum b (triples n) + - lsum d (triples n)) = lsum (fun x => a x - (b x - d x)) (triples n)) by (rewrite !lsum_minus; lra).
  rewrite E. clear E. apply Rabs_le. split.
  + replace (- Rabs (ln kappa)) with (lsum (fun x => - Rabs (ln kappa) * fst x) (triples n)) by (rewrite lsum_scal, W1; lra).
    apply lsum_le; intros x Hx. destruct (B x Hx). unfold a, b, d. lra.
  + replace (Rabs (ln kappa)) with (lsum (fun x => Rabs (ln kappa) * fst x) (triples n)) by (rewrite lsum_scal, W1; lra).
    apply lsum_le; intros x Hx. destruct (B x Hx). unfold a, b, d. lra.
Qed.
End Conjugate.
