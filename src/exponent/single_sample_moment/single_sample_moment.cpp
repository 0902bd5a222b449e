#include "lyapcert/exponent/single_sample_moment.hpp"

#include <algorithm>
#include <cmath>

#include "exponent/single_sample_moment/approximate_search.hpp"
#include "linalg/plain_product.hpp"
#include "lyapcert/linalg/verified_cholesky.hpp"

namespace lyapcert {

namespace {

constexpr double room_for_the_checker = 2.0;  // its intervals are wider

double centre(const Interval& x) { return 0.5 * x.lower() + 0.5 * x.upper(); }

// c I + 2 K > 0
bool shifted_gram_is_positive(const Matrix<Interval>& k, double c) {
    Matrix<Interval> b(k.rows(), k.rows(), Interval(0.0));
    {
        const RoundUpward guard;
        for (std::size_t i = 0; i < k.rows(); ++i)
            for (std::size_t j = 0; j <= i; ++j) b(i, j) = i == j ? Interval(2.0) * k(i, i) + Interval(c) : Interval(2.0) * k(i, j);
    }
    return cholesky_proves_positive_definite(b);
}

// What the two halves of the lemma compare, row by row.
struct Rows {
    std::vector<Interval> d;     // D_ii
    std::vector<Interval> q;     // (K X K)_ii
    std::vector<double> others;  // at least sum_{j != i} w_j |D_ij|
    std::vector<double> w;
    bool usable = false;
};

Rows rows_of(const Matrix<Interval>& k, const SingleSampleMomentEvidence& evidence) {
    const std::size_t n = k.rows();
    const Matrix<double>& x = evidence.x;
    Rows rows;
    if (x.rows() != n || x.columns() != n || n > (std::size_t{1} << 20) || !(std::fabs(evidence.c) < 0x1p400)) return rows;
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) {
            const Interval& e = i >= j ? k(i, j) : k(j, i);
            if (!(std::fabs(x(i, j)) < 0x1p400) || !(std::fabs(e.lower()) < 0x1p400) || !(std::fabs(e.upper()) < 0x1p400) || x(i, j) != x(j, i)) return rows;
        }
    Matrix<double> middle(n, n);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j <= i; ++j) middle(i, j) = middle(j, i) = centre(k(i, j));
    const std::vector<double> y = plain_product(x.entries(), middle.entries(), n);

    const RoundUpward guard;
    std::vector<double> norm_x(n);                 // |X_i|, rounded up
    std::vector<double> slack(n);                  // 1.01 (n + 2) u |K_j| + |R_j|
    std::vector<double> radius(n * n);
    {
        using namespace directed;
        std::vector<double> square_k(n, 0.0);
        std::vector<double> square_r(n, 0.0);
        for (std::size_t i = 0; i < n; ++i) {
            double sum = 0.0;
            for (std::size_t j = 0; j < n; ++j) {
                sum = add_up(sum, mul_up(x(i, j), x(i, j)));
                square_k[i] = add_up(square_k[i], mul_up(middle(i, j), middle(i, j)));
                const Interval& e = i >= j ? k(i, j) : k(j, i);
                radius[i * n + j] = std::max(sub_up(e.upper(), middle(i, j)), sub_up(middle(i, j), e.lower()));
                square_r[i] = add_up(square_r[i], mul_up(radius[i * n + j], radius[i * n + j]));
            }
            norm_x[i] = sqrt_up(sum);
        }
        const double g = mul_up(mul_up(room_for_the_checker * 1.01, static_cast<double>(n + 2)), 0x1p-52);
        for (std::size_t j = 0; j < n; ++j) slack[j] = add_up(mul_up(g, sqrt_up(square_k[j])), sqrt_up(square_r[j]));
    }
    const double underflow = directed::mul_up(static_cast<double>(n), 0x1p-1020);
    const auto product = [&](std::size_t i, std::size_t j) {  // (X K)_ij
        const double e = directed::add_up(directed::mul_up(norm_x[i], slack[j]), underflow);
        return Interval(directed::sub_down(y[i * n + j], e), directed::add_up(y[i * n + j], e));
    };
    const Interval c(evidence.c);
    rows.d.assign(n, Interval(0.0));
    rows.q.assign(n, Interval(0.0));
    rows.others.assign(n, 0.0);
    rows.w.assign(n, 0.0);
    for (std::size_t i = 0; i < n; ++i) {
        rows.d[i] = c * x(i, i) + Interval(2.0) * product(i, i);
        if (!certainly_positive(rows.d[i])) return rows;
        rows.w[i] = 1.0 / std::sqrt(centre(rows.d[i]));
        if (!(rows.w[i] > 0x1p-300) || !(rows.w[i] < 0x1p300)) return rows;
    }
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j < n; ++j) {
            const Interval xk = product(j, i);  // (X K)_ji
            const double r = radius[i * n + j];
            rows.q[i] += Interval(directed::sub_down(middle(i, j), r), directed::add_up(middle(i, j), r)) * xk;
            if (j >= i) continue;
            const Interval d = c * x(i, j) + product(i, j) + xk;
            const double size = std::max(-d.lower(), d.upper());
            rows.others[i] = directed::add_up(rows.others[i], directed::mul_up(rows.w[j], size));
            rows.others[j] = directed::add_up(rows.others[j], directed::mul_up(rows.w[i], size));
        }
    }
    rows.usable = true;
    return rows;
}

