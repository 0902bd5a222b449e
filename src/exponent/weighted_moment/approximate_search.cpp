#include "exponent/weighted_moment/approximate_search.hpp"

#include <tbb/parallel_for.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <numeric>

#include "lyapcert/numeric/rounding.hpp"

namespace lyapcert::weighted_moment {

namespace {

using Dense = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;
using Forms = std::vector<Dense>;

template <class Body>
void over_states(std::size_t n, Body&& body) {
    tbb::parallel_for(std::size_t{0}, n, [&](std::size_t s) {
        const RoundNearest guard;
        body(s);
    });
}

double dot(const Forms& x, const Forms& y) {
    std::vector<double> part(x.size());
    over_states(x.size(), [&](std::size_t s) { part[s] = x[s].cwiseProduct(y[s]).sum(); });
    return std::accumulate(part.begin(), part.end(), 0.0);
}

void add(Forms& x, double c, const Forms& y) {
    over_states(x.size(), [&](std::size_t s) { x[s] += c * y[s]; });
}

void scale(Forms& x, double c) {
    over_states(x.size(), [&](std::size_t s) { x[s] *= c; });
}

}  // namespace

ApproximateSearch::ApproximateSearch(Dense u, Dense v, Automaton automaton, std::vector<double> stationary) : u_(std::move(u)), v_(std::move(v)) {
    const Eigen::Index n = v_.rows();
    log_t_.assign(automaton.states * automaton.symbols, 0.0);
    right_.assign(automaton.states, Dense::Identity(n, n));
    for (const double weight : stationary) left_.push_back(weight * Dense::Identity(n, n));
    set_automaton(std::move(automaton), std::move(stationary));
}

void ApproximateSearch::set_automaton(Automaton automaton, std::vector<double> stationary) {
    automaton_ = std::move(automaton);
    stationary_ = std::move(stationary);
    const std::size_t states = automaton_.states;
    const std::size_t symbols = automaton_.symbols;
    incoming_.assign(states, {});
    place_.assign(states * symbols, 0);
    constexpr std::uint32_t unknown = 0xFFFFFFFFU;
    std::vector<std::uint32_t> seen(states);
    for (std::size_t i = 0; i < symbols; ++i) {
        std::fill(seen.begin(), seen.end(), unknown);
        for (std::size_t s = 0; s < states; ++s) {
            const std::uint32_t u = automaton_(s, i);
            if (seen[u] == unknown) {
                seen[u] = static_cast<std::uint32_t>(incoming_[u].size());
                incoming_[u].push_back(static_cast<std::uint32_t>(i));
            }
            place_[s * symbols + i] = seen[u];
        }
    }
    c_.assign(states * symbols, 0.0);
    flow_.assign(states * symbols, 0.0);
    vectors_.assign(states, Dense());
}

void ApproximateSearch::refine(Automaton automaton, std::vector<double> stationary, const std::vector<std::uint32_t>& coarse) {
    const std::size_t symbols = automaton.symbols;
    std::vector<double> log_t(automaton.states * symbols);
    Forms right(automaton.states), left(automaton.states);
    for (std::size_t s = 0; s < automaton.states; ++s) {
        for (std::size_t i = 0; i < symbols; ++i) log_t[s * symbols + i] = log_t_[coarse[s] * symbols + i];
        right[s] = right_[coarse[s]];
        left[s] = left_[coarse[s]] * (stationary[s] / stationary_[coarse[s]]);
    }
    log_t_ = std::move(log_t);
    right_ = std::move(right);
    left_ = std::move(left);
    set_automaton(std::move(automaton), std::move(stationary));
}

void ApproximateSearch::forward_vectors(const Forms& p) {
    over_states(automaton_.states, [&](std::size_t s) {
        const auto& symbols = incoming_[s];
        Dense& w = vectors_[s];
        Dense us(u_.rows(), static_cast<Eigen::Index>(symbols.size()));
        for (std::size_t j = 0; j < symbols.size(); ++j) us.col(static_cast<Eigen::Index>(j)) = u_.col(symbols[j]);
        w.noalias() = p[s] * us;
        for (std::size_t j = 0; j < symbols.size(); ++j) {
            const auto c = static_cast<Eigen::Index>(j);
            w.col(c) -= 0.5 * us.col(c).dot(w.col(c)) * v_.col(symbols[j]);
        }
    });
}

// A_i^T P A_i = P - v w^T - w v^T.
void ApproximateSearch::forward(const Forms& p, Forms& image) {
    ++applications_;
    forward_vectors(p);
    const std::size_t symbols = automaton_.symbols;
    image.resize(automaton_.states);
    over_states(automaton_.states, [&](std::size_t s) {
        Dense& sum = image[s];
        sum.setZero(u_.rows(), u_.rows());
        Dense w(u_.rows(), static_cast<Eigen::Index>(symbols));
        std::vector<std::pair<std::uint32_t, double>> weights;
        for (std::size_t i = 0; i < symbols; ++i) weights.emplace_back(automaton_(s, i), c_[s * symbols + i]);
        std::sort(weights.begin(), weights.end());
        for (std::size_t k = 0; k < weights.size();) {
            double c = 0.0;
            const std::uint32_t u = weights[k].first;
            for (; k < weights.size() && weights[k].first == u; ++k) c += weights[k].second;
            sum += c * p[u];
        }
        for (std::size_t i = 0; i < symbols; ++i) w.col(static_cast<Eigen::Index>(i)) = c_[s * symbols + i] * vectors_[automaton_(s, i)].col(place_[s * symbols + i]);
        Dense cross(u_.rows(), u_.rows());
        cross.noalias() = v_ * w.transpose();
        sum -= cross + cross.transpose();
    });
}

void ApproximateSearch::adjoint(const Forms& x, Forms& image) {
    ++applications_;
    const std::size_t symbols = automaton_.symbols;
    const std::size_t states = automaton_.states;
    std::vector<Dense> xv(states);
    over_states(states, [&](std::size_t s) { xv[s].noalias() = x[s] * v_; });
    std::vector<std::vector<std::uint32_t>> edges(states);  // s * symbols + i, by target
    for (std::size_t e = 0; e < states * symbols; ++e) edges[automaton_.next[e]].push_back(static_cast<std::uint32_t>(e));
    image.resize(states);
    over_states(states, [&](std::size_t target) {
        Dense& sum = image[target];
        sum.setZero(u_.rows(), u_.rows());
        const auto& in = incoming_[target];
        Dense y = Dense::Zero(u_.rows(), static_cast<Eigen::Index>(in.size()));
        const auto& list = edges[target];
        for (std::size_t k = 0; k < list.size();) {
            const std::size_t s = list[k] / symbols;
            double c = 0.0;
            for (; k < list.size() && list[k] / symbols == s; ++k) {
                c += c_[list[k]];
                y.col(place_[list[k]]) += c_[list[k]] * xv[s].col(list[k] % symbols);
            }
            sum += c * x[s];
        }
        Dense us(u_.rows(), static_cast<Eigen::Index>(in.size()));
        for (std::size_t j = 0; j < in.size(); ++j) {
            const auto c = static_cast<Eigen::Index>(j);
            us.col(c) = u_.col(in[j]);
            y.col(c) -= 0.5 * v_.col(in[j]).dot(y.col(c)) * us.col(c);
        }
        Dense cross(u_.rows(), u_.rows());
        cross.noalias() = us * y.transpose();
        sum -= cross + cross.transpose();
    });
}

void ApproximateSearch::flows() {
    forward_vectors(right_);
    const std::size_t symbols = automaton_.symbols;
    over_states(automaton_.states, [&](std::size_t s) {
        const Dense xv = left_[s] * v_;
        std::vector<std::pair<std::uint32_t, double>> traces;
        for (std::size_t i = 0; i < symbols; ++i) {
            const std::uint32_t u = automaton_(s, i);
            auto known = std::find_if(traces.begin(), traces.end(), [u](const auto& t) { return t.first == u; });
            if (known == traces.end()) known = traces.insert(traces.end(), {u, left_[s].cwiseProduct(right_[u]).sum()});
            flow_[s * symbols + i] = c_[s * symbols + i] * (known->second - 2.0 * xv.col(static_cast<Eigen::Index>(i)).dot(vectors_[u].col(place_[s * symbols + i])));
        }
    });
}

std::vector<double> ApproximateSearch::flow_towards(std::size_t s, std::size_t i, const std::vector<std::uint32_t>& targets) const {
    const auto c = static_cast<Eigen::Index>(i);
    const Vector xv = left_[s] * v_.col(c);
    const double vxv = v_.col(c).dot(xv);
    std::vector<double> result;
    for (const std::uint32_t t : targets) {
        const Vector pu = right_[t] * u_.col(c);
        result.push_back(c_[s * automaton_.symbols + i] * (left_[s].cwiseProduct(right_[t]).sum() - 2.0 * pu.dot(xv) + vxv * u_.col(c).dot(pu)));
    }
    return result;
}

// Restarted Krylov spaces; returns the residual relative to the eigenvalue.
double ApproximateSearch::eigenvector(Forms& start, bool is_adjoint, int steps, double tolerance) {
    double residual = 1.0;
    for (int cycle = 0; cycle < 6; ++cycle) {
        std::vector<Forms> basis;
        Dense h = Dense::Zero(steps + 1, steps);
        scale(start, 1.0 / std::sqrt(dot(start, start)));
        basis.push_back(start);
        int m = 0;
        for (; m < steps; ++m) {
            Forms next;
            if (is_adjoint) adjoint(basis.back(), next);
            else forward(basis.back(), next);
            for (int pass = 0; pass < 2; ++pass)
                for (int j = 0; j <= m; ++j) {
                    const double c = dot(basis[j], next);
                    h(j, m) += c;
                    add(next, -c, basis[j]);
                }
            h(m + 1, m) = std::sqrt(dot(next, next));
            if (!(h(m + 1, m) > 1e-14 * h(0, 0)) || m + 1 == steps) {
                ++m;
                break;
            }
            scale(next, 1.0 / h(m + 1, m));
            basis.push_back(std::move(next));
        }
        const Eigen::EigenSolver<Dense> small(h.topLeftCorner(m, m));
        Eigen::Index best = 0;
        for (Eigen::Index k = 1; k < m; ++k)
            if (small.eigenvalues()(k).real() > small.eigenvalues()(best).real()) best = k;
        const Vector y = small.eigenvectors().col(best).real().normalized();
        scale(start, y(0));
        for (int j = 1; j < m; ++j) add(start, y(j), basis[j]);
        residual = std::fabs(h(m, m - 1) * y(m - 1)) / std::fabs(small.eigenvalues()(best).real());
        double trace = 0.0;
        for (const Dense& p : start) trace += p.trace();
        if (trace < 0.0) scale(start, -1.0);
        if (residual < tolerance) break;
    }
    return residual;
}

double ApproximateSearch::evaluate(const std::vector<double>& log_t, std::vector<double>& gradient) {
    const std::size_t symbols = automaton_.symbols;
    double mean = 0.0;
    for (std::size_t e = 0; e < log_t.size(); ++e) {
        c_[e] = std::exp(-log_t[e]) / static_cast<double>(symbols);
        mean += stationary_[e / symbols] * log_t[e] / static_cast<double>(symbols);
    }
    const int steps = 8;
    eigenvector(right_, false, steps, accuracy_);
    eigenvector(left_, true, steps, accuracy_);
    flows();
    // Two-sided quotient: its error is the product of those of the two vectors.
    double total = 0.0;
    for (const double q : flow_) total += q;
    const double rho = total / dot(left_, right_);
    gradient.resize(log_t.size());
    for (std::size_t e = 0; e < log_t.size(); ++e) {
        flow_[e] /= total;
        gradient[e] = stationary_[e / symbols] / static_cast<double>(symbols) - flow_[e];
    }
    return mean + std::log(rho);
}

std::vector<double> ApproximateSearch::quotients() {
    const RoundNearest guard;
    Forms image;
    std::vector<double> result(automaton_.states);
    for (int round = 0; round < 3; ++round) {
        forward(right_, image);
        std::swap(right_, image);
        double largest = 0.0;
        for (const Dense& p : right_) largest = std::max(largest, p.diagonal().maxCoeff());
        scale(right_, 1.0 / largest);
    }
    over_states(automaton_.states, [&](std::size_t s) { right_[s] = (0.5 * (right_[s] + right_[s].transpose())).eval(); });
    forward(right_, image);
    over_states(automaton_.states, [&](std::size_t s) {
        const Eigen::LLT<Dense> factor(right_[s]);
        if (factor.info() != Eigen::Success) {
            result[s] = std::numeric_limits<double>::infinity();
            return;
        }
        const Dense half = factor.matrixL().solve(image[s]);
        const Dense whole = factor.matrixL().solve(half.transpose());
        const Eigen::SelfAdjointEigenSolver<Dense> eigen(0.5 * (whole + whole.transpose()), Eigen::EigenvaluesOnly);
        result[s] = eigen.eigenvalues().maxCoeff();
    });
    return result;
}

double ApproximateSearch::improve(double tolerance, int most_evaluations, Clock::time_point deadline) {
    const RoundNearest guard;
    const std::size_t size = log_t_.size();
    const std::size_t symbols = automaton_.symbols;
    const auto inner = [&](const std::vector<double>& a, const std::vector<double>& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0); };
    // The quasi-Newton method in the metric of the stationary weights: the Hessian is about the diagonal of the flow.
    const auto scaled = [&](std::vector<double> g) {
        for (std::size_t e = 0; e < size; ++e) g[e] *= static_cast<double>(symbols) / stationary_[e / symbols];
        return g;
    };
    std::deque<std::pair<std::vector<double>, std::vector<double>>> memory;
    accuracy_ = 1e-4;
    std::vector<double> gradient;
    double value = evaluate(log_t_, gradient);
    int quiet = 0;
    for (int k = 1; k < most_evaluations && Clock::now() < deadline; ++k) {
        std::vector<double> direction = gradient;
        std::vector<double> a;
        for (auto it = memory.rbegin(); it != memory.rend(); ++it) {
            a.push_back(inner(it->first, direction) / inner(it->first, it->second));
            for (std::size_t e = 0; e < size; ++e) direction[e] -= a.back() * it->second[e];
        }
        direction = scaled(std::move(direction));
        if (!memory.empty()) {
            const auto& [s, y] = memory.back();
            const double factor = inner(s, y) / inner(y, scaled(y));
            for (double& x : direction) x *= factor;
        }
        auto back = a.rbegin();
        for (const auto& [s, y] : memory) {
            const double b = *back++ - inner(y, direction) / inner(s, y);
            for (std::size_t e = 0; e < size; ++e) direction[e] += b * s[e];
        }
        double slope = inner(gradient, direction);
        if (!(slope > 0.0)) {
            memory.clear();
            direction = scaled(gradient);
            slope = inner(gradient, direction);
        }
        double largest = 0.0;
        for (const double x : direction) largest = std::max(largest, std::fabs(x));
        double step = std::min(1.0, 2.0 / largest);
        // Eigenvectors accurate enough for the decrease that is expected.
        accuracy_ = std::clamp(0.03 * std::sqrt(slope), 1e-10, 1e-4);
        bool moved = false;
        double decrease = 0.0;
        for (int attempt = 0; attempt < 6 && !moved; ++attempt, step *= 0.3, ++k) {
            std::vector<double> trial = log_t_;
            for (std::size_t e = 0; e < size; ++e) trial[e] -= step * direction[e];
            std::vector<double> new_gradient;
            const double new_value = evaluate(trial, new_gradient);
            if (!(new_value < value + 1e-13)) continue;
            moved = true;
            decrease = value - new_value;
            std::vector<double> s(size), y(size);
            for (std::size_t e = 0; e < size; ++e) s[e] = trial[e] - log_t_[e], y[e] = new_gradient[e] - gradient[e];
            if (inner(s, y) > 1e-12 * std::sqrt(inner(s, s) * inner(y, y))) memory.emplace_back(std::move(s), std::move(y));
            if (memory.size() > 12) memory.pop_front();
            log_t_ = std::move(trial);
            gradient = std::move(new_gradient);
            value = new_value;
        }
        if (!moved) {
            if (memory.empty()) break;
            memory.clear();
            continue;
        }
        quiet = decrease < 2.0 * tolerance ? quiet + 1 : 0;
        if (quiet >= 2) break;
    }
    accuracy_ = 1e-10;
    return estimate_ = 0.5 * evaluate(log_t_, gradient);
}

}  // namespace lyapcert::weighted_moment
