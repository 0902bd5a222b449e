(** * Weighted second moments: bounds of the exponent from above, for matrices of any sign

    Let q be comparable with the square of the norm, al |x|^2 <= q(x) <= be |x|^2, and let numbers v_k > 0 satisfy

        sum_k v_k q(A_k x) <= q(x)        for all x.

    Then E [prod_k (v_k / p_k) ||W_n||^2] is bounded, and by Jensen's inequality 2 lambda <= - E ln (v / p). (T6 with v_k = p_k / c, T25.) *)
From Coq Require Import Reals List Lra Lia Psatz Arith.
From Lyapcert Require Import Sums Products Fekete.
Import ListNotations.
Open Scope R_scope.

Section Moment.
Variable N : nat.
(** p_k > 0; v_k > 0 and A_k *)
Variable J : list (R * (R * mat)).
Definition moment_family : family := map (fun x => (fst x, snd (snd x))) J.
Variable q : (nat -> R) -> R.
Definition app (A : mat) (x : nat -> R) : nat -> R := fun i => sum N (fun j => A i j * x j).
Definition sq (x : nat -> R) := sum N (fun i => x i * x i).
Variables al be : R.
Hypothesis HF : is_family N moment_family.
Hypothesis alpos : 0 < al.
Hypothesis bepos : 0 < be.
Hypothesis q_ext : forall x y, (forall i, (i < N)%nat -> x i = y i) -> q x = q y.
Hypothesis q_lo : forall x, al * sq x <= q x.
Hypothesis q_hi : forall x, q x <= be * sq x.
Hypothesis Jp : forall x, In x J -> 0 < fst x.
Hypothesis Jv : forall x, In x J -> 0 < fst (snd x).
Hypothesis contract : forall x, lsum (fun k => fst (snd k) * q (app (snd (snd k)) x)) J <= q x.
Hypothesis nonzero : forall n pW, In pW (products N moment_family n) -> 0 < norm N (snd pW).

Lemma moment_N : (0 < N)%nat.
Proof. exact (proj1 HF). Qed.
Lemma app_mul A B x i : app (mulm N A B) x i = app A (app B x) i.
Proof. exact (mulm_assoc N A B (fun k _ => x k) i 0%nat). Qed.

(** Words with their weights w = prod (v_k / p_k). *)
Notation K := (map (fun x => (fst x, (fst (snd x) / fst x, snd (snd x)))) J).
Definition e2 : R * mat := (1, idm).
Definition op2 (x y : R * mat) : R * mat := (fst x * fst y, mulm N (snd x) (snd y)).
Notation tw n := (words e2 op2 K n).
Lemma K_pos x : In x K -> 0 < fst x /\ 0 < fst (snd x).
Proof. intros H. apply in_map_iff in H as (z & <- & Hz). split; simpl; auto. apply Rdiv_lt_0_compat; auto. Qed.
Lemma K_total : lsum fst K = 1.
Proof. destruct HF as (_ & _ & H). unfold moment_family in H. rewrite lsum_map in H. rewrite lsum_map. exact H. Qed.
Lemma moment_products n : products N moment_family n = map (fun x => (fst x, snd (snd x))) (tw n).
Proof.
replace moment_family with (map (fun x => (fst x, snd (snd x))) K) by (unfold moment_family; now rewrite map_map).
apply (words_map (fun x : R * mat => snd x)); reflexivity.
Qed.
Lemma tw_prob n y : In y (tw n) -> 0 <= fst y.
Proof. apply (words_prob e2 op2 K). intros x H. now apply Rlt_le, K_pos. Qed.
Lemma tw_weight n y : In y (tw n) -> 0 < fst (snd y).
Proof.
revert n y. apply (words_ind e2 op2 (fun x => 0 < fst x)); [simpl; lra|].
intros x y Hx Hy. simpl. apply Rmult_lt_0_compat; auto. now apply K_pos.
Qed.

(** The second moment of a vector does not grow. *)
Lemma vector_moment n x : lsum (fun y => fst y * fst (snd y) * q (app (snd (snd y)) x)) (tw n) <= q x.
Proof.
induction n.
- simpl. rewrite (q_ext (app idm x) x). lra. intros i Hi. exact (mulm_id_l N (fun k _ => x k) i 0%nat Hi).
- rewrite words_S. rewrite lsum_map. cbn [fst snd op2].
  rewrite (lsum_ext _ (fun a => lsum (fun b => fst b * fst (snd b) * (fst (snd a) * q (app (snd (snd a)) (app (snd (snd b)) x)))) (tw n))).
  + rewrite lsum_switch. apply Rle_trans with (2 := IHn). apply lsum_le; intros b Hb. rewrite lsum_scal.
    apply Rmult_le_compat_l; [|apply contract]. apply Rmult_le_pos; [now apply (tw_prob n)|now apply Rlt_le, (tw_weight n)].
  + intros a Ha. apply lsum_ext; intros b Hb. simpl. assert (P := Jp a Ha).
    rewrite (q_ext _ (app (snd (snd a)) (app (snd (snd b)) x))) by (intros; apply app_mul). field. lra.
Qed.

(** From vectors to the norm. *)
Definition unit j : nat -> R := fun i => if Nat.eqb i j then 1 else 0.
Lemma app_unit W i j : (j < N)%nat -> app W (unit j) i = W i j.
Proof. exact (mulm_id_r N W i j). Qed.
Lemma sq_unit j : (j < N)%nat -> sq (unit j) = 1.
Proof.
intros H. unfold sq. rewrite (sum_single N _ j); auto; unfold unit. rewrite Nat.eqb_refl; lra.
intros i Hi. destruct (Nat.eqb_spec i j); [congruence|lra].
Qed.
Definition frob (W : mat) := sum N (fun i => sum N (fun j => W i j * W i j)).
Lemma frob_columns W : frob W = sum N (fun j => sq (app W (unit j))).
Proof.
unfold frob, sq. rewrite sum_switch. apply sum_ext; intros j Hj. apply sum_ext; intros i Hi. now rewrite app_unit.
Qed.
Lemma norm_frob W : (norm N W) ^ 2 <= INR N * INR N * frob W.
Proof.
unfold norm, frob. eapply Rle_trans; [apply sum_square|]. rewrite Rmult_assoc. apply Rmult_le_compat_l. apply pos_INR.
rewrite <- sum_scal. apply sum_le; intros i _. eapply Rle_trans; [|apply Rle_trans with (1 := sum_square N (fun j => Rabs (W i j)))].
simpl; lra. apply Rmult_le_compat_l. apply pos_INR. apply sum_le; intros j _. rewrite <- Rabs_mult, Rabs_pos_eq; nra.
Qed.
Definition bound := INR N * INR N * INR N * be / al.
Lemma bound_pos : 0 < bound.
Proof.
assert (0 < INR N) by (apply lt_0_INR, moment_N). unfold bound. apply Rdiv_lt_0_compat; auto. repeat apply Rmult_lt_0_compat; auto.
Qed.
Lemma norm_moment n : lsum (fun y => fst y * (fst (snd y) * norm N (snd (snd y)) ^ 2)) (tw n) <= bound.
Proof.
assert (N0 : 0 < INR N) by (apply lt_0_INR, moment_N).
assert (Fr : lsum (fun y => fst y * fst (snd y) * frob (snd (snd y))) (tw n) <= INR N * be / al).
{ rewrite (lsum_ext _ (fun y => sum N (fun j => fst y * fst (snd y) * sq (app (snd (snd y)) (unit j))))) by (intros; now rewrite frob_columns, sum_scal).
  rewrite lsum_sum. replace (INR N * be / al) with (INR N * (be / al)) by (unfold Rdiv; ring). rewrite <- sum_const.
  apply sum_le; intros j Hj. apply Rmult_le_reg_l with al; auto. replace (al * (be / al)) with be by (field; lra).
  rewrite <- lsum_scal. eapply Rle_trans; [|eapply Rle_trans; [apply (vector_moment n (unit j))|]].
  - apply lsum_le; intros y Hy. assert (P := tw_prob n y Hy). assert (W := tw_weight n y Hy). specialize (q_lo (app (snd (snd y)) (unit j))).
    assert (0 <= fst y * fst (snd y)) by (apply Rmult_le_pos; lra). nra.
  - specialize (q_hi (unit j)). rewrite sq_unit in q_hi; auto. lra. }
apply Rle_trans with (INR N * INR N * (INR N * be / al)); [|unfold bound; apply Req_le; field; lra].
apply Rle_trans with (2 := Rmult_le_compat_l (INR N * INR N) _ _ ltac:(nra) Fr). rewrite <- lsum_scal.
apply lsum_le; intros y Hy. assert (P := tw_prob n y Hy). assert (W := tw_weight n y Hy). assert (H := norm_frob (snd (snd y))).
assert (0 <= fst y * fst (snd y)) by (apply Rmult_le_pos; lra). nra.
Qed.

(** Jensen's inequality for the logarithm *)
Lemma jensen {X} (l : list X) (p g : X -> R) B : (forall y, In y l -> 0 <= p y) -> (forall y, In y l -> 0 < g y) ->
  lsum p l = 1 -> 0 < B -> lsum (fun y => p y * g y) l <= B -> lsum (fun y => p y * ln (g y)) l <= ln B.
Proof.
intros P G H1 HB H. apply Rle_trans with (lsum (fun y => (ln B * p y + / B * (p y * g y)) - p y) l).
- apply lsum_le; intros y Hy. specialize (P y Hy). specialize (G y Hy).
  assert (L := ln_le_minus (g y / B) ltac:(now apply Rdiv_lt_0_compat)). unfold Rdiv in L. rewrite ln_mult, ln_Rinv in L; auto using Rinv_0_lt_compat. nra.
- rewrite lsum_minus, lsum_plus, !lsum_scal, H1. apply Rmult_le_compat_l with (r := / B) in H; [|now apply Rlt_le, Rinv_0_lt_compat].
  rewrite Rinv_l in H by lra. lra.
Qed.

Definition mean_log_weight := lsum (fun x => fst x * ln (fst (snd x) / fst x)) J.
Theorem moment_line : below_line (- mean_log_weight / 2) (Elog N moment_family).
Proof.
exists (ln bound / 2). intros n.
assert (W : lsum (fun y => fst y * ln (fst (snd y))) (tw n) = INR n * mean_log_weight).
{ rewrite (words_additive e2 op2 (fun x => 0 < fst x) (fun x => ln (fst x))).
  - rewrite lsum_map. reflexivity.
  - simpl; lra.
  - intros x y Hx Hy. simpl. apply Rmult_lt_0_compat; auto. now apply K_pos.
  - apply ln_1.
  - intros x y Hx Hy. simpl. apply ln_mult; auto. now apply K_pos.
  - apply K_total. }
assert (Q := nonzero n). rewrite moment_products in Q. unfold Elog. rewrite moment_products, lsum_map. cbn [fst snd].
assert (NW : forall y, In y (tw n) -> 0 < norm N (snd (snd y))) by (intros y Hy; apply (Q (fst y, snd (snd y))), in_map_iff; eauto).
assert (G := jensen (tw n) fst (fun y => fst (snd y) * norm N (snd (snd y)) ^ 2) bound).
rewrite (lsum_ext (fun y => fst y * ln (fst (snd y) * norm N (snd (snd y)) ^ 2))
  (fun y => fst y * ln (fst (snd y)) + 2 * (fst y * ln (norm N (snd (snd y)))))) in G.
- rewrite lsum_plus, lsum_scal, W in G.
  assert (INR n * mean_log_weight + 2 * lsum (fun y => fst y * ln (norm N (snd (snd y)))) (tw n) <= ln bound); [|lra].
  apply G; [apply tw_prob| |apply words_total, K_total|apply bound_pos|apply norm_moment].
  intros y Hy. apply Rmult_lt_0_compat; [now apply (tw_weight n)|apply pow_lt; auto].
- intros y Hy. assert (A := NW y Hy). rewrite ln_mult, ln_pow by (auto; try apply pow_lt; auto; now apply (tw_weight n)). simpl INR. ring.
Qed.
End Moment.
