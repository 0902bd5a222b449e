#include "exponent/log_quadratic/approximate_search.hpp"

#include <algorithm>
#include <cmath>

#include "exponent/log_quadratic/kernel.hpp"

namespace lyapcert::log_quadratic {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double floor_of_forms = 1e-300;

Eigen::MatrixXd to_eigen(const Matrix<Real>& a) {
    Eigen::MatrixXd m(static_cast<long>(a.rows()), static_cast<long>(a.columns()));
    for (std::size_t i = 0; i < a.rows(); ++i)
        for (std::size_t j = 0; j < a.columns(); ++j) m(static_cast<long>(i), static_cast<long>(j)) = boost::numeric::median(a(i, j).interval());
    return m;
}

Matrix<double> to_matrix(const Eigen::MatrixXd& q) {
    Matrix<double> m(static_cast<std::size_t>(q.rows()), static_cast<std::size_t>(q.cols()));
    for (std::size_t i = 0; i < m.rows(); ++i)
        for (std::size_t j = 0; j < m.columns(); ++j) m(i, j) = q(static_cast<long>(i), static_cast<long>(j));
    return m;
}

Eigen::MatrixXd ridge(const Eigen::VectorXd& u, double epsilon) {
    const long n = u.size();
    Eigen::MatrixXd q = u * u.transpose() / u.squaredNorm() + epsilon * Eigen::MatrixXd::Identity(n, n);
    return q / q.trace() * static_cast<double>(n);
}

}  // namespace

ApproximateSearch::ApproximateSearch(const RandomProduct& product, int steps, const ApproximateSearch* shorter) : n_(product.dimension()), steps_(steps) {
    std::vector<Eigen::MatrixXd> single;
    std::vector<double> chances;
    for (const Matrix<Real>& a : product.matrices()) single.push_back(to_eigen(a));
    for (const Rational& p : product.probabilities()) chances.push_back(p.convert_to<double>());
    probabilities_ = chances;
    if (shorter == nullptr) choose_basis(single);
    else basis_ = shorter->basis_;
    const Eigen::MatrixXd inverse = basis_.inverse();
    for (Eigen::MatrixXd& a : single) a = inverse * a * basis_;
    if (shorter == nullptr) {
        run_orbit(single);
    } else {
        orbit_ = shorter->orbit_;
        estimate_ = shorter->estimate_ / shorter->steps_ * steps;
    }
    maps_ = single;
    for (int step = 1; step < steps; ++step) {
        std::vector<Eigen::MatrixXd> longer;
        std::vector<double> weights;
        for (std::size_t w = 0; w < maps_.size(); ++w)
            for (std::size_t k = 0; k < single.size(); ++k) {
                longer.push_back(single[k] * maps_[w]);
                weights.push_back(probabilities_[w] * chances[k]);
            }
        maps_ = std::move(longer);
        probabilities_ = std::move(weights);
    }
    fill_pool(maps_);
    sides_[0].random.seed(1);
    sides_[1].random.seed(2);
}

void ApproximateSearch::fill_pool(const std::vector<Eigen::MatrixXd>& single) {
    // Forms that the problem suggests: what the maps do to the identity, the directions they move, and the images of these.
    const auto n = static_cast<long>(n_);
    const Eigen::MatrixXd identity = Eigen::MatrixXd::Identity(n, n);
    pool_.push_back(identity);
    std::vector<Vector> directions;
    for (const Eigen::MatrixXd& b : single) {
        const Eigen::JacobiSVD<Eigen::MatrixXd> svd(b - identity, Eigen::ComputeFullU | Eigen::ComputeFullV);
        for (long i = 0; i < n; ++i)
            if (svd.singularValues()(i) > 1e-9 * svd.singularValues()(0) && directions.size() < 200) directions.push_back(svd.matrixV().col(i));
    }
    const std::size_t first = directions.size();
    for (const Eigen::MatrixXd& b : single)
        for (std::size_t i = 0; i < first && directions.size() < 200; ++i) {
            const Vector v = b.transpose() * directions[i];
            if (v.norm() > 1e-9) directions.push_back(v.normalized());
        }
    for (const Vector& u : directions)
        for (const double epsilon : {0.3, 0.03}) pool_.push_back(ridge(u, epsilon));
    for (const Eigen::MatrixXd& b : single)
        if (pool_.size() < 500) {
            const Form q = b.transpose() * b;
            pool_.push_back(q / q.trace() * static_cast<double>(n) + 0.02 * identity);
        }
    // A map that nearly kills a direction makes D fall there like a logarithm; its own pullback answers.
    for (const Eigen::MatrixXd& b : single) {
        const Eigen::JacobiSVD<Eigen::MatrixXd> svd(b, Eigen::ComputeFullV);
        const double least = svd.singularValues()(n - 1);
        if (!(least < 0.25 * svd.singularValues()(0)) || weak_.size() >= 50) continue;
        weak_.push_back(svd.matrixV().col(n - 1));
        Form q = b.transpose() * b;
        q += 0.1 * least * least * identity;
        pool_.push_back(q / q.trace() * static_cast<double>(n));
        for (const Eigen::MatrixXd& other : single)
            if (pool_.size() < 600) {
                Form r = other.transpose() * q * other;
                r += 0.1 * least * least * identity;
                pool_.push_back(r / r.trace() * static_cast<double>(n));
            }
    }
}

