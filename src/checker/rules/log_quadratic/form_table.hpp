// sum_m b_m (1/2) log q_m for quadratic forms q_m, on boxes of the faces of the cube (T22, T23).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "checker/rules/context.hpp"

namespace lyapcert::checker {

inline constexpr long quadratic_bits = 192;
inline constexpr std::uint64_t work_per_character = 64;  // to read the evidence

inline void spend(std::uint64_t& work, std::uint64_t amount) {
    if (work < amount) throw Refused("quadratic: the proof would take too long");
    work -= amount;
}

inline double above(const Enclosure& x) { return mpfr_get_d(x.upper(), MPFR_RNDU); }
inline double below(const Enclosure& x) { return mpfr_get_d(x.lower(), MPFR_RNDD); }

// Calls f with each of the numbers that blanks separate.
template <class F>
void for_each_number(const nlohmann::json& evidence, const char* key, std::size_t most, std::uint64_t& work, F&& f) {
    const std::string& text = evidence.at(key).get_ref<const std::string&>();
    spend(work, text.size() * work_per_character);
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        if (count++ == most) throw Refused(std::string("quadratic: '") + key + "' is too long");
        f(parse_rational(std::string_view(text).substr(at, end - at)));
        at = end + 1;
    }
}

// On the face y_face = 1; the other coordinates, in order, are within radius of centre.
template <int N>
struct Box {
    std::array<double, N - 1> centre{};
    std::array<double, N - 1> radius{};
};

// For the lower side D >= `box` on a box, and D <= `centre` at its centre; for the upper side the other way round.
struct Bounds {
    double box;
    double centre;
};

// Prepared for the arithmetic of T23. Arrays over m are filled up with forms of weight zero.
template <int N>
class FormTable {
  public:
    void add(const Matrix& form, const Value& b);
    // After the last form. False when T23 does not apply, the weights being too small or too large.
    bool finish();
    std::size_t count() const { return count_; }
    // T23, for D(y) + tilt . h where h = y - centre; `tilt` may be null. `widest` is where to cut.
    Bounds bound(Side side, int face, const Box<N>& box, const double* tilt, std::size_t& widest) const;

  private:
    static constexpr int D = N - 1;
    static constexpr int entries = N * (N + 1) / 2;
    std::size_t count_ = 0;
    std::array<std::vector<double>, entries> q_;  // [triangle(i, j)][m]
    std::vector<double> weight_;
    std::vector<double> size_;
    std::vector<double> omega_;
    std::vector<double> lowest_;  // bounds of (1/2) log q_m on the faces of the cube, where 1 <= |y|^2 <= n
    std::vector<double> highest_;
    Enclosure total_ = Enclosure(quadratic_bits);  // sum |b_m|
    double slack_ = 0.0;
};

// What the evidence says of f, ready for T22.
template <int N>
struct LogQuadratic {
    FormTable<N> table;  // of D
    std::vector<Matrix> maps;  // B_k
    Rational degree;
    std::vector<Matrix> forms;  // Q_j
    std::vector<Rational> weights;  // a_j
};

// Fills `f`, or says why not.
template <int N>
std::string prepare(const Product& product, const nlohmann::json& evidence, std::uint64_t& work, LogQuadratic<N>& f);

}  // namespace lyapcert::checker
