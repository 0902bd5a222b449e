// A problem at the true minimum that is proved to exist near given weights or values.
#pragma once

#include <string>
#include <vector>

#include "lyapcert/problem/existence.hpp"
#include "problem/document.hpp"

namespace lyapcert {

// Proves that there is one, fills minimum and gram; `given` stands at `key`. Throws InputError.
void prove_near(const Document& document, const std::string& key, const ResidualMap& map, const std::vector<Rational>& given, Problem& problem);

// G from enclosures of the whole matrix; `whole` is asked for one precision once.
template <class Whole>
Matrix<Real> gram_of(std::size_t n, Whole whole) {
    const Matrix<MpInterval> first = whole(128);
    Matrix<Real> g(n, n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j <= i; ++j)
            g(i, j) = g(j, i) = is_zero(first(i, j)) ? Real(0) : Real::from_rule([whole, i, j](long precision) { return whole(precision)(i, j).with_precision(precision); });
    return g;
}

}  // namespace lyapcert
