(** * Families of invertible matrices have an exponent

    If A_k V_k = 1 with ||V_k|| <= v_k then 1 <= ||A_1 ... A_n|| v_1 ... v_n: E ln ||A_1 ... A_n|| is above a line, and Fekete's lemma applies. *)
From Coq Require Import Reals List Lra Lia Arith.
From Lyapcert Require Import Sums Products Fekete.
Import ListNotations.
Open Scope R_scope.

Section Inverse.
Variable N : nat.
(** probability, A_k, V_k *)
Variable J : list (R * (mat * mat)).
Definition with_inverses : family := map (fun x => (fst x, fst (snd x))) J.
Hypothesis HF : is_family N with_inverses.
Hypothesis HJ : forall x, In x J -> forall i j, (i < N)%nat -> (j < N)%nat -> mulm N (fst (snd x)) (snd (snd x)) i j = idm i j.
Lemma inverse_N : (0 < N)%nat.
Proof. exact (proj1 HF). Qed.

Lemma norm_id_ge : 1 <= norm N idm.
Proof. apply Rle_trans with (Rabs (idm 0%nat 0%nat)); [|apply norm_entry; exact inverse_N]. unfold idm; simpl. rewrite Rabs_R1. lra. Qed.

Notation K := (map (fun x => (fst x, (fst (snd x), (snd (snd x), norm N (snd (snd x)))))) J).
Definition e4 : mat * (mat * R) := (idm, (idm, 1)).
Definition op4 (x y : mat * (mat * R)) : mat * (mat * R) := (mulm N (fst x) (fst y), (mulm N (fst (snd y)) (fst (snd x)), snd (snd x) * snd (snd y))).
Lemma norm_inverse A V : (forall i j, (i < N)%nat -> (j < N)%nat -> mulm N A V i j = idm i j) -> 1 <= norm N A * norm N V.
Proof. intros H. eapply Rle_trans; [apply norm_id_ge|]. rewrite <- (norm_ext N _ _ H). apply norm_mul. Qed.

(** Along a word (A, V, v): A V = 1 and ||V|| <= v. *)
Definition good (x : mat * (mat * R)) :=
  0 < snd (snd x) /\ norm N (fst (snd x)) <= snd (snd x) * norm N idm /\ forall i j, (i < N)%nat -> (j < N)%nat -> mulm N (fst x) (fst (snd x)) i j = idm i j.
Lemma good_e : good e4.
Proof. split; [simpl; lra|split]; simpl; [lra|]. intros i j Hi Hj. now apply mulm_id_l. Qed.
Lemma good_op x y : In x K -> good y -> good (op4 (snd x) y).
Proof.
intros Hx. apply in_map_iff in Hx as (z & <- & Hz). destruct y as (A' & V' & v'). intros (P' & M' & E'); cbn [fst snd] in *.
assert (E := HJ z Hz). set (A := fst (snd z)) in *. set (V := snd (snd z)) in *. unfold op4; split; [|split]; cbn [fst snd].
- apply Rmult_lt_0_compat; auto. assert (B := norm_inverse A V E). assert (0 <= norm N A) by apply norm_nonneg. assert (0 <= norm N V) by apply norm_nonneg. nra.
- eapply Rle_trans; [apply norm_mul|]. rewrite Rmult_assoc, Rmult_comm. apply Rmult_le_compat_l; [apply norm_nonneg|exact M'].
- intros i j Hi Hj. rewrite mulm_assoc. rewrite (mulm_ext N A A _ V); auto.
  intros k Hk. rewrite <- mulm_assoc. rewrite (mulm_ext N _ idm V V); auto. now apply mulm_id_l.
Qed.
Lemma words_good n x : In x (words e4 op4 K n) -> good (snd x).
Proof. revert n x. apply words_ind. apply good_e. intros x y Hx Hy. now apply good_op. Qed.
Lemma products_of_words n : products N with_inverses n = map (fun x => (fst x, fst (snd x))) (words e4 op4 K n).
Proof.
replace with_inverses with (map (fun x => (fst x, fst (snd x))) K) by (unfold with_inverses; now rewrite map_map).
apply (words_map (fun x : mat * (mat * R) => fst x)); reflexivity.
Qed.
Lemma good_norm x : good x -> 0 < norm N (fst x) /\ - ln (snd (snd x)) - ln (norm N idm) <= ln (norm N (fst x)).
Proof.
intros (P & M & E). assert (B := norm_inverse _ _ E). assert (A0 := norm_nonneg N (fst x)). assert (V0 := norm_nonneg N (fst (snd x))).
assert (I0 := norm_id_ge). assert (A1 : 0 < norm N (fst x)) by nra. split; auto.
assert (H : 1 <= norm N (fst x) * (snd (snd x) * norm N idm)) by (eapply Rle_trans; [exact B|]; apply Rmult_le_compat_l; auto).
apply ln_le in H; [|lra]. rewrite ln_1, !ln_mult in H by (try lra; apply Rmult_lt_0_compat; lra). lra.
Qed.
Theorem inverse_norm_pos n pW : In pW (products N with_inverses n) -> 0 < norm N (snd pW).
Proof.
intros H. rewrite products_of_words in H. apply in_map_iff in H as (x & <- & Hx). now apply good_norm, (words_good n).
Qed.
Theorem inverse_line : above_line (- lsum (fun x => fst x * ln (norm N (snd (snd x)))) J) (Elog N with_inverses).
Proof.
exists (ln (norm N idm)). intros n.
assert (F1 : lsum fst K = 1) by (destruct HF as (_ & _ & H); unfold with_inverses in H; rewrite lsum_map in H; rewrite lsum_map; exact H).
assert (Fp : forall x, In x K -> 0 <= fst x).
{ intros x Hx. apply in_map_iff in Hx as (z & <- & Hz). destruct HF as (_ & H & _). apply (H (fst z, fst (snd z))). apply in_map_iff; eauto. }
assert (M : lsum (fun x => fst x * ln (snd (snd (snd x)))) (words e4 op4 K n) = INR n * lsum (fun x => fst x * ln (norm N (snd (snd x)))) J).
{ rewrite (words_additive e4 op4 good (fun x => ln (snd (snd x)))); auto.
  - rewrite lsum_map. reflexivity.
  - apply good_e.
  - intros x y Hx Hy. now apply good_op.
  - apply ln_1.
  - intros x y Hx (Py & _). simpl. apply ln_mult; auto. apply in_map_iff in Hx as (z & <- & Hz). cbn [fst snd].
    assert (B := norm_inverse _ _ (HJ z Hz)). assert (0 <= norm N (fst (snd z))) by apply norm_nonneg. assert (0 <= norm N (snd (snd z))) by apply norm_nonneg. nra. }
unfold Elog. rewrite products_of_words, lsum_map. cbn [fst snd].
apply Rle_trans with (lsum (fun x => -1 * (fst x * ln (snd (snd (snd x)))) + - ln (norm N idm) * fst x) (words e4 op4 K n)).
- rewrite lsum_plus, !lsum_scal, M, words_total by auto. lra.
- apply lsum_le; intros x Hx. assert (p0 := words_prob e4 op4 K Fp n x Hx). destruct (good_norm _ (words_good n x Hx)) as [_ B]. nra.
Qed.
Theorem inverse_exponent : exists l, is_exponent N with_inverses l.
Proof.
destruct (exponent_exists N with_inverses _ HF inverse_norm_pos inverse_line) as (l & H & _). now exists l.
Qed.
End Inverse.