// Coordinates in which the stationary form of the second moment is the identity: directions that matter alike look alike.
void ApproximateSearch::choose_basis(const std::vector<Eigen::MatrixXd>& matrices) {
    const auto n = static_cast<long>(n_);
    Eigen::MatrixXd p = Eigen::MatrixXd::Identity(n, n);
    for (int round = 0; round < 200; ++round) {
        Eigen::MatrixXd next = Eigen::MatrixXd::Zero(n, n);
        for (std::size_t k = 0; k < matrices.size(); ++k) next += probabilities_[k] * matrices[k].transpose() * p * matrices[k];
        if (!(next.trace() > 0.0) || !next.allFinite()) break;
        p = next / next.trace() * static_cast<double>(n);
    }
    p += 1e-3 * Eigen::MatrixXd::Identity(n, n);
    basis_ = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(p).operatorInverseSqrt();
    basis_ /= basis_.norm();
}

void ApproximateSearch::run_orbit(const std::vector<Eigen::MatrixXd>& single) {
    std::mt19937_64 random(20250301);
    std::discrete_distribution<std::size_t> pick(probabilities_.begin(), probabilities_.end());
    std::normal_distribution<double> normal;
    Vector x(static_cast<long>(n_));
    for (long i = 0; i < x.size(); ++i) x(i) = normal(random);
    double sum = 0.0;
    constexpr int burn_in = 1000;
    constexpr int steps = 100000;
    for (int step = 0; step < burn_in + steps; ++step) {
        const Vector next = single[pick(random)] * x;
        const double growth = next.norm() / x.norm();
        if (!(growth > 1e-150)) {
            for (long i = 0; i < x.size(); ++i) x(i) = normal(random);
            sum += -300.0;
            continue;
        }
        x = next / next.norm();
        if (step < burn_in) continue;
        sum += std::log(growth);
        if (step % (steps / 2000) == 0) orbit_.push_back(x);
    }
    estimate_ = sum / steps;
}


bool ApproximateSearch::nearly_singular() const {
    for (const Eigen::MatrixXd& b : maps_) {
        const Vector singular = b.jacobiSvd().singularValues();
        if (!(singular(singular.size() - 1) > 1e-6 * singular(0))) return true;
    }
    return false;
}

ApproximateSearch::Vector ApproximateSearch::pack(const Form& q) const {
    Vector packed(static_cast<long>(n_ * (n_ + 1) / 2));
    long at = 0;
    for (long i = 0; i < q.rows(); ++i)
        for (long j = 0; j <= i; ++j) packed(at++) = i == j ? q(i, i) : q(i, j) + q(j, i);
    return packed;
}

ApproximateSearch::Form ApproximateSearch::unpack(const Vector& packed) const {
    const auto n = static_cast<long>(n_);
    Form q(n, n);
    long at = 0;
    for (long i = 0; i < n; ++i)
        for (long j = 0; j <= i; ++j) {
            q(i, j) = q(j, i) = i == j ? packed(at) : 0.5 * packed(at);
            ++at;
        }
    return q;
}

