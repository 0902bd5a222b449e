#include "problem/near_minimum.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "lyapcert/numeric/decimal.hpp"
#include "problem/model.hpp"
#include "problem/network_residuals.hpp"
#include "problem/twins.hpp"

namespace lyapcert {

namespace {

// Weights that are far from every minimum would be led to one anyway: say so instead.
void require_interpolation(const Document& document, const std::string& key, const ResidualMap& map, const std::vector<Rational>& given) {
    constexpr double small = 0.01;
    const auto n = static_cast<double>(map.data_points);
    std::vector<double> x;
    for (const Rational& w : given) x.push_back(w.convert_to<double>());
    double loss = 0.0;
    double reference = 0.0;  // of F = 0
    for (std::size_t i = 0; i < map.data_points; ++i) {
        const double h = map.approximate(i, x).value;
        const double z = enclose((*document.targets)[i], 64).midpoint_double();
        loss += h * h / (2.0 * n);
        reference += z * z / (2.0 * n);
    }
    if (!(loss <= small * reference + 1e-6))
        document.fail(key, fmt::format("{} does not interpolate the data: its loss is {:.3g}, that of F = 0 is {:.3g}; expected nearly 0{}",
                                       document.network ? "the network" : "the model", loss, reference,
                                       document.network ? " (train it further, for example with lyapcert train)" : ""));
}

}  // namespace

void prove_near(const Document& document, const std::string& key, const ResidualMap& all, const std::vector<Rational>& given, Problem& problem) {
    constexpr std::size_t most_data_points = 300;  // the proof takes N^3 operations at a few hundred bits
    // A point that fits each distinct data point fits all of them (T41 (e)).
    const std::optional<std::vector<std::size_t>> distinct = distinct_data_points(document, problem.equal_to);
    const bool some_equal = distinct && !distinct->empty();
    const ResidualMap map = some_equal ? all.at(*distinct) : all;
    if (map.data_points > most_data_points)
        document.fail("data.inputs", "has " + std::to_string(map.data_points) + " data points; expected at most " + std::to_string(most_data_points) + " where the minimum must be proved");
    if (map.parameters < map.data_points)
        document.fail(key, fmt::format("is approximate, and there are fewer parameters than data points ({} < {}): the gradients are linearly dependent, and no "
                                       "minimum near it can be proved to exist; expected exact {}, or at least as many parameters",
                                       map.parameters, map.data_points, document.network ? "weights" : "values"));
    try {
        require_interpolation(document, key, all, given);
        const auto near = std::make_shared<const NearMinimum>(map, given);
        const std::string distance = upper_decimal(MpInterval(near->distance(), near->distance()).upper(), 3);
        problem.minimum = {Minimum::Kind::near, true,
                           fmt::format("a true minimum exists within {} of the given {} (Krawczyk; the only one on the slice w + J^T c there{})", distance,
                                       document.network ? "weights" : "values", near->polished() ? ", w being the given ones after Gauss-Newton steps" : ""),
                           distance, [near](long precision) { return near->centre(precision); }, document.weights_from_file};
        if (!some_equal) {
            problem.gram = gram_of(problem.data_points, [near](long precision) { return near->gram(precision); });
            return;
        }
        const Matrix<Real> small = gram_of(map.data_points, [near](long precision) { return near->gram(precision); });
        const auto place = [&](std::size_t i) {
            return static_cast<std::size_t>(std::lower_bound(distinct->begin(), distinct->end(), problem.equal_to[i]) - distinct->begin());
        };
        problem.gram = Matrix<Real>(problem.data_points, problem.data_points);
        for (std::size_t i = 0; i < problem.data_points; ++i)
            for (std::size_t j = 0; j < problem.data_points; ++j) problem.gram(i, j) = small(place(i), place(j));
    } catch (const NoMinimum& error) {
        document.fail(key, error.what());
    } catch (const std::domain_error& error) {
        document.fail(key, std::string("no minimum is proved: ") + error.what());
    }
}

void near_model(const Document& document, const ModelAtMinimum& model, const Finding& analytic, Problem& problem) {
    if (analytic.answer != Ternary::yes)
        document.fail("model.output", "is not seen to be analytic in the parameters on all of R^D (" + analytic.reason + "); expected that beside an approximate minimum");
    ResidualMap map;
    map.data_points = document.data_inputs.size();
    map.parameters = document.parameters.size();
    map.enclose = [output = *document.output, derivatives = model.derivatives, inputs = document.data_inputs, targets = *document.targets](
                      std::size_t i, const std::vector<MpInterval>& box, bool gradient) {
        const long precision = box.front().precision();
        std::vector<MpInterval> symbols = box;
        for (MpInterval& y : enclosed(inputs[i], precision)) symbols.push_back(std::move(y));
        Differential<MpInterval> f{enclose(output, precision, symbols) - enclose(targets[i], precision), {}};
        for (std::size_t p = 0; p < derivatives.size() && gradient; ++p) f.gradient.push_back(enclose(derivatives[p], precision, symbols));
        return f;
    };
    map.approximate = [enclose_at = map.enclose](std::size_t i, const std::vector<double>& x) {
        std::vector<MpInterval> point;
        for (const double v : x) {
            if (!std::isfinite(v)) throw NoMinimum("the search for a minimum leaves the range of numbers");
            point.emplace_back(v, v, 64);
        }
        const Differential<MpInterval> f = enclose_at(i, point, true);
        Differential<double> result{f.value.midpoint_double(), {}};
        for (const MpInterval& g : f.gradient) result.gradient.push_back(g.midpoint_double());
        return result;
    };
    std::vector<Rational> given;
    for (const Expression& e : document.minimum) given.push_back(e.value());
    prove_near(document, "minimum.values", map, given, problem);
}

}  // namespace lyapcert
