// Splitting a random product into smaller ones without losing anything.
// Lemma 1 = T3, Lemma 2 = T4 of proofs/THEOREMS.md.
//
// Lemma 1 (blocks). Let i -> j whenever entry (i, j) of some A_k is not known to be zero, and let C_1, ..., C_s be the strongly
// connected components of this graph. Then lambda = max_c lambda(product restricted to the indices C_c).
//   Proof. Ordering the components topologically makes all A_k block triangular with the restricted matrices on the diagonal;
//   by induction two blocks are enough: A = [P Q; 0 R]. The diagonal blocks of a word are the words of the diagonal blocks,
//   hence ">=". For "<=" the off-diagonal block of a word of length n is the sum over j of P_n...P_{j+1} Q_j R_{j-1}...R_1. For p in (0, 1],
//   x -> x^p is subadditive and the three factors are independent, so with q = max ||Q_k||
//       E||off-diagonal||^p <= sum_j E||P_n...P_{j+1}||^p q^p E||R_{j-1}...R_1||^p.
//   Given a > max(lambda_P, lambda_R) choose m with (1/m) E log||P_m...P_1|| < a, likewise R; as p -> 0, (1/p) log E X^p -> E log X for
//   bounded X >= 0, so for some p > 0 E||P_m...P_1||^p < e^{mpa}, likewise R, and by independence E||P_l...P_1||^p <= c e^{lpa} for all
//   l. The sum is at most c' n e^{npa}; Jensen gives (1/n) E log||off-diagonal|| <= a + O(log n / n).
//   (Singular matrices and -inf are included. For invertible ones: Furstenberg & Kifer 1983, Lemma 3.6.)
//
// Lemma 2 (waiting). If A = I with probability q < 1, then lambda = (1 - q) lambda(law of A given A != I).
//   Proof: among n factors, n (1 - q) (1 + o(1)) almost surely differ from I, and (1/n) log||A_n...A_1|| -> lambda almost surely
//   (Furstenberg & Kesten 1960).
//
// With uniform sampling and a block diagonal Gram matrix the two together read lambda = max_b (m_b / N) lambda_b.
#pragma once

#include <vector>

#include "lyapcert/product/random_product.hpp"

namespace lyapcert {

struct ReducedProduct {
    Rational weight;  // in (0, 1]
    RandomProduct product;
    std::vector<std::size_t> indices;  // which coordinates of the original product it lives on
};

// lambda = max over the list of weight * lambda(product).
std::vector<ReducedProduct> reduce(const RandomProduct& product);

}  // namespace lyapcert