ApproximateSearch::Vector ApproximateSearch::powers_of(const Vector& x) const {
    Vector powers(static_cast<long>(n_ * (n_ + 1) / 2));
    long at = 0;
    for (long i = 0; i < x.size(); ++i)
        for (long j = 0; j <= i; ++j) powers(at++) = x(i) * x(j);
    return powers;
}

void ApproximateSearch::append(Cloud& cloud, const std::vector<Vector>& points) const {
    const long first = cloud.points.cols();
    const long total = first + static_cast<long>(points.size());
    const auto n = static_cast<long>(n_);
    cloud.points.conservativeResize(n, total);
    cloud.powers.resize(maps_.size() + 1);
    for (Eigen::MatrixXd& p : cloud.powers) p.conservativeResize(n * (n + 1) / 2, total);
    for (long s = first; s < total; ++s) {
        const Vector x = points[static_cast<std::size_t>(s - first)].normalized();
        cloud.points.col(s) = x;
        cloud.powers[0].col(s) = powers_of(x);
        for (std::size_t k = 0; k < maps_.size(); ++k) cloud.powers[k + 1].col(s) = powers_of(maps_[k] * x);
    }
}

Eigen::MatrixXd ApproximateSearch::table(const Cloud& cloud, long first, const std::vector<Vector>& forms, Side side) const {
    Eigen::MatrixXd packed(static_cast<long>(n_ * (n_ + 1) / 2), static_cast<long>(forms.size()));
    for (std::size_t j = 0; j < forms.size(); ++j) packed.col(static_cast<long>(j)) = forms[j];
    const long count = cloud.points.cols() - first;
    const double sign = side == Side::lower ? 0.5 : -0.5;
    const auto logs = [&](std::size_t k) -> Eigen::MatrixXd {
        return (cloud.powers[k].rightCols(count).transpose() * packed).cwiseMax(floor_of_forms).array().log().matrix();
    };
    Eigen::MatrixXd result = -sign * logs(0);
    for (std::size_t k = 0; k < maps_.size(); ++k) result += sign * probabilities_[k] * logs(k + 1);
    return result;
}

void ApproximateSearch::add_points(SideState& state, Side side, const std::vector<Vector>& points) {
    if (points.empty()) return;
    const long first = state.cloud.points.cols();
    append(state.cloud, points);
    const Eigen::MatrixXd added = table(state.cloud, first, state.forms, side);
    state.rows.conservativeResize(first + added.rows(), added.cols());
    state.rows.bottomRows(added.rows()) = added;
}

void ApproximateSearch::start(SideState& state, Side side) {
    std::normal_distribution<double> normal;
    if (state.forms.empty()) {
        state.forms.push_back(pack(pool_.front()));
        state.weights = Vector::Ones(1);
    }
    std::vector<Vector> points;
    const std::size_t count = 250 * n_ * (n_ - 1);
    for (std::size_t s = 0; s < count; ++s) {
        Vector x(static_cast<long>(n_));
        for (long i = 0; i < x.size(); ++i) x(i) = normal(state.random);
        points.push_back(x);
    }
    for (std::size_t s = 0; s < orbit_.size(); s += 4) points.push_back(orbit_[s]);
    std::uniform_real_distribution<double> decades(0.0, 6.0);
    for (const Vector& v : weak_)
        for (int s = 0; s < 60; ++s) {
            Vector x = v;
            const double radius = s == 0 ? 0.0 : std::pow(10.0, -decades(state.random));
            for (long i = 0; i < x.size(); ++i) x(i) += radius * normal(state.random);
            points.push_back(x);
        }
    add_points(state, side, points);
}

