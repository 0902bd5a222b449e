#include "problem/twins.hpp"

#include <map>
#include <stdexcept>

#include "problem/wording.hpp"

namespace lyapcert {

namespace {

// Rational where it is seen to be: "1/2" and "0.5" are one number.
Expression simplified(const Expression& e) {
    const std::optional<Rational> value = evaluate(e, {});
    return value ? Expression::number(*value) : e;
}

bool certainly_differ(const Expression& a, const Expression& b) {
    const std::optional<Rational> x = evaluate(a, {});
    const std::optional<Rational> y = evaluate(b, {});
    if (x && y) return *x != *y;
    if (compare(a, b) == 0) return false;
    try {
        return !contains_zero(enclose(a, 256) - enclose(b, 256));
    } catch (const std::domain_error&) {
        return false;
    }
}

struct Less {
    bool operator()(const std::vector<Expression>& a, const std::vector<Expression>& b) const {
        for (std::size_t k = 0; k < a.size() && k < b.size(); ++k)
            if (const int order = compare(a[k], b[k]); order != 0) return order < 0;
        return a.size() < b.size();
    }
};

}  // namespace

std::vector<std::size_t> first_with_equal_inputs(const Document& document) {
    std::map<std::vector<Expression>, std::size_t, Less> known;
    std::vector<std::size_t> first;
    for (std::size_t i = 0; i < document.data_inputs.size(); ++i) {
        std::vector<Expression> inputs;
        for (const Expression& e : document.data_inputs[i]) inputs.push_back(simplified(e));
        const std::size_t j = known.emplace(std::move(inputs), i).first->second;
        first.push_back(j);
        if (j != i && document.targets && certainly_differ((*document.targets)[i], (*document.targets)[j]))
            document.fail("data.targets" + index(i), "data point " + std::to_string(i + 1) + " has the inputs of data point " + std::to_string(j + 1) +
                                                         " but another target: no parameters fit both; expected equal targets, or distinct inputs");
    }
    return first;
}

std::vector<std::size_t> equal_data_points(const Document& document) {
    std::map<std::vector<Rational>, std::size_t> known;
    std::vector<std::size_t> first;
    bool all_differ = true;
    for (std::size_t i = 0; i < document.data_inputs.size(); ++i) {
        std::vector<Rational> inputs;
        for (const Expression& e : document.data_inputs[i])
            if (std::optional<Rational> value = evaluate(e, {})) inputs.push_back(std::move(*value));
        const bool rational = inputs.size() == document.data_inputs[i].size();
        first.push_back(rational ? known.emplace(std::move(inputs), i).first->second : i);
        all_differ = all_differ && first.back() == i;
    }
    return all_differ ? std::vector<std::size_t>{} : first;
}

std::optional<std::vector<std::size_t>> distinct_data_points(const Document& document, const std::vector<std::size_t>& first) {
    std::vector<std::size_t> result;
    for (std::size_t i = 0; i < first.size(); ++i) {
        if (first[i] == i) {
            result.push_back(i);
            continue;
        }
        const std::optional<Rational> here = evaluate((*document.targets)[i], {});
        const std::optional<Rational> there = evaluate((*document.targets)[first[i]], {});
        if (!here || !there || *here != *there) return std::nullopt;
    }
    return result;
}

}  // namespace lyapcert
