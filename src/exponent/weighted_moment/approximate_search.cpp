#include "exponent/weighted_moment/approximate_search.hpp"

#include <tbb/parallel_for.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <numeric>

#include "linalg/plain_product.hpp"
#include "lyapcert/numeric/rounding.hpp"

namespace lyapcert::weighted_moment {

namespace {

using Dense = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;
using Forms = std::vector<Dense>;

// Small pieces of work are not worth the synchronisation of threads.
constexpr std::size_t least_parallel_work = 200000;

template <class Body>
void over_states(std::size_t states, std::size_t work, Body&& body) {
    if (states * work < least_parallel_work) {
        for (std::size_t s = 0; s < states; ++s) body(s);
        return;
    }
    tbb::parallel_for(std::size_t{0}, states, [&](std::size_t s) {
        const RoundNearest guard;
        body(s);
    });
}

std::size_t entries(const Forms& x) { return static_cast<std::size_t>(x.front().size()); }

// a b for square a, and b of as many columns or fewer: large products by the kernel that is best for this processor.
Dense product(const Dense& a, const Dense& b) {
    static const PlainProductKernel kernel = plain_product_kernels().back();
    const Eigen::Index n = a.rows();
    if (n < 24 || b.cols() < n / 3) return a * b;
    Dense padded;
    const double* right = b.data();
    if (b.cols() < n) {
        padded.setZero(n, n);
        padded.leftCols(b.cols()) = b;
        right = padded.data();
    }
    // Row-major kernels and column-major matrices: (a b)^T = b^T a^T.
    Dense result(n, n);
    constexpr std::size_t rows_at_once = 64;
    const auto size = static_cast<std::size_t>(n);
    const auto rows = static_cast<std::size_t>(b.cols());
    const std::size_t tasks = (rows + rows_at_once - 1) / rows_at_once;
    over_states(tasks, size * size * rows_at_once, [&](std::size_t task) {
        std::vector<double> panel(16 * size);
        kernel(right, a.data(), result.data(), size, task * rows_at_once, std::min(rows, (task + 1) * rows_at_once), panel.data());
    });
    if (b.cols() < n) result.conservativeResize(n, b.cols());
    return result;
}

double dot(const Forms& x, const Forms& y) {
    std::vector<double> part(x.size());
    over_states(x.size(), entries(x), [&](std::size_t s) { part[s] = x[s].cwiseProduct(y[s]).sum(); });
    return std::accumulate(part.begin(), part.end(), 0.0);
}

void add(Forms& x, double c, const Forms& y) {
    over_states(x.size(), entries(x), [&](std::size_t s) { x[s] += c * y[s]; });
}

void scale(Forms& x, double c) {
    over_states(x.size(), entries(x), [&](std::size_t s) { x[s] *= c; });
}

}  // namespace

ApproximateSearch::ApproximateSearch(Dense u, Dense v, Automaton automaton, std::vector<double> stationary) : u_(std::move(u)), v_(std::move(v)) {
    const Eigen::Index n = v_.rows();
    log_t_.assign(automaton.states * automaton.symbols, 0.0);
    right_.assign(automaton.states, Dense::Identity(n, n));
    for (const double weight : stationary) left_.push_back(weight * Dense::Identity(n, n));
    cubic_ = static_cast<std::size_t>(n * n * n);
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

void ApproximateSearch::replace(Automaton automaton, std::vector<double> stationary, const std::vector<std::uint32_t>& origin) {
    const std::size_t symbols = automaton.symbols;
    std::vector<double> log_t(automaton.states * symbols);
    Forms right(automaton.states);
    Forms left(automaton.states);
    for (std::size_t s = 0; s < automaton.states; ++s) {
        for (std::size_t i = 0; i < symbols; ++i) log_t[s * symbols + i] = log_t_[origin[s] * symbols + i];
        right[s] = right_[origin[s]];
        left[s] = left_[origin[s]] * (stationary[s] / std::max(stationary_[origin[s]], 1e-12));
    }
    log_t_ = std::move(log_t);
    right_ = std::move(right);
    left_ = std::move(left);
    set_automaton(std::move(automaton), std::move(stationary));
}

void ApproximateSearch::rescale(const std::vector<double>& h) {
    for (std::size_t s = 0; s < automaton_.states; ++s) {
        right_[s] *= std::exp(h[s]);
        left_[s] *= std::exp(-h[s]);
        for (std::size_t i = 0; i < automaton_.symbols; ++i) log_t_[s * automaton_.symbols + i] += h[automaton_(s, i)] - h[s];
    }
}

void ApproximateSearch::forward_vectors(const Forms& p) {
    over_states(automaton_.states, cubic_, [&](std::size_t s) {
        const auto& symbols = incoming_[s];
        Dense& w = vectors_[s];
        Dense us(u_.rows(), static_cast<Eigen::Index>(symbols.size()));
        for (std::size_t j = 0; j < symbols.size(); ++j) us.col(static_cast<Eigen::Index>(j)) = u_.col(symbols[j]);
        w = product(p[s], us);
        for (std::size_t j = 0; j < symbols.size(); ++j) {
            const auto c = static_cast<Eigen::Index>(j);
            w.col(c) -= 0.5 * us.col(c).dot(w.col(c)) * v_.col(symbols[j]);
        }
    });
}

// A_i^T P A_i = P - v w^T - w v^T.
void ApproximateSearch::forward(const Forms& p, Forms& image) {
    forward_vectors(p);
    const std::size_t symbols = automaton_.symbols;
    image.resize(automaton_.states);
    over_states(automaton_.states, cubic_, [&](std::size_t s) {
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
        const Dense cross = product(v_, w.transpose());
        sum -= cross + cross.transpose();
    });
}

void ApproximateSearch::adjoint(const Forms& x, Forms& image) {
    const std::size_t symbols = automaton_.symbols;
    const std::size_t states = automaton_.states;
    std::vector<Dense> xv(states);
    over_states(states, cubic_, [&](std::size_t s) { xv[s] = product(x[s], v_); });
    std::vector<std::vector<std::uint32_t>> edges(states);  // s * symbols + i, by target
    for (std::size_t e = 0; e < states * symbols; ++e) edges[automaton_.next[e]].push_back(static_cast<std::uint32_t>(e));
    image.resize(states);
    over_states(states, cubic_, [&](std::size_t target) {
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
        const Dense cross = us.cols() == us.rows() ? product(us, y.transpose()) : Dense(us * y.transpose());
        sum -= cross + cross.transpose();
    });
}

void ApproximateSearch::flows() {
    forward_vectors(right_);
    const std::size_t symbols = automaton_.symbols;
    over_states(automaton_.states, cubic_, [&](std::size_t s) {
        const Dense xv = product(left_[s], v_);
        std::vector<std::pair<std::uint32_t, double>> traces;
        for (std::size_t i = 0; i < symbols; ++i) {
            const std::uint32_t u = automaton_(s, i);
            auto known = std::find_if(traces.begin(), traces.end(), [u](const auto& t) { return t.first == u; });
            if (known == traces.end()) known = traces.insert(traces.end(), {u, left_[s].cwiseProduct(right_[u]).sum()});
            flow_[s * symbols + i] = c_[s * symbols + i] * (known->second - 2.0 * xv.col(static_cast<Eigen::Index>(i)).dot(vectors_[u].col(place_[s * symbols + i])));
        }
    });
}

// With X' = A_i X A_i^T = X - u y^T - y u^T the flows q_j = c <X', P_t - v_j w_j^T - w_j v_j^T> need X P_t and v_j^T X w_j once for every state that s leads to.
Dense ApproximateSearch::flows_onward(std::size_t s) const {
    const std::size_t symbols = automaton_.symbols;
    const auto size = static_cast<Eigen::Index>(symbols);
    const Dense& x = left_[s];
    const Dense xv = x * v_;
    Dense result(size, size);
    std::vector<char> done(symbols, 0);
    for (std::size_t first = 0; first < symbols; ++first) {
        if (done[first]) continue;
        const std::uint32_t u = automaton_(s, first);
        std::vector<std::pair<std::uint32_t, double>> traces;
        Dense w(u_.rows(), size);
        Vector base(size);
        for (std::size_t j = 0; j < symbols; ++j) {
            const std::uint32_t t = automaton_(u, j);
            const auto c = static_cast<Eigen::Index>(j);
            w.col(c) = vectors_[t].col(place_[u * symbols + j]);
            auto known = std::find_if(traces.begin(), traces.end(), [t](const auto& pair) { return pair.first == t; });
            if (known == traces.end()) known = traces.insert(traces.end(), {t, x.cwiseProduct(right_[t]).sum()});
            base(c) = known->second - 2.0 * xv.col(c).dot(w.col(c));
        }
        for (std::size_t i = first; i < symbols; ++i) {
            if (automaton_(s, i) != u) continue;
            done[i] = 1;
            const auto c = static_cast<Eigen::Index>(i);
            const auto ui = u_.col(c);
            const Vector y = xv.col(c) - 0.5 * v_.col(c).dot(xv.col(c)) * ui;
            const Vector vu = v_.transpose() * ui;
            const Vector vy = v_.transpose() * y;
            const Vector wu = w.transpose() * ui;
            const Vector wy = w.transpose() * y;
            std::vector<double> forms;
            for (const auto& [t, unused] : traces) forms.push_back(ui.dot(right_[t] * y));
            for (std::size_t j = 0; j < symbols; ++j) {
                const auto d = static_cast<Eigen::Index>(j);
                const std::uint32_t t = automaton_(u, j);
                const auto known = std::find_if(traces.begin(), traces.end(), [t](const auto& pair) { return pair.first == t; });
                const double form = forms[static_cast<std::size_t>(known - traces.begin())];
                result(c, d) = c_[s * symbols + i] * c_[u * symbols + j] * (base(d) - 2.0 * form + 2.0 * (vu(d) * wy(d) + vy(d) * wu(d)));
            }
        }
    }
    return result;
}

std::vector<Dense> ApproximateSearch::images() const {
    std::vector<Dense> result(automaton_.states);
    over_states(automaton_.states, cubic_, [&](std::size_t s) { result[s] = product(right_[s], u_); });
    return result;
}

Dense ApproximateSearch::flows_towards(std::size_t s, const std::vector<Dense>& images) const {
    const Dense xv = left_[s] * v_;
    const Vector vxv = v_.cwiseProduct(xv).colwise().sum();
    Dense result(static_cast<Eigen::Index>(images.size()), u_.cols());
    for (std::size_t u = 0; u < images.size(); ++u) {
        const double trace = left_[s].cwiseProduct(right_[u]).sum();
        for (Eigen::Index i = 0; i < u_.cols(); ++i)
            result(static_cast<Eigen::Index>(u), i) = c_[s * automaton_.symbols + static_cast<std::size_t>(i)] *
                                                      (trace - 2.0 * xv.col(i).dot(images[u].col(i)) + vxv(i) * u_.col(i).dot(images[u].col(i)));
    }
    return result;
}

// Restarted Krylov spaces.
void ApproximateSearch::eigenvector(Forms& start, bool is_adjoint) {
    constexpr int steps = 8;
    constexpr int most_cycles = 30;
    double value = 0.0;
    for (int cycle = 0; cycle < most_cycles; ++cycle) {
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
                    const double c = dot(basis[static_cast<std::size_t>(j)], next);
                    h(j, m) += c;
                    add(next, -c, basis[static_cast<std::size_t>(j)]);
                }
            h(m + 1, m) = std::sqrt(dot(next, next));
            if (Clock::now() > deadline_) return;
            if (!(h(m + 1, m) > 1e-14 * h(0, 0)) || m + 1 == steps) {
                ++m;
                break;
            }
            scale(next, 1.0 / h(m + 1, m));
            basis.push_back(std::move(next));
        }
        if (!h.allFinite()) return;
        const Eigen::EigenSolver<Dense> small(h.topLeftCorner(m, m));
        if (small.info() != Eigen::Success) return;
        Eigen::Index best = 0;
        for (Eigen::Index k = 1; k < m; ++k)
            if (small.eigenvalues()(k).real() > small.eigenvalues()(best).real()) best = k;
        const Vector y = small.eigenvectors().col(best).real().normalized();
        scale(start, y(0));
        for (int j = 1; j < m; ++j) add(start, y(j), basis[static_cast<std::size_t>(j)]);
        double trace = 0.0;
        for (const Dense& p : start) trace += p.trace();
        if (trace < 0.0) scale(start, -1.0);
        const double present = small.eigenvalues()(best).real();
        if (std::fabs(h(m, m - 1) * y(m - 1)) < accuracy_ * std::fabs(present)) break;
        // Among many eigenvalues that are nearly the largest, as when K is nearly singular, the vector converges slowly, and need not.
        if (cycle > 0 && std::fabs(present - value) < negligible_ * std::fabs(present)) break;
        value = present;
    }
}