// The program over the samples that matter, then over those that it violates as well, until there are none.
void ApproximateSearch::solve(SideState& state, double penalty, double accuracy, std::chrono::steady_clock::time_point deadline) {
    const auto wanted = static_cast<std::size_t>(10 * state.rows.cols() + 200);
    for (int round = 0; round < 4; ++round) {
        const Vector d = state.rows * state.weights;
        std::vector<long> order(static_cast<std::size_t>(d.size()));
        for (std::size_t s = 0; s < order.size(); ++s) order[s] = static_cast<long>(s);
        std::vector<bool> chosen(order.size(), false);
        if (round > 0)
            for (const long s : state.working) chosen[static_cast<std::size_t>(s)] = true;
        const std::size_t count = std::min(order.size(), round == 0 ? wanted : wanted / 4);
        std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(count), order.end(), [&](long x, long y) { return d(x) < d(y); });
        for (std::size_t s = 0; s < count; ++s) chosen[static_cast<std::size_t>(order[s])] = true;
        if (round == 0)
            for (std::size_t s = 0; s < order.size(); s += 1 + order.size() / (wanted / 2)) chosen[static_cast<std::size_t>(s)] = true;
        state.working.clear();
        for (std::size_t s = 0; s < chosen.size(); ++s)
            if (chosen[s]) state.working.push_back(static_cast<long>(s));
        solve_program(state, penalty, accuracy, deadline);
        const double everywhere = (state.rows * state.weights).minCoeff();
        const bool enough = everywhere > state.level - 0.01 * std::fabs(estimate_) || std::chrono::steady_clock::now() > deadline;
        state.level = everywhere;
        if (enough) break;
    }
}

// A barrier method with |a_j| < largest_weight, and |a| smoothed to sqrt(a^2 + e^2).
void ApproximateSearch::solve_program(SideState& state, double penalty, double accuracy, std::chrono::steady_clock::time_point deadline) {
    constexpr double largest_weight = 40.0;
    constexpr double smoothing = 1e-2;
    const auto m = static_cast<long>(state.working.size());
    const long k = state.rows.cols();
    Eigen::MatrixXd rows(m, k);
    for (long s = 0; s < m; ++s) rows.row(s) = state.rows.row(state.working[static_cast<std::size_t>(s)]);
    Vector a = state.weights;
    if (a.cwiseAbs().maxCoeff() >= 0.9 * largest_weight) a = Vector::Unit(k, 0);
    const double scale = std::max(1e-3, std::fabs(estimate_));
    double t = (rows * a).minCoeff() - 0.1 * scale;
    const double first = static_cast<double>(m) / (5.0 * scale);
    const double last = static_cast<double>(m) / (accuracy * scale);
    const auto objective = [&](const Vector& b, double level, const Vector& slack, double tau) {
        if (!(slack.minCoeff() > 0.0) || !(b.cwiseAbs().maxCoeff() < largest_weight)) return infinity;
        return -tau * level + tau * penalty * (b.array().square() + smoothing * smoothing).sqrt().sum() - slack.array().log().sum() -
               (largest_weight * largest_weight - b.array().square()).log().sum();
    };
    Vector slack = (rows * a).array() - t;
    Eigen::MatrixXd kkt(k + 2, k + 2);
    Eigen::MatrixXd weighted = Eigen::MatrixXd::Zero((m + 7) / 8 * 8, k);
    Eigen::MatrixXd products(k, k);
    const GramKernel gram = gram_kernel();
    for (double tau = first;; tau = std::min(last, 5.0 * tau)) {
        for (int newton = 0; newton < 25; ++newton) {
            const Vector inverse = slack.cwiseInverse();
            weighted.topRows(m).noalias() = inverse.asDiagonal() * rows;
            const Vector column = weighted.topRows(m).transpose() * inverse;
            kkt.setZero();
            gram(weighted.data(), static_cast<std::size_t>(weighted.rows()), static_cast<std::size_t>(k), products.data());
            kkt.topLeftCorner(k, k).triangularView<Eigen::Lower>() = products;
            kkt.block(k, 0, 1, k) = -column.transpose();
            kkt(k, k) = inverse.squaredNorm();
            Vector gradient = Vector::Zero(k + 2);
            gradient.head(k) = -(rows.transpose() * inverse);
            gradient(k) = inverse.sum() - tau;
            for (long j = 0; j < k; ++j) {
                const double root = std::sqrt(a(j) * a(j) + smoothing * smoothing);
                const double room = largest_weight * largest_weight - a(j) * a(j);
                gradient(j) += tau * penalty * a(j) / root + 2.0 * a(j) / room;
                kkt(j, j) += tau * penalty * smoothing * smoothing / (root * root * root) + 2.0 / room + 4.0 * a(j) * a(j) / (room * room);
            }
            kkt.block(k + 1, 0, 1, k).setOnes();
            kkt.triangularView<Eigen::StrictlyUpper>() = kkt.transpose();
            const Vector step = kkt.partialPivLu().solve(-gradient);
            if (!step.allFinite()) break;
            const double decrement = -gradient.head(k + 1).dot(step.head(k + 1));
            const double before = objective(a, t, slack, tau);
            const Vector ds = rows * step.head(k);
            bool moved = false;
            for (double length = 1.0; length > 1e-9 && !moved; length *= 0.5) {
                const Vector trial_slack = slack.array() + length * (ds.array() - step(k));
                const Vector trial = a + length * step.head(k);
                const double level = t + length * step(k);
                if (!(objective(trial, level, trial_slack, tau) < before - 0.01 * length * decrement)) continue;
                a = trial;
                t = level;
                slack = trial_slack;
                moved = true;
            }
            if (!moved || decrement < 0.1) break;
        }
        if (tau >= last) break;
        // Weights from the middle of the way are worse than those from before.
        if (std::chrono::steady_clock::now() > deadline) return;
    }
    a /= a.sum();
    state.weights = a;
    state.level = (rows * a).minCoeff();
    state.multipliers = slack.cwiseInverse();
    state.multipliers /= state.multipliers.sum();
}

