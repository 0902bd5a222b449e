// D(y) = sum_m b_m (1/2) log q_m(y), ready for the kernel: one table of quadratic forms for each face of the cube.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "lyapcert/exponent/log_quadratic.hpp"

namespace lyapcert::log_quadratic {

inline constexpr std::size_t lanes = 8;
inline constexpr std::size_t most_forms = 4000;  // with their images: the lemma's M <= 4096, and the checker's limit

// The forms seen from the face y_face = 1, whose coordinate comes last. Arrays over m are padded to a multiple of `lanes` by forms of
// weight zero.
struct FaceTable {
    std::vector<double> entries;  // [triangle(i, j)][m], the lower triangle in rows
};

struct FormTable {
    int dimension = 0;
    std::size_t count = 0;        // padded
    std::vector<FaceTable> faces;
    std::vector<double> weights;  // b_m rounded to nearest
    std::vector<double> sizes;    // |b_m|
    std::vector<double> errors;   // omega_m of the kernel's lemma
    std::vector<double> lowest;   // bounds of (1/2) log q_m on the faces of the cube
    std::vector<double> highest;
    double total = 0.0;           // an upper bound of sum |b_m|
    double degree = 0.0;          // s, a lower and an upper bound of which are degree_interval
    Interval degree_interval = Interval(0.0);
};

inline constexpr std::size_t triangle(std::size_t i, std::size_t j) { return i * (i + 1) / 2 + j; }  // j <= i

// Throws std::logic_error when the evidence is not of the required kind (sizes, finiteness, Q_j > 0, s > 0, sum |b_m| in [2^-100, 2^100]);
// nothing when the basis is not proved regular. For a family of intervals the radius of an entry enters omega: intervals of relative
// width beyond about 2^-12 make every box invalid, so nothing is proved of them.
std::optional<FormTable> make_forms(const RandomProduct& product, const LogQuadraticEvidence& evidence);

// C^{-1} A_k C, enclosed; nothing when C is not proved regular.
std::optional<std::vector<Matrix<MpInterval>>> in_basis(const RandomProduct& product, const Matrix<double>& basis, long precision);

// a^{-1} b by interval elimination; nothing when a is not proved regular.
std::optional<Matrix<MpInterval>> solve(Matrix<MpInterval> a, Matrix<MpInterval> b);

}  // namespace lyapcert::log_quadratic
