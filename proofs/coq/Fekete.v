(** * Limits of a(n) / n

    Fekete's lemma, limits from lines that bound a(n), and from them: when an exponent exists and between which numbers it is. *)
From Coq Require Import Reals ZArith List Lra Lia Psatz Arith.
From Lyapcert Require Import Sums Products.
Import ListNotations.
Open Scope R_scope.

(** B / n is as small as one likes. *)
Lemma far_out B eps : 0 <= B -> 0 < eps -> exists n0, forall n, (n >= n0)%nat -> 0 < INR n /\ B / INR n < eps.
Proof.
intros HB He. destruct (archimed (B / eps)) as [Ar _].
exists (S (Z.to_nat (up (B / eps)))). intros n Hn. assert (P : 0 < INR n) by (apply lt_0_INR; lia). split; auto.
assert (X : B / eps < INR n) by (eapply Rlt_le_trans; [apply Ar|]; rewrite INR_IZR_INZ; apply IZR_le; lia).
apply Rmult_lt_reg_r with (INR n / eps). now apply Rdiv_lt_0_compat.
replace (B / INR n * (INR n / eps)) with (B / eps) by (field; lra). replace (eps * (INR n / eps)) with (INR n) by (field; lra). auto.
Qed.

(** A subadditive sequence above a line: a(n) / n converges (to its infimum). *)
Lemma fekete (a : nat -> R) (c C : R) : (forall m n, a (m + n)%nat <= a m + a n) -> (forall n, c * INR n - C <= a n) ->
  exists l, Un_cv (fun n => a n / INR n) l.
Proof.
intros Sub Low.
assert (Pos : forall n, (0 < n)%nat -> 0 < INR n) by (intros; now apply lt_0_INR).
(* l = sup -a(n) / n *)
destruct (completeness (fun x => exists n, (0 < n)%nat /\ x = - (a n / INR n))) as (l & Up & Least).
- exists (- c + Rabs C). intros x (n & Hn & ->). specialize (Low n). specialize (Pos n Hn).
  assert (1 <= INR n) by (change 1 with (INR 1); apply le_INR; lia).
  assert (C <= Rabs C) by apply Rle_abs. assert (0 <= Rabs C) by apply Rabs_pos.
  apply Rmult_le_reg_r with (INR n); auto. replace (- (a n / INR n) * INR n) with (- a n) by (field; lra). nra.
- exists (- (a 1%nat / INR 1)). exists 1%nat. split; auto.
- exists (- l). intros eps He.
  (* some k with a(k) / k < -l + eps / 2 *)
  assert (K : exists k, (0 < k)%nat /\ a k / INR k < - l + eps / 2).
  { apply Classical_Prop.NNPP. intros No. assert (B : l <= l - eps / 2).
    { apply Least. intros x (n & Hn & ->). apply Rnot_lt_le. intros Q. apply No. exists n. split; auto. lra. } lra. }
  destruct K as (k & Hk & Kk). pose proof (Pos k Hk) as Pk.
  (* a bound M for what remains modulo k *)
  assert (M : exists M, 0 <= M /\ forall s, (s < k)%nat -> a s <= M).
  { clear - a. induction k. exists 0. split; [lra|intros; lia]. destruct IHk as (M & M0 & H). exists (Rmax M (a k)). split.
    eapply Rle_trans; [apply M0|apply Rmax_l]. intros s Hs. destruct (Nat.eq_dec s k) as [->|]. apply Rmax_r.
    eapply Rle_trans; [apply H; lia|apply Rmax_l]. }
  destruct M as (M & M0 & HM).
  assert (Q : forall q s, a (q * k + s)%nat <= INR q * a k + a s).
  { induction q; intros s. simpl. lra. change (S q * k + s)%nat with (k + q * k + s)%nat. rewrite <- Nat.add_assoc.
    eapply Rle_trans; [apply Sub|]. rewrite S_INR. specialize (IHq s). lra. }
  set (B := M + Rabs (a k)). assert (B0 : 0 <= B) by (unfold B; pose proof (Rabs_pos (a k)); lra).
  assert (U : forall n, (0 < n)%nat -> a n / INR n <= a k / INR k + B / INR n).
  { intros n Hn. pose proof (Pos n Hn) as Pn. assert (E := Nat.div_mod n k). set (q := (n / k)%nat) in *. set (s := (n mod k)%nat) in *.
    assert (s < k)%nat by (apply Nat.mod_upper_bound; lia). rewrite (Nat.mul_comm k q) in E.
    assert (A1 : a n <= INR q * a k + a s) by (rewrite E at 1 by lia; apply Q).
    assert (A2 := HM s H). assert (A3 : INR n = INR q * INR k + INR s) by (rewrite E by lia; now rewrite plus_INR, mult_INR).
    apply Rmult_le_reg_r with (INR n); auto. replace (a n / INR n * INR n) with (a n) by (field; lra).
    replace ((a k / INR k + B / INR n) * INR n) with (INR n * (a k / INR k) + B) by (field; lra).
    rewrite A3. replace ((INR q * INR k + INR s) * (a k / INR k)) with (INR q * a k + INR s / INR k * a k) by (field; lra).
    assert (S1 : 0 <= INR s / INR k <= 1).
    { split. apply Rmult_le_pos; [apply pos_INR|]. now apply Rlt_le, Rinv_0_lt_compat.
      apply Rmult_le_reg_r with (INR k); auto. replace (INR s / INR k * INR k) with (INR s) by (field; lra). rewrite Rmult_1_l. apply le_INR; lia. }
    assert (- Rabs (a k) <= INR s / INR k * a k).
    { set (t := INR s / INR k) in *. unfold Rabs. destruct (Rcase_abs (a k)); nra. }
    unfold B. lra. }
  destruct (far_out B (eps / 2) B0 ltac:(lra)) as (n0 & N0).
  exists (S n0). intros n Hn. assert (H : (0 < n)%nat) by lia. specialize (U n H). destruct (N0 n ltac:(lia)) as [_ B2].
  assert (Lo : - l <= a n / INR n) by (specialize (Up (- (a n / INR n)) (ex_intro _ n (conj H eq_refl))); lra).
  unfold R_dist. rewrite Rabs_pos_eq; lra.
Qed.

(** Lines below and above. *)
Definition above_line (c : R) (u : nat -> R) := exists C, forall n, c * INR n - C <= u n.
Definition below_line (c : R) (u : nat -> R) := exists C, forall n, u n <= c * INR n + C.

Lemma limit_above c u l : above_line c u -> Un_cv (fun n => u n / INR n) l -> c <= l.
Proof.
intros (C & H) L. apply Rnot_lt_le. intros Q. set (e := (c - l) / 2). assert (He : 0 < e) by (unfold e; lra).
destruct (L e He) as (n0 & L0). destruct (far_out (Rabs C) e (Rabs_pos C) He) as (n1 & N1).
destruct (N1 (Nat.max n0 n1) ltac:(lia)) as [P B]. specialize (L0 (Nat.max n0 n1) ltac:(lia)). specialize (H (Nat.max n0 n1)).
set (n := INR (Nat.max n0 n1)) in *. unfold R_dist in L0. apply Rabs_def2 in L0. destruct L0 as [L0 _].
assert (u (Nat.max n0 n1) < (c - e) * n).
{ apply Rmult_lt_reg_r with (/ n). now apply Rinv_0_lt_compat. rewrite Rmult_assoc, Rinv_r by lra. unfold Rdiv in L0. unfold e in *. lra. }
assert (Rabs C < e * n).
{ apply Rmult_lt_reg_r with (/ n). now apply Rinv_0_lt_compat. rewrite Rmult_assoc, Rinv_r by lra. unfold Rdiv in B. lra. }
assert (C <= Rabs C) by apply Rle_abs. nra.
Qed.
Lemma limit_below c u l : below_line c u -> Un_cv (fun n => u n / INR n) l -> l <= c.
Proof.
intros (C & H) L. enough (- c <= - l) by lra. apply (limit_above (- c) (fun n => - u n)).
- exists C. intros n. specialize (H n). lra.
- intros e He. destruct (L e He) as (n0 & Hn). exists n0. intros n G. specialize (Hn n G). unfold R_dist in *.
  replace (- u n / INR n - - l) with (- (u n / INR n - l)) by (unfold Rdiv; ring). now rewrite Rabs_Ropp.
Qed.
(** A bounded distance does not change the limit. *)
Lemma limit_shift (u v : nat -> R) s K l : (forall n, Rabs (v n - (u n + INR n * s)) <= K) ->
  Un_cv (fun n => u n / INR n) l -> Un_cv (fun n => v n / INR n) (l + s).
Proof.
intros H L e He. assert (K0 : 0 <= K) by (eapply Rle_trans; [apply Rabs_pos|apply (H 0%nat)]).
destruct (L (e / 2) ltac:(lra)) as (n0 & L0). destruct (far_out K (e / 2) K0 ltac:(lra)) as (n1 & N1).
exists (Nat.max n0 n1). intros n Hn. specialize (L0 n ltac:(lia)). destruct (N1 n ltac:(lia)) as [P B]. specialize (H n).
unfold R_dist in *. replace (v n / INR n - (l + s)) with ((v n - (u n + INR n * s)) / INR n + (u n / INR n - l)) by (field; lra).
eapply Rle_lt_trans; [apply Rabs_triang|]. enough (Rabs ((v n - (u n + INR n * s)) / INR n) <= K / INR n) by lra.
unfold Rdiv. rewrite Rabs_mult, (Rabs_pos_eq (/ INR n)) by (now apply Rlt_le, Rinv_0_lt_compat).
apply Rmult_le_compat_r; auto. now apply Rlt_le, Rinv_0_lt_compat.
Qed.
(** Increments of at least c, from some d on. *)
Lemma increments_above c u d : (forall n, c <= u (S (d + n)) - u (d + n)%nat) -> above_line c u.
Proof.
intros H. set (g := fun i => Rabs (u i - c * INR i)). exists (lsum g (seq 0 (S d))). intros n.
assert (g0 : forall x, 0 <= g x) by (intros; apply Rabs_pos).
assert (B : forall m, (m <= d)%nat -> c * INR m - u m <= lsum g (seq 0 (S d))).
{ intros m Hm. apply Rle_trans with (g m).
  - unfold g. rewrite Rabs_minus_sym. apply Rle_abs.
  - apply lsum_term; auto. apply in_seq. lia. }
destruct (le_lt_dec n d) as [h|h]. specialize (B n h). lra.
assert (D : forall k, c * INR k <= u (d + k)%nat - u d).
{ induction k. rewrite Nat.add_0_r. simpl. lra. rewrite S_INR, Nat.add_succ_r. specialize (H k). lra. }
specialize (D (n - d)%nat). specialize (B d ltac:(lia)). replace (d + (n - d))%nat with n in D by lia. rewrite minus_INR in D by lia. lra.
Qed.
Lemma increments_below c u d : (forall n, u (S (d + n)) - u (d + n)%nat <= c) -> below_line c u.
Proof.
intros H. destruct (increments_above (- c) (fun n => - u n) d) as (C & HC).
- intros n. specialize (H n). lra.
- exists C. intros n. specialize (HC n). lra.
Qed.

(** ** Exponents *)
Lemma exponent_exists N F c : is_family N F -> (forall n pW, In pW (products N F n) -> 0 < norm N (snd pW)) -> above_line c (Elog N F) ->
  exists l, is_exponent N F l /\ c <= l.
Proof.
intros HF P L. assert (L' := L). destruct L' as (C & HC).
destruct (fekete (Elog N F) c C (subadditive N F HF P) HC) as (l & Hl).
exists l. split; [now repeat split; try apply HF|now apply (limit_above c (Elog N F))].
Qed.
Lemma exponent_above N F c l : is_exponent N F l -> above_line c (Elog N F) -> c <= l.
Proof. intros (_ & _ & H) L. now apply (limit_above c (Elog N F)). Qed.
Lemma exponent_below N F c l : is_exponent N F l -> below_line c (Elog N F) -> l <= c.
Proof. intros (_ & _ & H) L. now apply (limit_below c (Elog N F)). Qed.
Lemma exponent_unique N F l l' : is_exponent N F l -> is_exponent N F l' -> l = l'.
Proof. intros (_ & _ & H) (_ & _ & H'). exact (UL_sequence _ _ _ H H'). Qed.