double ApproximateSearch::set_log_t(const std::vector<double>& log_t) {
    const auto symbols = static_cast<double>(automaton_.symbols);
    double mean = 0.0;
    for (std::size_t e = 0; e < log_t.size(); ++e) {
        c_[e] = std::exp(-log_t[e]) / symbols;
        mean += stationary_[e / automaton_.symbols] * log_t[e] / symbols;
    }
    return mean;
}

double ApproximateSearch::evaluate(const std::vector<double>& log_t, std::vector<double>& gradient) {
    const std::size_t symbols = automaton_.symbols;
    const double mean = set_log_t(log_t);
    eigenvector(right_, false);
    eigenvector(left_, true);
    if (Clock::now() > deadline_) return std::numeric_limits<double>::infinity();
    flows();
    // Two-sided quotient: its error is the product of those of the two vectors.
    double total = 0.0;
    for (const double q : flow_) total += q;
    rho_ = total / dot(left_, right_);
    gradient.resize(log_t.size());
    for (std::size_t e = 0; e < log_t.size(); ++e) {
        flow_[e] /= total;
        gradient[e] = stationary_[e / symbols] / static_cast<double>(symbols) - flow_[e];
    }
    return mean + std::log(rho_);
}

// For forms a_s Q, a the Perron vector of the weights c summed over the symbols and b the left one, T is on average Q -> sigma Q - M Q - Q M + sum_i (...) v_i v_i^T:
// inverted without the last term, diagonal in the eigenvectors of M. That is what makes 1 - T / r ill-conditioned when K is nearly singular.
class ApproximateSearch::SlowPart {
  public:
    SlowPart(const ApproximateSearch& search, double r) {
        const Automaton& automaton = search.automaton_;
        const std::size_t states = automaton.states;
        const std::size_t symbols = automaton.symbols;
        a_.assign(states, 1.0);
        b_.assign(states, 1.0);
        for (int round = 0; round < (states == 1 ? 1 : 200); ++round) {
            std::vector<double> a(states, 0.0);
            std::vector<double> b(states, 0.0);
            for (std::size_t e = 0; e < states * symbols; ++e) {
                a[e / symbols] += search.c_[e] * a_[automaton.next[e]];
                b[automaton.next[e]] += search.c_[e] * b_[e / symbols];
            }
            sigma_ = std::inner_product(b_.begin(), b_.end(), a.begin(), 0.0) / std::inner_product(b_.begin(), b_.end(), a_.begin(), 0.0);
            const double most_a = *std::max_element(a.begin(), a.end());
            const double most_b = *std::max_element(b.begin(), b.end());
            for (std::size_t s = 0; s < states; ++s) {
                a_[s] = a[s] / most_a;
                b_[s] = b[s] / most_b;
            }
        }
        const double normal = std::inner_product(b_.begin(), b_.end(), a_.begin(), 0.0);
        for (double& x : b_) x /= normal;
        std::vector<double> weight(symbols, 0.0);
        for (std::size_t e = 0; e < states * symbols; ++e) weight[e % symbols] += b_[e / symbols] * search.c_[e] * a_[automaton.next[e]];
        Dense scaled = search.v_;
        for (std::size_t i = 0; i < symbols; ++i) scaled.col(static_cast<Eigen::Index>(i)) *= weight[i];
        const Eigen::SelfAdjointEigenSolver<Dense> eigen(Dense(scaled * search.v_.transpose()));
        vectors_ = eigen.eigenvectors();
        const Vector& m = eigen.eigenvalues();
        factor_.resize(m.size(), m.size());
        for (Eigen::Index i = 0; i < m.size(); ++i)
            for (Eigen::Index j = 0; j < m.size(); ++j) factor_(i, j) = 1.0 / std::clamp(1.0 - (sigma_ - m(i) - m(j)) / r, 1e-12, 1.0) - 1.0;
        usable_ = eigen.info() == Eigen::Success && factor_.allFinite();
    }

