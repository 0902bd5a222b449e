(** * Why the checks prove what they should *)
From Coq Require Import Reals ZArith QArith Qreals List Lra Lia Psatz Arith Bool.
From Interval Require Import Xreal Interval.
From Lyapcert Require Import Sums Products Fekete Positive Conjugate Compute.
Import ListNotations.
Open Scope R_scope.

(** ** Rational entries *)
Lemma Q2R_inject z : Q2R (inject_Z z) = IZR z.
Proof. unfold Q2R, inject_Z; simpl. lra. Qed.
Lemma Q2R_sum n f : Q2R (sumQ n f) = sum n (fun i => Q2R (f i)).
Proof. induction n; simpl. apply RMicromega.Q2R_0. now rewrite Q2R_plus, IHn. Qed.
Lemma Q2R_mul N A B i j : Q2R (mulQ N A B i j) = mulm N (fun i j => Q2R (A i j)) (fun i j => Q2R (B i j)) i j.
Proof. unfold mulQ, mulm. rewrite Q2R_sum. apply sum_ext; intros. apply Q2R_mult. Qed.
Lemma Q2R_id i j : Q2R (idQ i j) = idm i j.
Proof. unfold idQ, idm. destruct (Nat.eqb i j). apply RMicromega.Q2R_1. apply RMicromega.Q2R_0. Qed.
Lemma Q2R_toQ M i j : Q2R (toQ M i j) = matZ M i j.
Proof. apply Q2R_inject. Qed.
Lemma every_ok N f : every N f = true -> forall i j, (i < N)%nat -> (j < N)%nat -> f i j = true.
Proof.
unfold every. rewrite forallb_forall. intros H i j Hi Hj. assert (G := H i). rewrite forallb_forall in G. apply G; apply in_seq; lia.
Qed.
Lemma mulm_fun N A A' B B' i j : (forall i j, A i j = A' i j) -> (forall i j, B i j = B' i j) -> mulm N A B i j = mulm N A' B' i j.
Proof. intros HA HB. apply mulm_ext; auto. Qed.

(** ** Fractions *)
Definition posZ (l : list Z) := Forall (fun x => (0 < x)%Z) l.
Lemma least_ok : forall r s n m, length r = length s -> posZ r -> posZ s -> (0 < n)%Z -> (0 < m)%Z ->
  let q := least r s n m in (0 < fst q)%Z /\ (0 < snd q)%Z /\ (fst q * m <= n * snd q)%Z /\
  forall j, (j < length r)%nat -> (fst q * nth j s 0 <= nth j r 0 * snd q)%Z.
Proof.
induction r as [|a r IH]; intros [|b s] n m L Pr Ps Hn Hm; try discriminate; simpl.
- repeat split; auto; try lia.
- inversion_clear Pr; inversion_clear Ps. simpl in L.
  destruct (Z.ltb_spec (a * m) (n * b)); simpl;
  [destruct (IH s a b) as (A & B & C & E)|destruct (IH s n m) as (A & B & C & E)]; auto; try lia; repeat split; auto.
  + nia.
  + intros [|j] Hj; [lia|]. apply E; lia.
  + intros [|j] Hj; [nia|]. apply E; lia.
Qed.
Lemma greatest_ok : forall r s n m, length r = length s -> posZ r -> posZ s -> (0 < n)%Z -> (0 < m)%Z ->
  let q := greatest r s n m in (0 < fst q)%Z /\ (0 < snd q)%Z /\ (n * snd q <= fst q * m)%Z /\
  forall j, (j < length r)%nat -> (nth j r 0 * snd q <= fst q * nth j s 0)%Z.
Proof.
induction r as [|a r IH]; intros [|b s] n m L Pr Ps Hn Hm; try discriminate; simpl.
- repeat split; auto; try lia.
- inversion_clear Pr; inversion_clear Ps. simpl in L.
  destruct (Z.ltb_spec (n * b) (a * m)); simpl;
  [destruct (IH s a b) as (A & B & C & E)|destruct (IH s n m) as (A & B & C & E)]; auto; try lia; repeat split; auto.
  + nia.
  + intros [|j] Hj; [lia|]. apply E; lia.
  + intros [|j] Hj; [nia|]. apply E; lia.
