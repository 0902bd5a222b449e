#include "checker/problem/product.hpp"

#include <algorithm>

namespace lyapcert::checker {

void append(Product& product, Matrix a, const Rational& p) {
    const auto same = [](const Value& x, const Value& y) { return x.exact() != nullptr && y.exact() != nullptr && *x.exact() == *y.exact(); };
    charge(20.0 * static_cast<double>(product.matrices.size()));
    for (std::size_t k = 0; k < product.matrices.size(); ++k)
        if (std::equal(a.entries.begin(), a.entries.end(), product.matrices[k].entries.begin(), same)) {
            product.probabilities[k] += p;
            return;
        }
    product.matrices.push_back(std::move(a));
    product.probabilities.push_back(p);
}

}  // namespace lyapcert::checker