    void apply(Forms& x) const {
        if (!usable_) return;
        Dense z = Dense::Zero(vectors_.rows(), vectors_.rows());
        for (std::size_t s = 0; s < x.size(); ++s) z += b_[s] * x[s];
        const Dense rotated = product(vectors_.transpose(), product(z, vectors_)).cwiseProduct(factor_);
        const Dense change = product(vectors_, product(rotated, vectors_.transpose()));
        over_states(x.size(), entries(x), [&](std::size_t s) { x[s] += a_[s] * change; });
    }

  private:
    std::vector<double> a_, b_;
    double sigma_ = 1.0;
    Dense vectors_, factor_;
    bool usable_ = false;
};

// (1 - T / r) P = D, D_s = (mean diagonal entry of the eigenvector) I. The large part of P along the eigenvector is known; restarted GMRES finds the rest.
bool ApproximateSearch::strict_forms(double excess, Clock::time_point deadline, std::vector<Dense>& forms, double& r) {
    const RoundNearest guard;
    constexpr int steps = 16;
    constexpr int most_cycles = 40;
    const Eigen::Index n = u_.rows();
    const std::size_t states = automaton_.states;
    r = rho_ * (1.0 + excess);
    Forms d(states);
    std::vector<double> room(states);
    for (std::size_t s = 0; s < states; ++s) {
        const double mean = right_[s].trace() / static_cast<double>(n);
        if (!(mean > 0.0)) return false;
        room[s] = 0.3 * mean;
        d[s] = mean * Dense::Identity(n, n);
    }
    const SlowPart slow(*this, r);
    const double along = dot(left_, d) / (dot(left_, right_) * (1.0 - rho_ / r));
    forms = right_;
    scale(forms, along);
    Forms image;
    const auto residual = [&] {
        forward(forms, image);
        Forms result = d;
        add(result, -1.0, forms);
        add(result, 1.0 / r, image);
        return result;
    };
    double before = std::numeric_limits<double>::infinity();
    for (int cycle = 0; cycle < most_cycles; ++cycle) {
        std::vector<Forms> basis;
        basis.push_back(residual());
        const double size = std::sqrt(dot(basis[0], basis[0]));
        bool enough = true;
        for (std::size_t s = 0; s < states; ++s) enough = enough && basis[0][s].norm() < room[s];
        if (enough) break;
        if (!(size < 0.7 * before) || cycle + 1 == most_cycles || Clock::now() > deadline) return false;
        before = size;
        scale(basis[0], 1.0 / size);
        Dense h = Dense::Zero(steps + 1, steps);
        int m = 0;
        while (m < steps) {
            Forms next = basis.back();
            slow.apply(next);
            forward(next, image);
            add(next, -1.0 / r, image);
            for (int j = 0; j <= m; ++j) {
                h(j, m) = dot(basis[static_cast<std::size_t>(j)], next);
                add(next, -h(j, m), basis[static_cast<std::size_t>(j)]);
            }
            h(m + 1, m) = std::sqrt(dot(next, next));
            ++m;
            if (!(h(m, m - 1) > 1e-12)) break;
            scale(next, 1.0 / h(m, m - 1));
            basis.push_back(std::move(next));
        }
        Vector right_side = Vector::Zero(m + 1);
        right_side(0) = size;
        const Vector y = h.topLeftCorner(m + 1, m).colPivHouseholderQr().solve(right_side);
        Forms change = std::move(basis[0]);
        scale(change, y(0));
        for (int j = 1; j < m; ++j) add(change, y(j), basis[static_cast<std::size_t>(j)]);
        slow.apply(change);
        add(forms, 1.0, change);
    }
    double largest = 0.0;
    for (Dense& p : forms) {
        p = (0.5 * (p + p.transpose())).eval();
        largest = std::max(largest, p.diagonal().maxCoeff());
    }
    if (!(largest > 0.0) || !std::isfinite(largest)) return false;
    scale(forms, 1.0 / largest);
    return true;
}