void ApproximateSearch::add_forms(SideState& state, Side side, std::size_t wanted, int pulled_back) {
    // The samples with the largest multipliers.
    std::vector<long> order(state.working.size());
    for (std::size_t s = 0; s < order.size(); ++s) order[s] = static_cast<long>(s);
    const std::size_t kept = std::min<std::size_t>(order.size(), 600);
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(),
                      [&](long x, long y) { return state.multipliers(x) > state.multipliers(y); });
    order.resize(kept);
    Vector nu(static_cast<long>(kept));
    Cloud cloud;
    std::vector<Vector> points;
    for (std::size_t s = 0; s < kept; ++s) {
        nu(static_cast<long>(s)) = state.multipliers(order[s]);
        points.push_back(state.cloud.points.col(state.working[static_cast<std::size_t>(order[s])]));
    }
    append(cloud, points);
    nu /= nu.sum();
    std::vector<Vector> candidates;
    for (const Form& q : pool_) candidates.push_back(pack(q));
    std::discrete_distribution<std::size_t> pick(nu.data(), nu.data() + nu.size());
    std::uniform_real_distribution<double> uniform(0.0, 1.0);
    std::normal_distribution<double> normal;
    const auto n = static_cast<long>(n_);
    for (int c = 0; c < 800; ++c) {
        Vector u = points[pick(state.random)];
        const double kind = uniform(state.random);
        if (kind < 0.4) {
            for (long i = 0; i < n; ++i) u(i) = normal(state.random);
        } else if (kind < 0.6) {
            u = maps_[static_cast<std::size_t>(uniform(state.random) * static_cast<double>(maps_.size()))].transpose() * u;
        }
        if (!(u.norm() > 1e-9)) continue;
        const double epsilon = std::pow(10.0, -2.0 * uniform(state.random));
        if (kind > 0.8) {
            // A random ellipsoid.
            Form q = Form::Zero(n, n);
            for (long i = 0; i < n; ++i) {
                Vector v(n);
                for (long l = 0; l < n; ++l) v(l) = normal(state.random);
                q += std::pow(10.0, -2.0 * uniform(state.random)) * v * v.transpose();
            }
            q += 0.03 * q.trace() / static_cast<double>(n) * Form::Identity(n, n);
            candidates.push_back(pack(q / q.trace() * static_cast<double>(n)));
        } else {
            candidates.push_back(pack(ridge(u, epsilon)));
        }
    }
    // Pulled back: the solution of Poisson's equation is a sum of such.
    const Vector sizes = state.weights.cwiseAbs();
    std::discrete_distribution<std::size_t> pick_form(sizes.data(), sizes.data() + sizes.size());
    std::discrete_distribution<std::size_t> pick_map(probabilities_.begin(), probabilities_.end());
    for (int c = 0; c < pulled_back; ++c) {
        Form q = unpack(state.forms[pick_form(state.random)]);
        const int length = 1 + static_cast<int>(4.0 * uniform(state.random));
        for (int l = 0; l < length; ++l) {
            const Eigen::MatrixXd& b = maps_[pick_map(state.random)];
            q = b.transpose() * q * b;
        }
        if (!(q.trace() > 1e-9)) continue;
        q += std::pow(10.0, -1.0 - 1.5 * uniform(state.random)) * q.trace() / static_cast<double>(n) * Form::Identity(n, n);
        candidates.push_back(pack(q / q.trace() * static_cast<double>(n)));
    }
    const Eigen::MatrixXd columns = table(cloud, 0, candidates, side);
    const Vector means = columns.transpose() * nu;
    std::vector<std::pair<double, std::size_t>> scored;
    for (std::size_t c = 0; c < candidates.size(); ++c) scored.emplace_back(std::fabs(means(static_cast<long>(c)) - state.level), c);
    std::sort(scored.rbegin(), scored.rend());
    std::vector<Vector> taken;
    std::vector<Vector> added;
    for (const auto& [score, c] : scored) {
        if (taken.size() >= wanted) break;
        const auto j = static_cast<long>(c);
        Vector shape = (columns.col(j).array() - means(j)) * nu.array().sqrt();
        shape.normalize();
        bool alike = false;
        for (const Vector& other : taken) alike = alike || std::fabs(shape.dot(other)) > 0.95;
        if (alike) continue;
        taken.push_back(shape);
        added.push_back(candidates[c]);
    }
    const Eigen::MatrixXd extra = table(state.cloud, 0, added, side);
    const long old = state.rows.cols();
    state.rows.conservativeResize(Eigen::NoChange, old + extra.cols());
    state.rows.rightCols(extra.cols()) = extra;
    state.weights.conservativeResize(old + extra.cols());
    state.weights.tail(extra.cols()).setZero();
    state.forms.insert(state.forms.end(), added.begin(), added.end());
}