Qed.
Lemma hd_pos r : posZ r -> (0 < hd 1 r)%Z.
Proof. intros []; simpl; lia. Qed.
Lemma ratio_pos up r s : length r = length s -> posZ r -> posZ s -> (0 < fst (ratio up r s))%Z /\ (0 < snd (ratio up r s))%Z.
Proof.
intros. destruct up; unfold ratio.
- destruct (greatest_ok r s (hd 1 r) (hd 1 s))%Z as (A & B & _); auto using hd_pos.
- destruct (least_ok r s (hd 1 r) (hd 1 s))%Z as (A & B & _); auto using hd_pos.
Qed.
Lemma frac_le p q s r : 0 < q -> p * s <= r * q -> p / q * s <= r.
Proof. intros Q H. apply Rmult_le_reg_r with q; auto. replace (p / q * s * q) with (p * s) by (field; lra). auto. Qed.
Lemma frac_ge p q s r : 0 < q -> r * q <= p * s -> r <= p / q * s.
Proof. intros Q H. apply Rmult_le_reg_r with q; auto. replace (p / q * s * q) with (p * s) by (field; lra). auto. Qed.

(** ** The tree *)
Section Tree.
Variable N : nat.
Variable L : list letter.
Hypothesis OK : letters_ok N L = true.
Notation D := (total L).

Lemma N_pos : (0 < N)%nat.
Proof. unfold letters_ok in OK. rewrite !andb_true_iff in OK. now apply Nat.ltb_lt. Qed.
Lemma D_pos : (0 < D)%Z.
Proof. unfold letters_ok in OK. rewrite !andb_true_iff in OK. now apply Z.ltb_lt. Qed.
Lemma letter_good x : In x L -> (0 < weight x)%Z /\ columns_ok N (columns x) = true.
Proof.
unfold letters_ok in OK. rewrite !andb_true_iff, forallb_forall in OK. destruct OK as [_ H]. intros Hx.
specialize (H x Hx). rewrite andb_true_iff in H. destruct H. split; auto. now apply Z.ltb_lt.
Qed.
Lemma columns_length B : columns_ok N B = true -> length B = N.
Proof. unfold columns_ok. rewrite andb_true_iff. intros [H _]. now apply Nat.eqb_eq. Qed.
Lemma column_good B c : columns_ok N B = true -> In c B -> length c = N /\ (forall x, In x c -> (0 <= x)%Z) /\ exists x, In x c /\ (0 < x)%Z.
Proof.
unfold columns_ok. rewrite andb_true_iff, forallb_forall. intros [_ H] Hc. specialize (H c Hc).
rewrite !andb_true_iff, forallb_forall, existsb_exists in H. destruct H as [[H1 H2] (x & Hx & H3)].
split; [now apply Nat.eqb_eq|split]. intros y Hy. now apply Z.leb_le, H2. exists x; split; auto. now apply Z.ltb_lt.
Qed.
Lemma columns_nonneg B : columns_ok N B = true -> nonneg N (colZ B).
Proof.
intros H i j Hi Hj. unfold colZ, entryZ. apply IZR_le. assert (E := columns_length B H).
destruct (column_good B (nth j B []) H) as (Lc & P & _). apply nth_In; lia. apply P, nth_In. lia.
Qed.
Lemma columns_no_zero B : columns_ok N B = true -> no_zero_column N (colZ B).
Proof.
intros H j Hj. assert (E := columns_length B H).
destruct (column_good B (nth j B []) H) as (Lc & _ & x & Hx & P). apply nth_In; lia.
apply (In_nth _ _ 0%Z) in Hx as (i & Hi & Ex). exists i. split; [lia|]. unfold colZ, entryZ. rewrite Ex. now apply IZR_lt.
Qed.

