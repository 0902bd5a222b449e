// Three-valued answers: what interval arithmetic can say of a statement about exact numbers.
#pragma once

namespace lyapcert {

// `yes` and `no` are theorems; `undecided` says that the enclosures are too wide (or the statement is true for some
// members of an interval family and false for others).
enum class Ternary { no, undecided, yes };

constexpr Ternary ternary(bool statement) noexcept { return statement ? Ternary::yes : Ternary::no; }
constexpr Ternary negate(Ternary t) noexcept {
    return t == Ternary::yes ? Ternary::no : t == Ternary::no ? Ternary::yes : Ternary::undecided;
}
constexpr Ternary both(Ternary a, Ternary b) noexcept { return a < b ? a : b; }
constexpr Ternary either(Ternary a, Ternary b) noexcept { return a < b ? b : a; }

}  // namespace lyapcert