// w_i x_i > others_i (or >=) for every i: diagonal dominance.
bool dominates(const Rows& rows, const std::vector<Interval>& diagonal, bool strictly) {
    const RoundUpward guard;
    for (std::size_t i = 0; i < diagonal.size(); ++i) {
        const double left = directed::mul_down(rows.w[i], diagonal[i].lower());
        if (strictly ? !(left > rows.others[i]) : !(left >= rows.others[i])) return false;
    }
    return true;
}

bool proves(const Matrix<Interval>& k, const SingleSampleMomentEvidence& evidence, bool upper) {
    if (k.rows() == 0 || k.rows() != k.columns()) throw std::invalid_argument("a symmetric matrix must be square and not empty");
    const double n = static_cast<double>(k.rows());
    if (!upper && !(evidence.c >= -n)) return false;
    const Rows rows = rows_of(k, evidence);
    if (!rows.usable || !dominates(rows, rows.d, true)) return false;
    std::vector<Interval> difference;
    {
        const RoundUpward guard;
        for (std::size_t i = 0; i < rows.d.size(); ++i) difference.push_back(upper ? rows.d[i] - rows.q[i] : rows.q[i] - rows.d[i]);
    }
    return dominates(rows, difference, false) && shifted_gram_is_positive(k, evidence.c);
}

}  // namespace

bool proves_single_sample_moment_at_most(const Matrix<Interval>& k, const SingleSampleMomentEvidence& evidence) { return proves(k, evidence, true); }
bool proves_single_sample_moment_at_least(const Matrix<Interval>& k, const SingleSampleMomentEvidence& evidence) { return proves(k, evidence, false); }

SingleSampleMoment single_sample_moment(const Matrix<Interval>& k, Deadline deadline) {
    SingleSampleMoment result;
    if (is_over(deadline)) return result;
    Matrix<double> middle(k.rows(), k.rows());
    for (std::size_t i = 0; i < k.rows(); ++i)
        for (std::size_t j = 0; j <= i; ++j) middle(i, j) = middle(j, i) = centre(k(i, j));
    const ApproximateMoment search(middle, part_of(deadline, 0.7));  // the rest is for the proofs
    if (!search.found()) return result;
    const auto attempt = [&](bool upper) -> std::shared_ptr<const SingleSampleMomentEvidence> {
        double before = std::nan("");
        double factor = 20.0;
        for (double margin = 1e-13 * static_cast<double>(k.rows()); margin < 2.0 && !is_over(deadline); margin *= factor) {
            const Deadline next = part_of(deadline, 0.3);
            const double c = search.shifted(margin, upper);
            if (c == before) break;
            before = c;
            auto evidence = std::make_shared<SingleSampleMomentEvidence>(SingleSampleMomentEvidence{search.solution(c), c});
            if (proves(k, *evidence, upper)) return evidence;
            if (is_over(next)) factor = 2e4;  // two or three more attempts are all there is time for
        }
        return nullptr;
    };
    result.upper = attempt(true);
    result.lower = attempt(false);
    return result;
}

}  // namespace lyapcert