(** Rows of integers as rows of reals. *)
Definition vecR (r : list Z) : row := fun j => IZR (nth j r 0%Z).
Lemma dot_sum : forall r c, length r = length c -> sum (length r) (fun i => IZR (nth i r 0%Z) * IZR (nth i c 0%Z)) = IZR (dotZ r c).
Proof.
induction r as [|a r IH]; intros [|b c] H; try discriminate; auto.
change (length (a :: r)) with (S (length r)). rewrite sum_first. cbn [nth dotZ]. rewrite IH by (simpl in H; lia). now rewrite plus_IZR, mult_IZR.
Qed.
Lemma row_ok r B : length r = N -> columns_ok N B = true -> forall j, (j < N)%nat -> rowm N (vecR r) (colZ B) j = vecR (rowZ r B) j.
Proof.
intros Lr H j Hj. unfold rowm, vecR, rowZ, colZ, entryZ. assert (E := columns_length B H).
assert (E0 : dotZ r [] = 0%Z) by (destruct r; auto). rewrite <- E0, map_nth, E0.
destruct (column_good B (nth j B []) H) as (Lc & _). apply nth_In; lia. rewrite <- dot_sum by lia. now rewrite Lr.
Qed.
Lemma row_length r B : columns_ok N B = true -> length (rowZ r B) = N.
Proof. intros H. unfold rowZ. rewrite map_length. now apply columns_length. Qed.
Lemma posrow_vec r : length r = N -> posZ r <-> posrow N (vecR r).
Proof.
intros Lr. unfold posZ, posrow, vecR. rewrite Forall_forall. split.
- intros H j Hj. apply IZR_lt, H, nth_In. lia.
- intros H x Hx. apply (In_nth _ _ 0%Z) in Hx as (j & Hj & E). apply lt_IZR. rewrite <- E. apply H. lia.
Qed.
Lemma row_pos r B : length r = N -> posZ r -> columns_ok N B = true -> posZ (rowZ r B).
Proof.
intros Lr P H. apply posrow_vec; [now apply row_length|]. intros j Hj. rewrite <- row_ok by auto.
apply posrow_step; auto. now apply posrow_vec. now apply columns_nonneg. now apply columns_no_zero.
Qed.

(** The integer family *)
Definition prob (x : letter) : R := IZR (weight x) / IZR D.
Definition integer_family : family := map (fun x => (prob x, colZ (columns x))) L.
Notation F := integer_family.
Lemma D_Rpos : 0 < IZR D. Proof. apply IZR_lt, D_pos. Qed.
Lemma prob_pos x : In x L -> 0 <= prob x.
Proof. intros H. destruct (letter_good x H). apply Rlt_le, Rdiv_lt_0_compat. now apply IZR_lt. apply D_Rpos. Qed.
Lemma prob_total : lsum prob L = 1.
Proof.
unfold prob. rewrite (lsum_ext _ (fun x => / IZR D * IZR (weight x))) by (intros; unfold Rdiv; apply Rmult_comm).
rewrite lsum_scal. replace (lsum (fun x => IZR (weight x)) L) with (IZR D).
field. apply Rgt_not_eq, D_Rpos. clear. induction L; simpl; auto. rewrite plus_IZR. now rewrite IHl.
Qed.
Lemma integer_is_family : is_family N F.
Proof.
split; [apply N_pos|split].
- intros pA H. apply in_map_iff in H as (x & <- & H). now apply prob_pos.
- unfold integer_family. rewrite lsum_map. apply prob_total.
Qed.
Lemma integer_nonneg pA : In pA F -> nonneg N (snd pA).
Proof. intros H. apply in_map_iff in H as (x & <- & H). now apply columns_nonneg, letter_good. Qed.
Lemma integer_no_zero pA : In pA F -> no_zero_column N (snd pA).
Proof. intros H. apply in_map_iff in H as (x & <- & H). now apply columns_no_zero, letter_good. Qed.
Notation T := (T N F).
Lemma T_S m r : length r = N -> T (S m) (vecR r) = lsum (fun x => prob x * T m (vecR (rowZ r (columns x)))) L.
Proof.
intros Lr. simpl. unfold integer_family at 2. rewrite lsum_map. apply lsum_ext; intros x Hx. simpl. f_equal.
apply T_ext. apply row_ok; auto. now apply letter_good.
Qed.

(** [bounds up b x]: b is a bound of x from above or from below. *)
Definition bounds (up : bool) (b x : R) := if up then x <= b else b <= x.
Lemma bounds_mean up {X} (f g : X -> R) (w : X -> R) l :
  (forall x, In x l -> 0 <= w x) -> (forall x, In x l -> bounds up (f x) (g x)) -> bounds up (lsum (fun x => w x * f x) l) (lsum (fun x => w x * g x) l).
