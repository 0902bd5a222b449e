#include "lyapcert/exponent/dominated_splitting.hpp"

#include <algorithm>
#include <cmath>

#include "exponent/dominated_splitting/approximate_splitting.hpp"
#include "exponent/dominated_splitting/rows.hpp"

namespace lyapcert {

namespace dominated_splitting {

namespace {

constexpr std::size_t most_entries = 4000000;

bool is_unit_entry(const Real& x, bool diagonal) { return diagonal ? x.known_one() : x.known_zero(); }

}  // namespace

std::optional<Rows> rows_of(const RandomProduct& product, bool transposed) {
    const std::size_t n = product.dimension();
    Rows rows;
    rows.dimension = n;
    if (const Matrix<Real>* gram = product.scaled_gram(); gram != nullptr && transposed) {
        if (n * n > most_entries) return std::nullopt;
        for (std::size_t i = 0; i < n; ++i) {
            Row row{i, i, std::vector<Interval>(n, Interval(0.0))};
            bool unit = true;
            for (std::size_t l = 0; l < n; ++l) {
                if ((*gram)(l, i).known_zero()) continue;
                unit = false;
                row.entries[l] = -(*gram)(l, i).interval();
            }
            row.entries[i] += 1.0;
            if (!unit) rows.list.push_back(std::move(row));
        }
        return rows;
    }
    for (std::size_t k = 0; k < product.size(); ++k) {
        const Matrix<Real>& a = product.matrices()[k];
        const auto entry = [&](std::size_t i, std::size_t l) -> const Real& { return transposed ? a(l, i) : a(i, l); };
        for (std::size_t i = 0; i < n; ++i) {
            bool unit = true;
            for (std::size_t l = 0; l < n && unit; ++l) unit = is_unit_entry(entry(i, l), i == l);
            if (unit) continue;
            if ((rows.list.size() + 1) * n > most_entries) return std::nullopt;
            Row row{k, i, {}};
            row.entries.reserve(n);
            for (std::size_t l = 0; l < n; ++l) row.entries.push_back(entry(i, l).interval());
            rows.list.push_back(std::move(row));
        }
    }
    return rows;
}

namespace {

// sum over these l of |b_l| w_l, rounded up.
double weighted_sum(const Row& row, const std::vector<double>& w, const std::vector<bool>* among) {
    double sum = 0.0;
    for (std::size_t l = 0; l < w.size(); ++l)
        if (l != row.index && (among == nullptr || (*among)[l])) sum = directed::add_up(sum, directed::mul_up(abs(row.entries[l]).upper(), w[l]));
    return sum;
}

// The logarithms log g_ki of one matrix, whose rows are [first, last), for one vector of weights.
Interval logarithms(const std::vector<Row>& rows, std::size_t first, std::size_t last, const std::vector<bool>& expands, const std::vector<double>& w) {
    std::vector<bool> among(w.size());
    for (std::size_t l = 0; l < w.size(); ++l) among[l] = !expands[l];
    for (std::size_t r = first; r < last; ++r) among[rows[r].index] = true;
    Interval sum(0.0);
    for (std::size_t r = first; r < last; ++r) {
        const Row& row = rows[r];
        if (!expands[row.index]) continue;
        const double loss = directed::div_up(weighted_sum(row, w, &among), w[row.index]);
        // At least 1 by the theorem, whatever rounding says.
        sum += log(Interval(std::max(1.0, directed::sub_down(abs(row.entries[row.index]).lower(), loss))));
    }
    return sum;
}

// (1) and (2).
bool holds(const Rows& rows, const std::vector<bool>& expands, const std::vector<double>& w) {
    // Far from overflow and underflow.
    if (w.size() != rows.dimension || !std::all_of(w.begin(), w.end(), [](double x) { return x >= 0x1p-300 && x <= 0x1p300; })) return false;
    return std::all_of(rows.list.begin(), rows.list.end(), [&](const Row& row) {
        const std::size_t i = row.index;
        const double others = weighted_sum(row, w, nullptr);
        const Interval own = abs(row.entries[i]);
        return expands[i] ? directed::sub_down(directed::mul_down(own.lower(), w[i]), others) >= w[i]
                          : directed::add_up(directed::mul_up(own.upper(), w[i]), others) <= w[i];
    });
}

Bound prove(const Rows& rows, const RandomProduct& product, const SplittingEvidence& evidence) {
    const RoundUpward guard;
    std::vector<bool> expands(rows.dimension, false);
    for (const std::size_t i : evidence.expanding) {
        if (i >= rows.dimension || expands[i]) return Bound::nothing();
        expands[i] = true;
    }
    if (evidence.expanding.empty() || evidence.weights.empty()) return Bound::nothing();
    for (const std::vector<double>& w : evidence.weights)
        if (!holds(rows, expands, w)) return Bound::nothing();
    Interval sum(0.0);
    for (std::size_t first = 0; first < rows.list.size();) {
        const std::size_t k = rows.list[first].matrix;
        std::size_t last = first;
        bool moves = false;
        for (; last < rows.list.size() && rows.list[last].matrix == k; ++last) moves = moves || expands[rows.list[last].index];
        Interval best(0.0);
        if (moves)
            for (const std::vector<double>& w : evidence.weights) {
                const Interval logs = logarithms(rows.list, first, last, expands, w);
                if (logs.lower() > best.lower()) best = logs;
            }
        sum += to_interval(product.probabilities()[k]) * best;
        first = last;
    }
    sum /= Interval(static_cast<double>(evidence.expanding.size()));
    return Bound::at_least(MpInterval(sum.lower(), sum.lower(), MpInterval::default_precision),
                           {Method::dominated_splitting, std::make_shared<const SplittingEvidence>(evidence), {}});
}

}  // namespace
}  // namespace dominated_splitting

Bound dominated_splitting_bound(const RandomProduct& product, const SplittingEvidence& evidence) {
    const auto rows = dominated_splitting::rows_of(product, evidence.transposed);
    return rows ? dominated_splitting::prove(*rows, product, evidence) : Bound::nothing();
}

Bound dominated_splitting_bound(const RandomProduct& product) {
    Bound result = Bound::nothing();
    for (const bool transposed : {true, false}) {
        if (!transposed && product.scaled_gram() != nullptr) continue;  // its rows all change at once
        const auto rows = dominated_splitting::rows_of(product, transposed);
        if (!rows) continue;
        auto evidence = [&] {
            const RoundNearest guard;
            return dominated_splitting::approximate_splitting(*rows);
        }();
        if (!evidence) continue;
        evidence->transposed = transposed;
        result.improve(dominated_splitting::prove(*rows, product, *evidence));
    }
    return result;
}

Bound dominated_splitting_bound(const Segment& segment, const SplittingEvidence& evidence) {
    const auto from = dominated_splitting::rows_of(segment.from, evidence.transposed);
    const auto to = dominated_splitting::rows_of(segment.to, evidence.transposed);
    if (!from || !to || from->list.size() != to->list.size()) return Bound::nothing();
    for (std::size_t r = 0; r < from->list.size(); ++r) {
        const auto& x = from->list[r];
        const auto& y = to->list[r];
        if (x.matrix != y.matrix || x.index != y.index) return Bound::nothing();
        const bool expands = std::find(evidence.expanding.begin(), evidence.expanding.end(), x.index) != evidence.expanding.end();
        const bool one_sign = (x.entries[x.index].lower() > 0.0 && y.entries[x.index].lower() > 0.0) || (x.entries[x.index].upper() < 0.0 && y.entries[x.index].upper() < 0.0);
        if (expands && !one_sign) return Bound::nothing();
    }
    Bound best = Bound::nothing();
    for (const std::vector<double>& w : evidence.weights) {
        const SplittingEvidence single{evidence.transposed, evidence.expanding, {w}};
        const Bound at_0 = dominated_splitting::prove(*from, segment.from, single);
        const Bound at_1 = dominated_splitting::prove(*to, segment.to, single);
        if (at_0.lower.method == Method::none || at_1.lower.method == Method::none) continue;
        best.improve(Bound::at_least(min(at_0.enclosure, at_1.enclosure), at_0.lower));
    }
    return best;
}

}  // namespace lyapcert