// The stationary weights of the edges: the Hessian is about the diagonal of the flow.
LimitedMemory ApproximateSearch::quasi_newton() const {
    std::vector<double> metric(log_t_.size());
    for (std::size_t e = 0; e < metric.size(); ++e) metric[e] = static_cast<double>(automaton_.symbols) / stationary_[e / automaton_.symbols];
    return LimitedMemory(std::move(metric));
}

// A step from log_t_ along -direction that decreases the value: `point` is moved there. The number of evaluations is counted.
bool ApproximateSearch::line_search(const std::vector<double>& direction, Point& point, LimitedMemory& memory, int& evaluations) {
    constexpr int most_attempts = 6;
    double largest = 0.0;
    for (const double x : direction) largest = std::max(largest, std::fabs(x));
    double step = std::min(1.0, 2.0 / largest);
    for (int attempt = 0; attempt < most_attempts; ++attempt, step *= 0.3) {
        ++evaluations;
        std::vector<double> trial = log_t_;
        for (std::size_t e = 0; e < trial.size(); ++e) trial[e] -= step * direction[e];
        Point next;
        next.value = evaluate(trial, next.gradient);
        if (!(next.value < point.value + 1e-13)) {
            right_ = point.right, left_ = point.left;
            continue;
        }
        std::vector<double> s(trial.size());
        std::vector<double> y(trial.size());
        for (std::size_t e = 0; e < trial.size(); ++e) {
            s[e] = trial[e] - log_t_[e];
            y[e] = next.gradient[e] - point.gradient[e];
        }
        memory.remember(std::move(s), std::move(y));
        log_t_ = std::move(trial);
        next.right = right_, next.left = left_;
        point = std::move(next);
        return true;
    }
    return false;
}