Proof. destruct up; simpl; intros W H; apply lsum_le; intros x Hx; apply Rmult_le_compat_l; auto. Qed.

Variable up : bool.
Definition log_ratio r s := ln (IZR (fst (ratio up r s)) / IZR (snd (ratio up r s))).
Fixpoint value (d : nat) (t : Z) (r s : list Z) : R :=
  match d with
  | O => log_ratio r s
  | S e => if narrow t r s then log_ratio r s
           else lsum (fun x => prob x * value e (finer L t (weight x)) (rowZ r (columns x)) (rowZ s (columns x))) L
  end.
Lemma log_ratio_bounds m r s : length r = N -> length s = N -> posZ r -> posZ s -> bounds up (log_ratio r s) (T m (vecR r) - T m (vecR s)).
Proof.
intros Lr Ls Pr Ps. unfold log_ratio. assert (LE : length r = length s) by congruence.
assert (R0 := ratio_pos up r s LE Pr Ps). destruct R0 as [A B]. apply IZR_lt in A; apply IZR_lt in B.
assert (R0 := proj1 (posrow_vec r Lr) Pr). assert (S0 := proj1 (posrow_vec s Ls) Ps).
unfold bounds. destruct up; unfold ratio in *.
- destruct (greatest_ok r s (hd 1 r) (hd 1 s))%Z as (_ & _ & _ & E); auto using hd_pos. set (q := greatest r s _ _) in *.
  enough (T m (vecR r) <= T m (vecR s) + ln (IZR (fst q) / IZR (snd q))) by lra.
  apply order_upper; auto using integer_is_family, integer_nonneg, integer_no_zero. now apply Rdiv_lt_0_compat.
  intros j Hj. unfold vecR. apply frac_ge; auto. rewrite <- !mult_IZR. apply IZR_le, E. congruence.
- destruct (least_ok r s (hd 1 r) (hd 1 s))%Z as (_ & _ & _ & E); auto using hd_pos. set (q := least r s _ _) in *.
  enough (T m (vecR s) + ln (IZR (fst q) / IZR (snd q)) <= T m (vecR r)) by lra.
  apply order_lower; auto using integer_is_family, integer_nonneg, integer_no_zero. now apply Rdiv_lt_0_compat.
  intros j Hj. unfold vecR. apply frac_le; auto. rewrite <- !mult_IZR. apply IZR_le, E. congruence.
Qed.
Lemma value_bounds d m : forall t r s, length r = N -> length s = N -> posZ r -> posZ s ->
  bounds up (value d t r s) (T (d + m) (vecR r) - T (d + m) (vecR s)).
Proof.
induction d; intros t r s Lr Ls Pr Ps; cbn [value]; [now apply log_ratio_bounds|].
destruct (narrow t r s); [now apply log_ratio_bounds|].
change (S d + m)%nat with (S (d + m)). rewrite !T_S by auto. rewrite <- lsum_minus.
rewrite (lsum_ext (fun x => _ - _) (fun x => prob x * (T (d + m) (vecR (rowZ r (columns x))) - T (d + m) (vecR (rowZ s (columns x)))))) by (intros; lra).
apply bounds_mean; [apply prob_pos|]. intros x Hx. destruct (letter_good x Hx) as [_ M].
apply IHd; auto using row_length, row_pos.
Qed.