void ApproximateSearch::drop_forms(SideState& state, double share) {
    const double threshold = share * state.weights.cwiseAbs().sum();
    std::vector<Vector> forms;
    std::vector<long> kept;
    for (long j = 0; j < state.weights.size(); ++j)
        if (j == 0 || std::fabs(state.weights(j)) > threshold) kept.push_back(j), forms.push_back(state.forms[static_cast<std::size_t>(j)]);
    Eigen::MatrixXd rows(state.rows.rows(), static_cast<long>(kept.size()));
    Vector weights(static_cast<long>(kept.size()));
    for (std::size_t j = 0; j < kept.size(); ++j) {
        rows.col(static_cast<long>(j)) = state.rows.col(kept[j]);
        weights(static_cast<long>(j)) = state.weights(kept[j]);
    }
    weights(0) += 1.0 - weights.sum();
    state.forms = std::move(forms);
    state.rows = std::move(rows);
    state.weights = std::move(weights);
}

// Adds the local minima of +-D found from the worst samples and from random points. Returns the smallest met.
double ApproximateSearch::descend(SideState& state, Side side, std::size_t starts) {
    const double sign = side == Side::lower ? 1.0 : -1.0;
    const Vector d = state.rows * state.weights;
    std::vector<long> order(static_cast<std::size_t>(d.size()));
    for (std::size_t s = 0; s < order.size(); ++s) order[s] = static_cast<long>(s);
    const std::size_t kept = std::min(order.size(), starts);
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(), [&](long x, long y) { return d(x) < d(y); });
    std::vector<Vector> points;
    for (std::size_t s = 0; s < kept; s += 2) points.push_back(state.cloud.points.col(order[s]));
    std::normal_distribution<double> normal;
    for (std::size_t s = 0; s < starts / 2; ++s) {
        Vector x(static_cast<long>(n_));
        for (long i = 0; i < x.size(); ++i) x(i) = normal(state.random);
        points.push_back(x.normalized());
    }
    Eigen::MatrixXd packed(static_cast<long>(n_ * (n_ + 1) / 2), static_cast<long>(state.forms.size()));
    for (std::size_t j = 0; j < state.forms.size(); ++j) packed.col(static_cast<long>(j)) = state.forms[j];
    Vector q;
    const auto value_at = [&](const Vector& x, Vector& gradient) {
        double value = 0.0;
        gradient.setZero(x.size());
        for (std::size_t k = 0; k <= maps_.size(); ++k) {
            const double p = k == 0 ? -sign : sign * probabilities_[k - 1];
            const Vector w = k == 0 ? x : Vector(maps_[k - 1] * x);
            q.noalias() = packed.transpose() * powers_of(w);
            q = q.cwiseMax(floor_of_forms);
            value += 0.5 * p * state.weights.dot(Vector(q.array().log()));
            const Vector pulled = p * (unpack(packed * state.weights.cwiseQuotient(q)) * w);
            if (k == 0) gradient += pulled;
            else gradient.noalias() += maps_[k - 1].transpose() * pulled;
        }
        return value;
    };
    const double level = d.minCoeff();
    double deepest = level;
    std::vector<Vector> found;
    for (Vector x : points) {
        Vector g;
        Vector trial_gradient;
        double value = value_at(x, g);
        double step = 0.1;
        for (int iteration = 0; iteration < 40 && step > 1e-5; ++iteration) {
            Vector direction = -g;
            direction -= direction.dot(x) * x;
            const double size = direction.norm();
            if (!(size > 1e-12)) break;
            const Vector trial = (x + step / size * direction).normalized();
            const double trial_value = value_at(trial, trial_gradient);
            if (trial_value < value) {
                x = trial;
                value = trial_value;
                g = trial_gradient;
                step *= 1.5;
            } else {
                step *= 0.4;
            }
        }
        deepest = std::min(deepest, value);
        if (value < level + 0.02 * std::fabs(estimate_)) found.push_back(x);
    }
    add_points(state, side, found);
    return deepest;
}

