(** * What is computed

    The problem in rational numbers, the witness that makes it an integer one, and the two checks of an exported theorem, evaluated by Coq's
    virtual machine. Products are exact, in Z; of a whole tree of words one logarithm is taken, in interval arithmetic on Coq's integers (no
    machine numbers, which would be axioms). That the checks prove what they should is in [Sound]. *)
From Coq Require Import Reals ZArith QArith Qreals List Bool.
From Interval Require Import Specific_stdz Specific_ops Float_full Xreal Interval.
From Lyapcert Require Import Sums Products.
Import ListNotations.
Module SF := SpecificFloat StdZRadix2.
Module I := FloatIntervalFull SF.
Open Scope R_scope.

(** ** The problem: probabilities, and matrices in rows *)
Definition entryQ (M : list (list Q)) i j : Q := nth j (nth i M []) 0%Q.
Definition matQ (M : list (list Q)) : mat := fun i j => Q2R (entryQ M i j).
Definition rational_family := list (Q * list (list Q)).
Definition family_of (F : rational_family) : family := map (fun x => (Q2R (fst x), matQ (snd x))) F.

(** ** The witness: d A P = P B with integers, B >= 0 in columns

    The probability of a letter is its weight over the sum of all weights. *)
Record letter := Letter { weight : Z; factor : Z; columns : list (list Z) }.
Record witness := Witness { letters : list letter; basis : list (list Z); inverse : list (list Z); scale : Z }.

Definition entryZ (M : list (list Z)) i j : Z := nth j (nth i M []) 0%Z.
Definition matZ (M : list (list Z)) : mat := fun i j => IZR (entryZ M i j).
Definition colZ (M : list (list Z)) : mat := fun i j => IZR (entryZ M j i).
Definition total (L : list letter) : Z := fold_right (fun x a => (weight x + a)%Z) 0%Z L.

Fixpoint sumQ (n : nat) (f : nat -> Q) : Q := match n with O => 0%Q | S m => (sumQ m f + f m)%Q end.
Definition every (N : nat) (f : nat -> nat -> bool) : bool := forallb (fun i => forallb (f i) (seq 0 N)) (seq 0 N).
Definition mulQ N (A B : nat -> nat -> Q) i j : Q := sumQ N (fun k => (A i k * B k j)%Q).
Definition idQ i j : Q := if Nat.eqb i j then 1%Q else 0%Q.
Definition toQ (M : list (list Z)) i j : Q := inject_Z (entryZ M i j).

(** B is N x N, non-negative, without a zero column. *)
Definition columns_ok (N : nat) (B : list (list Z)) : bool :=
  Nat.eqb (length B) N && forallb (fun c => Nat.eqb (length c) N && forallb (fun x => (0 <=? x)%Z) c && existsb (fun x => (0 <? x)%Z) c) B.
Definition letters_ok (N : nat) (L : list letter) : bool :=
  (0 <? N)%nat && (0 <? total L)%Z && forallb (fun x => (0 <? weight x)%Z && columns_ok N (columns x)) L.
Definition basis_ok (N : nat) (w : witness) : bool :=
  let P := toQ (basis w) in let Q := toQ (inverse w) in
  negb (scale w =? 0)%Z
  && every N (fun i j => Qeq_bool (mulQ N P Q i j) (inject_Z (scale w) * idQ i j))
  && every N (fun i j => Qeq_bool (mulQ N Q P i j) (inject_Z (scale w) * idQ i j)).
Definition letter_ok (N : nat) (D : Z) (P : nat -> nat -> Q) (x : (Q * list (list Q)) * letter) : bool :=
  let d := factor (snd x) in
  negb (d =? 0)%Z && Qeq_bool (fst (fst x) * inject_Z D) (inject_Z (weight (snd x)))
  && every N (fun i j => Qeq_bool (inject_Z d * mulQ N (entryQ (snd (fst x))) P i j) (mulQ N P (fun i j => toQ (columns (snd x)) j i) i j)).
Definition witness_ok (N : nat) (F : rational_family) (w : witness) : bool :=
  letters_ok N (letters w) && basis_ok N w && Nat.eqb (length F) (length (letters w))
  && forallb (letter_ok N (total (letters w)) (toQ (basis w))) (combine F (letters w)).