double ApproximateSearch::improve(double tolerance, int most_evaluations, Clock::time_point deadline) {
    const RoundNearest guard;
    deadline_ = deadline;
    // The two-sided quotient errs with the square of the accuracy.
    const double least_accuracy = std::min(1e-3, 0.1 * std::sqrt(tolerance));
    negligible_ = 0.01 * tolerance;
    accuracy_ = 1e-3;
    Point best{right_, left_, 0.0, {}};
    best.value = evaluate(log_t_, best.gradient);
    if (!std::isfinite(best.value)) {
        right_ = best.right, left_ = best.left;
        return estimate_ = std::numeric_limits<double>::infinity();
    }
    best.right = right_, best.left = left_;
    LimitedMemory memory = quasi_newton();
    int quiet = 0;
    bool stuck = false;
    for (int k = 1; k < most_evaluations && Clock::now() < deadline; ++k) {
        const std::vector<double> direction = memory.direction(best.gradient);
        // Eigenvectors accurate enough for the decrease that is expected.
        accuracy_ = std::clamp(0.1 * std::sqrt(inner_product(best.gradient, direction)), least_accuracy, 1e-3);
        const double before = best.value;
        if (line_search(direction, best, memory, k)) {
            stuck = false;
            quiet = before - best.value < 2.0 * tolerance ? quiet + 1 : 0;
            if (quiet >= 2) break;
            continue;
        }
        // Perhaps the value was not accurate enough, or the model of the Hessian misleads: one more attempt.
        if (stuck) break;
        stuck = true;
        memory.forget();
        accuracy_ *= 0.01;
        Point again;
        again.value = evaluate(log_t_, again.gradient);
        if (!std::isfinite(again.value)) break;
        again.right = right_, again.left = left_;
        best = std::move(again);
    }
    estimate_ = 0.5 * best.value;
    accuracy_ = std::min(1e-4, least_accuracy);
    const double refined = evaluate(log_t_, best.gradient);
    if (std::isfinite(refined)) {
        estimate_ = 0.5 * refined;
    } else {  // late: as they were when log t was accepted
        right_ = best.right, left_ = best.left;
        set_log_t(log_t_);
    }
    return estimate_;
}

}  // namespace lyapcert::weighted_moment