void ApproximateSearch::add_sample(Side side, const std::vector<double>& y) {
    add_points(sides_[index(side)], side, {Eigen::Map<const Vector>(y.data(), static_cast<long>(y.size()))});
}

LogQuadraticEvidence ApproximateSearch::plain() const {
    LogQuadraticEvidence evidence;
    evidence.steps = steps_;
    evidence.basis = to_matrix(basis_);
    evidence.forms.push_back(Matrix<double>::identity(n_, 1.0, 0.0));
    evidence.weights.push_back(1.0);
    return evidence;
}

ApproximateSearch::Candidate ApproximateSearch::improve(Side side, const Effort& effort, std::chrono::steady_clock::time_point deadline) {
    SideState& state = sides_[index(side)];
    constexpr double rough = 2e-2;  // of the estimate
    constexpr double fine = 2e-3;
    const std::size_t forms = effort.forms;
    const double penalty = effort.penalty * std::fabs(estimate_);
    if (state.rows.rows() == 0) {
        start(state, side);
        solve(state, penalty, rough, deadline);
    }
    const auto late = [&] { return std::chrono::steady_clock::now() > deadline; };
    while (state.forms.size() < forms && !late()) {
        add_forms(state, side, std::max<std::size_t>(4, std::min<std::size_t>(forms - state.forms.size(), forms / 8)), effort.pulled_back);
        solve(state, penalty, rough, deadline);
        descend(state, side, 60);
    }
    double deepest = -infinity;
    for (int round = 0; round < 10 && !late(); ++round) {
        solve(state, penalty, fine, deadline);
        if (round == 1) {
            drop_forms(state, 1e-3);
            solve(state, penalty, fine, deadline);
        }
        const double level = state.level;
        deepest = descend(state, side, 200);
        // Good enough when what the samples overlook is a small part of what the forms lack.
        const double missing = std::max(0.0, (side == Side::lower ? estimate_ : -estimate_) - level);
        if (round >= 1 && deepest > level - std::max(0.15 * missing, 1e-3 * std::fabs(estimate_))) break;
    }
    Candidate result;
    result.evidence.steps = steps_;
    result.value = side == Side::lower ? deepest : -deepest;
    result.size = state.weights.cwiseAbs().sum();
    result.evidence.basis = to_matrix(basis_);
    for (std::size_t j = 0; j < state.forms.size(); ++j) {
        result.evidence.forms.push_back(to_matrix(unpack(state.forms[j])));
        result.evidence.weights.push_back(state.weights(static_cast<long>(j)));
    }
    return result;
}

}  // namespace lyapcert::log_quadratic
