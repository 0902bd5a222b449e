#include "problem/train/approximate_least_norm.hpp"

#include <algorithm>
#include <cmath>

#include "problem/train/approximate_fit.hpp"

namespace lyapcert::training {

namespace {

// y -= (v . y) v from entry k on.
void reflect(const double* v, double* y, std::size_t k, std::size_t end) {
    const double factor = dot(v + k, y + k, end - k);
    for (std::size_t p = k; p < end; ++p) y[p] -= factor * v[p];
}

}  // namespace

LeastNorm::LeastNorm(const std::vector<double>& rows, std::size_t n, std::size_t d) : rows_(rows), n_(n), d_(d), gram_(n * n) {
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j <= i; ++j) gram_[i * n + j] = dot(rows.data() + i * d, rows.data() + j * d, d);
    for (std::size_t i = 0; i < n; ++i) size_ = std::max(size_, gram_[i * n + i]);
}

bool LeastNorm::by_gram(double damping) const { return damping >= 1e-9 * size_; }

double LeastNorm::work(std::size_t n, std::size_t d) { return 0.5 * static_cast<double>(n) * static_cast<double>(n) * static_cast<double>(d); }

double LeastNorm::work(double damping) const {
    const auto n = static_cast<double>(n_);
    const auto d = static_cast<double>(d_);
    return by_gram(damping) ? n * n * n / 6.0 + n * d : 2.0 * n * n * (d + n);
}

std::vector<double> LeastNorm::solve(const std::vector<double>& h, double damping) const { return by_gram(damping) ? by_cholesky(h, damping) : by_reflections(h, damping); }

std::vector<double> LeastNorm::by_cholesky(const std::vector<double>& h, double damping) const {
    std::vector<double> lower = gram_;
    std::vector<double> a = h;
    for (std::size_t i = 0; i < n_; ++i) {
        double* row = lower.data() + i * n_;
        row[i] += damping;
        for (std::size_t j = 0; j < i; ++j) row[j] = (row[j] - dot(row, lower.data() + j * n_, j)) / lower[j * n_ + j];
        row[i] = std::sqrt(std::max(row[i] - dot(row, row, i), 0.1 * damping));
        a[i] = (a[i] - dot(row, a.data(), i)) / row[i];
    }
    for (std::size_t i = n_; i-- > 0;) {
        a[i] /= lower[i * n_ + i];
        for (std::size_t j = 0; j < i; ++j) a[j] -= lower[i * n_ + j] * a[i];
    }
    return combined(rows_, a, d_);
}

LeastNorm::Factors LeastNorm::factors(double damping) const {
    const std::size_t length = d_ + n_;
    Factors f{std::vector<double>(n_ * length), std::vector<double>(n_ * n_)};
    for (std::size_t i = 0; i < n_; ++i) {
        std::copy(rows_.begin() + static_cast<std::ptrdiff_t>(i * d_), rows_.begin() + static_cast<std::ptrdiff_t>((i + 1) * d_),
                  f.reflections.begin() + static_cast<std::ptrdiff_t>(i * length));
        f.reflections[i * length + d_ + i] = std::sqrt(damping);
    }
    for (std::size_t k = 0; k < n_; ++k) {
        double* v = f.reflections.data() + k * length;
        for (std::size_t j = 0; j < k; ++j) {
            f.triangle[j * n_ + k] = v[j];
            v[j] = 0.0;
        }
        const double norm = std::sqrt(dot(v + k, v + k, length - k));
        const double pivot = v[k] < 0.0 ? norm : -norm;
        f.triangle[k * n_ + k] = pivot;
        if (norm == 0.0) continue;
        v[k] -= pivot;
        const double scale = std::sqrt(2.0 / dot(v + k, v + k, length - k));
        for (std::size_t p = k; p < length; ++p) v[p] *= scale;
        for (std::size_t i = k + 1; i < n_; ++i) reflect(v, f.reflections.data() + i * length, k, length);
    }
    return f;
}

double LeastNorm::independence() const {
    const Factors f = factors(0.0);
    double least = std::fabs(f.triangle[0]);
    double largest = least;
    for (std::size_t k = 0; k < n_; ++k) {
        least = std::min(least, std::fabs(f.triangle[k * n_ + k]));
        largest = std::max(largest, std::fabs(f.triangle[k * n_ + k]));
    }
    return largest > 0.0 ? least / largest : 0.0;
}

std::vector<double> LeastNorm::by_reflections(const std::vector<double>& h, double damping) const {
    const std::size_t length = d_ + n_;
    const Factors f = factors(damping);
    std::vector<double> x(length, 0.0);
    for (std::size_t i = 0; i < n_; ++i) {  // R^T x = h
        double sum = h[i];
        for (std::size_t j = 0; j < i; ++j) sum -= f.triangle[j * n_ + i] * x[j];
        x[i] = f.triangle[i * n_ + i] == 0.0 ? 0.0 : sum / f.triangle[i * n_ + i];
    }
    for (std::size_t k = n_; k-- > 0;) reflect(f.reflections.data() + k * length, x.data(), k, length);
    x.resize(d_);
    return x;
}

}  // namespace lyapcert::training
