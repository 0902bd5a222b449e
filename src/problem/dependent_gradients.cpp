#include "problem/dependent_gradients.hpp"

#include <algorithm>
#include <vector>

#include "lyapcert/linalg/positive_definite.hpp"
#include "problem/symbolic.hpp"

namespace lyapcert {

namespace {

using namespace symbolic;

std::optional<std::vector<Rational>> rational_vector(const std::vector<GiNaC::ex>& values) {
    std::vector<Rational> result;
    for (const GiNaC::ex& x : values) {
        if (!GiNaC::is_a<GiNaC::numeric>(x) || !GiNaC::ex_to<GiNaC::numeric>(x).is_rational()) return std::nullopt;
        result.push_back(to_rational(GiNaC::ex_to<GiNaC::numeric>(x)));
    }
    return result;
}

// x* with some coordinates put to zero, the most zeros first.
std::vector<std::vector<Rational>> candidates(const std::vector<Rational>& minimum) {
    constexpr std::size_t most_free = 10;
    const std::size_t d = minimum.size();
    std::vector<std::vector<Rational>> result{std::vector<Rational>(d, Rational(0))};
    if (d <= most_free) {
        for (unsigned long kept = 1; kept < (1UL << d); ++kept) {
            result.emplace_back(d, Rational(0));
            for (std::size_t p = 0; p < d; ++p)
                if ((kept >> p & 1UL) != 0) result.back()[p] = minimum[p];
        }
    } else {
        for (std::size_t p = 0; p < std::min<std::size_t>(d, 200); ++p) {
            result.push_back(minimum);
            result.back()[p] = 0;
        }
    }
    return result;
}

}  // namespace

std::optional<std::string> dependent_gradients_somewhere(const Document& document, const ModelAtMinimum& model) {
    constexpr std::size_t most_data_points = 20;
    const std::size_t n = model.inputs.size();
    if (n > most_data_points) return std::nullopt;
    const auto targets = rational_vector(model.targets);
    if (!targets) return std::nullopt;
    std::vector<std::vector<Rational>> inputs;
    for (const auto& row : model.inputs) {
        const auto y = rational_vector(row);
        if (!y) return std::nullopt;
        inputs.push_back(*y);
    }
    // Without a rational x* the origin is tried alone.
    const auto minimum = rational_vector(model.values);
    const std::vector<Rational> start = minimum && minimum->size() == document.parameters.size() ? *minimum : std::vector<Rational>(document.parameters.size(), Rational(0));
    for (const std::vector<Rational>& point : candidates(start)) {
        std::vector<std::vector<Rational>> gradients;
        for (std::size_t i = 0; i < n; ++i) {
            std::vector<Rational> symbols = point;
            symbols.insert(symbols.end(), inputs[i].begin(), inputs[i].end());
            const auto value = evaluate(*document.output, symbols);
            if (!value || *value != (*targets)[i]) break;
            gradients.emplace_back();
            for (const Expression& derivative : model.derivatives) {
                const auto slope = evaluate(derivative, symbols);
                if (!slope) break;
                gradients.back().push_back(*slope);
            }
            if (gradients.back().size() != point.size()) break;
        }
        if (gradients.size() != n || gradients.back().size() != point.size()) continue;
        Matrix<Rational> gram(n, n);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) {
                gram(i, j) = 0;
                for (std::size_t p = 0; p < point.size(); ++p) gram(i, j) += gradients[i][p] * gradients[j][p];
            }
        if (is_positive_definite(gram) != Ternary::no) continue;
        std::string text;
        for (std::size_t p = 0; p < point.size(); ++p) text += (p == 0 ? "" : ", ") + document.parameters[p] + " = " + point[p].str();
        return "at the global minimum " + text + " the gradients are linearly dependent";
    }
    return std::nullopt;
}

}  // namespace lyapcert