Definition oneZ := repeat 1%Z N.
Lemma one_length : length oneZ = N. Proof. apply repeat_length. Qed.
Lemma one_pos : posZ oneZ.
Proof. unfold posZ. rewrite Forall_forall. intros x H. apply repeat_spec in H. lia. Qed.
Lemma one_vec j : (j < N)%nat -> ones j = vecR oneZ j.
Proof. intros H. unfold ones, vecR. rewrite nth_indep with (d' := 1%Z) by (now rewrite one_length). unfold oneZ. now rewrite nth_repeat. Qed.

Definition step_value d t := lsum (fun x => prob x * value d (finer L t (weight x)) (rowZ oneZ (columns x)) oneZ) L.
Lemma step_bounds d t n : bounds up (step_value d t) (Elog N F (S (d + n)) - Elog N F (d + n)).
Proof.
rewrite !Elog_T by (apply integer_nonneg). rewrite !(T_ext N F _ ones (vecR oneZ)) by (intros; now apply one_vec).
rewrite T_S by apply one_length.
set (b := T (d + n) (vecR oneZ)).
assert (E : b = lsum (fun x => prob x * b) L).
{ rewrite (lsum_ext _ (fun x => b * prob x)) by (intros; apply Rmult_comm). rewrite lsum_scal, prob_total. lra. }
rewrite E. clear E. rewrite <- lsum_minus.
rewrite (lsum_ext (fun x => _ - _) (fun x => prob x * (T (d + n) (vecR (rowZ oneZ (columns x))) - b))) by (intros; lra).
apply bounds_mean; [apply prob_pos|]. intros x Hx. destruct (letter_good x Hx) as [_ M].
apply value_bounds; auto using row_length, row_pos, one_length, one_pos.
Qed.

(** ** The interval evaluation *)
Section Evaluation.
Variable prec : SF.precision.
Lemma exp_power w y : (0 < w)%Z -> Xpower_int (Xreal (exp y)) w = Xreal (exp (IZR w * y)).
Proof.
destruct w as [|p|]; try lia. intros _. cbn [Xpower_int Xbind Xpower_int']. f_equal.
replace (IZR (Z.pos p)) with (INR (Pos.to_nat p)) by (rewrite INR_IZR_INZ; now rewrite positive_nat_Z).
induction (Pos.to_nat p) as [|n IH]. simpl. now rewrite Rmult_0_l, exp_0.
rewrite S_INR, Rmult_plus_distr_r, exp_plus, Rmult_1_l, <- IH. simpl. apply Rmult_comm.
Qed.
Lemma product_ok (f : letter -> I.type) (h : letter -> R) : forall l, (forall x, In x l -> (0 < weight x)%Z) ->
  (forall x, In x l -> contains (I.convert (f x)) (Xreal (exp (h x)))) ->
  contains (I.convert (product prec l f)) (Xreal (exp (lsum (fun x => IZR (weight x) * h x) l))).
Proof.
unfold product. induction l as [|x l IH]; intros P H; cbn [fold_right lsum].
- rewrite exp_0. apply I.fromZ_correct.
- rewrite exp_plus. change (Xreal (exp (IZR (weight x) * h x) * exp (lsum (fun x => IZR (weight x) * h x) l))) with
    (Xmul (Xreal (exp (IZR (weight x) * h x))) (Xreal (exp (lsum (fun x => IZR (weight x) * h x) l)))).
  apply I.mul_correct; [|apply IH; intros; [apply P|apply H]; now right].
  rewrite <- exp_power by (apply P; now left). apply I.power_int_correct. apply H. now left.
Qed.
Lemma D_mean d g : IZR (D ^ Z.of_nat (S d)) * lsum (fun x => prob x * g x) L = lsum (fun x => IZR (weight x) * (IZR (D ^ Z.of_nat d) * g x)) L.
Proof.
rewrite Nat2Z.inj_succ, Z.pow_succ_r, mult_IZR by lia. rewrite <- lsum_scal. apply lsum_ext; intros x _. unfold prob. field. apply Rgt_not_eq, D_Rpos.
Qed.
Lemma D_power d : (0 < D ^ Z.of_nat d)%Z.
Proof. apply Z.pow_pos_nonneg. apply D_pos. lia. Qed.
Lemma leaf_ok r s : length r = length s -> posZ r -> posZ s -> contains (I.convert (leaf prec up r s)) (Xreal (exp (log_ratio r s))).
Proof.
intros LE Pr Ps. unfold leaf, log_ratio. destruct (ratio_pos up r s) as [A B]; auto. set (q := ratio up r s) in *.
apply IZR_lt in A; apply IZR_lt in B. rewrite exp_ln by (now apply Rdiv_lt_0_compat).
replace (Xreal (IZR (fst q) / IZR (snd q))) with (Xdiv (Xreal (IZR (fst q))) (Xreal (IZR (snd q)))).
apply I.div_correct; apply I.fromZ_correct.
unfold Xbind2, Xdiv'. case is_zero_spec; intros; [lra|reflexivity].
Qed.
Lemma tree_ok d : forall t r s, length r = N -> length s = N -> posZ r -> posZ s ->
  contains (I.convert (tree prec up L d t r s)) (Xreal (exp (IZR (D ^ Z.of_nat d) * value d t r s))).
Proof.
induction d; intros t r s Lr Ls Pr Ps; cbn [tree value].
- change (D ^ Z.of_nat 0)%Z with 1%Z. rewrite Rmult_1_l. apply leaf_ok; congruence.
- destruct (narrow t r s).
  + rewrite <- exp_power by apply D_power. apply I.power_int_correct, leaf_ok; congruence.
  + rewrite D_mean. apply product_ok. intros x Hx; now apply letter_good. intros x Hx. destruct (letter_good x Hx) as [_ M].
    apply IHd; auto using row_length, row_pos.
Qed.
Lemma ln_exp_ok x y : contains (I.convert x) (Xreal (exp y)) -> contains (I.convert (I.ln prec x)) (Xreal y).
Proof.
intros H. replace (Xreal y) with (Xln (Xreal (exp y))). now apply I.ln_correct.
simpl. unfold Xln'. case is_positive_spec; intros P; [now rewrite ln_exp|]. exfalso. apply (Rle_not_lt _ _ P), exp_pos.
Qed.
Lemma increment_ok d t : contains (I.convert (increment prec up L N d t)) (Xreal (IZR (D ^ Z.of_nat (S d)) * step_value d t)).
Proof.
unfold increment, step_value. apply ln_exp_ok. rewrite D_mean. apply product_ok.
intros x Hx; now apply letter_good. intros x Hx. destruct (letter_good x Hx) as [_ M].
apply tree_ok; auto using row_length, row_pos, one_length, one_pos.
Qed.

Definition log_factor := lsum (fun x => prob x * ln (Rabs (IZR (factor x)))) L.
Hypothesis factor0 : forall x, In x L -> factor x <> 0%Z.
Lemma Rabs_factor x : In x L -> 0 < IZR (Z.abs (factor x)) /\ Rabs (IZR (factor x)) = IZR (Z.abs (factor x)).
Proof. intros H. split. apply IZR_lt. specialize (factor0 x H). lia. now rewrite abs_IZR. Qed.
Lemma factors_ok d : contains (I.convert (I.mul prec (I.fromZ prec (D ^ Z.of_nat d)) (I.ln prec (I.fromZ prec (factors L)))))
  (Xreal (IZR (D ^ Z.of_nat (S d)) * log_factor)).
Proof.
assert (E : IZR (factors L) = exp (lsum (fun x => IZR (weight x) * ln (Rabs (IZR (factor x)))) L)).
{ assert (W : forall x, In x L -> (0 < weight x)%Z) by (intros; now apply letter_good).
  unfold factors. assert (R := Rabs_factor). clear - W R. induction L as [|x l IH]; cbn [fold_right lsum]; [now rewrite exp_0|].
  rewrite mult_IZR, exp_plus, IH by (intros; (apply W || apply R); now right). f_equal.
  destruct (R x (or_introl eq_refl)) as [P ->]. specialize (W x (or_introl eq_refl)).
  destruct (weight x) as [|w|]; try lia. assert (G := exp_power (Z.pos w) (ln (IZR (Z.abs (factor x)))) W).
  cbn [Xpower_int Xbind Xpower_int'] in G. injection G as <-. rewrite exp_ln by auto. rewrite <- (positive_nat_Z w) at 1. symmetry. apply pow_IZR. }
unfold log_factor. rewrite D_mean.
rewrite (lsum_ext _ (fun x => IZR (D ^ Z.of_nat d) * (IZR (weight x) * ln (Rabs (IZR (factor x)))))) by (intros; lra). rewrite lsum_scal.
set (y := lsum _ L) in *. change (Xreal (IZR (D ^ Z.of_nat d) * y)) with (Xmul (Xreal (IZR (D ^ Z.of_nat d))) (Xreal y)).
apply I.mul_correct; [apply I.fromZ_correct|]. apply ln_exp_ok. rewrite <- E. apply I.fromZ_correct.
Qed.
Lemma difference_ok d t b : contains (I.convert (difference prec up L N d t b))
  (Xreal (IZR (Zpos (Qden b)) * (IZR (D ^ Z.of_nat (S d)) * step_value d t - IZR (D ^ Z.of_nat (S d)) * log_factor) - IZR (Qnum b * D ^ Z.of_nat (S d)))).
Proof.
unfold difference, exponent_bound.
apply (I.sub_correct prec _ _ (Xreal (_ * _)) (Xreal (IZR _))); [|apply I.fromZ_correct].
apply (I.mul_correct prec _ _ (Xreal (IZR _)) (Xreal (_ - _))); [apply I.fromZ_correct|].
apply (I.sub_correct prec _ _ (Xreal (_ * _)) (Xreal (_ * _))); [apply increment_ok|apply factors_ok].
Qed.
Lemma difference_lower d t b : match I.sign_large (difference prec up L N d t b) with Xgt | Xeq => true | _ => false end = true ->
  Q2R b <= step_value d t - log_factor.
Proof.
intros H. assert (C := difference_ok d t b). assert (S := I.sign_large_correct (difference prec up L N d t b)). set (x := step_value d t) in *.
assert (P : 0 < IZR (D ^ Z.of_nat (Datatypes.S d))) by (apply IZR_lt, D_power). assert (B : 0 < IZR (Zpos (Qden b))) by (now apply IZR_lt).
assert (G : 0 <= IZR (Zpos (Qden b)) * (IZR (D ^ Z.of_nat (Datatypes.S d)) * x - IZR (D ^ Z.of_nat (Datatypes.S d)) * log_factor) - IZR (Qnum b * D ^ Z.of_nat (Datatypes.S d))).
{ match type of C with contains _ (Xreal ?v) => set (y := v) in * end.
  destruct (I.sign_large _); try discriminate; assert (S' := S _ C); [injection S' as ->; lra|apply S']. }
rewrite mult_IZR in G. set (D1 := IZR (D ^ Z.of_nat (Datatypes.S d))) in *. unfold Q2R.
apply Rmult_le_reg_r with (IZR (Zpos (Qden b)) * D1). now apply Rmult_lt_0_compat.
replace (IZR (Qnum b) * / IZR (Zpos (Qden b)) * (IZR (Zpos (Qden b)) * D1)) with (IZR (Qnum b) * D1) by (field; lra). lra.
Qed.
Lemma difference_upper d t b : match I.sign_large (difference prec up L N d t b) with Xlt | Xeq => true | _ => false end = true ->
  step_value d t - log_factor <= Q2R b.
Proof.
intros H. assert (C := difference_ok d t b). assert (S := I.sign_large_correct (difference prec up L N d t b)). set (x := step_value d t) in *.
assert (P : 0 < IZR (D ^ Z.of_nat (Datatypes.S d))) by (apply IZR_lt, D_power). assert (B : 0 < IZR (Zpos (Qden b))) by (now apply IZR_lt).
assert (G : IZR (Zpos (Qden b)) * (IZR (D ^ Z.of_nat (Datatypes.S d)) * x - IZR (D ^ Z.of_nat (Datatypes.S d)) * log_factor) - IZR (Qnum b * D ^ Z.of_nat (Datatypes.S d)) <= 0).
{ match type of C with contains _ (Xreal ?v) => set (y := v) in * end.
  destruct (I.sign_large _); try discriminate; assert (S' := S _ C); [injection S' as ->; lra|apply S']. }
rewrite mult_IZR in G. set (D1 := IZR (D ^ Z.of_nat (Datatypes.S d))) in *. unfold Q2R.
apply Rmult_le_reg_r with (IZR (Zpos (Qden b)) * D1). now apply Rmult_lt_0_compat.
replace (IZR (Qnum b) * / IZR (Zpos (Qden b)) * (IZR (Zpos (Qden b)) * D1)) with (IZR (Qnum b) * D1) by (field; lra). lra.
Qed.
End Evaluation.
End Tree.