(** ** Rows *)
Fixpoint dotZ (r c : list Z) : Z := match r, c with a :: r', b :: c' => (a * b + dotZ r' c')%Z | _, _ => 0%Z end.
Definition rowZ (r : list Z) (B : list (list Z)) : list Z := map (dotZ r) B.

(** The least and the greatest of the ratios r_j / s_j, as fractions; from n / m on. *)
Fixpoint least (r s : list Z) (n m : Z) : Z * Z :=
  match r, s with
  | a :: r', b :: s' => if (a * m <? n * b)%Z then least r' s' a b else least r' s' n m
  | _, _ => (n, m)
  end.
Fixpoint greatest (r s : list Z) (n m : Z) : Z * Z :=
  match r, s with
  | a :: r', b :: s' => if (n * b <? a * m)%Z then greatest r' s' a b else greatest r' s' n m
  | _, _ => (n, m)
  end.
Definition ratio (up : bool) (r s : list Z) : Z * Z := (if up then greatest else least) r s (hd 1%Z r) (hd 1%Z s).

(** ** The tree of words

    [tree d t r s] encloses exp (D^d x), D the sum of the weights, x the bound (upper or lower) of T (d + m) r - T (d + m) s for all m: at a leaf
    the logarithm of a ratio, else the mean over the letters. A node is a leaf at depth 0, or where its ratios differ by no more than a factor of
    1 + 1/t; t shrinks with the probability of the word, and t = 0 stands for infinity. *)
Section Tree.
Variable prec : SF.precision.
Variable up : bool.
Variable L : list letter.
Definition product (f : letter -> I.type) : I.type :=
  fold_right (fun x acc => I.mul prec (I.power_int prec (f x) (weight x)) acc) (I.fromZ prec 1) L.
Definition narrow (t : Z) (r s : list Z) : bool :=
  let a := ratio false r s in let b := ratio true r s in
  (0 <? t)%Z && ((fst b * snd a - fst a * snd b) * t <=? fst a * snd b)%Z.
Definition leaf (r s : list Z) : I.type := let q := ratio up r s in I.div prec (I.fromZ prec (fst q)) (I.fromZ prec (snd q)).
Definition finer (t w : Z) : Z := ((t * w + total L - 1) / total L)%Z.   (* rounded up *)
Fixpoint tree (d : nat) (t : Z) (r s : list Z) : I.type :=
  match d with
  | O => leaf r s
  | S e => if narrow t r s then I.power_int prec (leaf r s) (total L ^ Z.of_nat d)
           else product (fun x => tree e (finer t (weight x)) (rowZ r (columns x)) (rowZ s (columns x)))
  end.
(** D^(d+1) times a bound of the increments of E ln ||B_1 ... B_n|| for n >= d; then of E ln ||A_1 ... A_n||. *)
Definition increment (N d : nat) (t : Z) : I.type :=
  let one := repeat 1%Z N in I.ln prec (product (fun x => tree d (finer t (weight x)) (rowZ one (columns x)) one)).
Definition factors : Z := fold_right (fun x a => (Z.abs (factor x) ^ weight x * a)%Z) 1%Z L.
Definition exponent_bound (N d : nat) (t : Z) : I.type :=
  I.sub prec (increment N d t) (I.mul prec (I.fromZ prec (total L ^ Z.of_nat d)) (I.ln prec (I.fromZ prec factors))).
(** ... minus D^(d+1) b, times the denominator of b: its sign decides. *)
Definition difference (N d : nat) (t : Z) (b : Q) : I.type :=
  I.sub prec (I.mul prec (I.fromZ prec (Zpos (Qden b))) (exponent_bound N d t)) (I.fromZ prec (Qnum b * total L ^ Z.of_nat (S d))).
End Tree.

(** ** The checks: words of d letters at most, threshold t, prec bits *)
Definition check_lower (bits : positive) N F w d t (b : Q) : bool :=
  witness_ok N F w && match I.sign_large (difference (SF.PtoP bits) false (letters w) N d t b) with Xgt | Xeq => true | _ => false end.
Definition check_upper (bits : positive) N F w d t (b : Q) : bool :=
  witness_ok N F w && match I.sign_large (difference (SF.PtoP bits) true (letters w) N d t b) with Xlt | Xeq => true | _ => false end.
