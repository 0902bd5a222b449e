#include "problem/train/approximate_fit.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace lyapcert::training {

namespace {

Activated<double> activate_softly(Activation a, double u, double softness) {
    if (a != Activation::relu || softness == 0.0) return activate(a, u);
    const Activated<double> s = activate(Activation::softplus, u / softness);
    return {softness * s.value, s.slope};
}

// What the layers make of one input.
struct Forward {
    std::vector<std::vector<double>> outputs;  // of the input, of each layer
    std::vector<std::vector<double>> slopes;
    std::vector<std::size_t> first;  // weight of each layer
};

Forward forward(const Fit& fit, const std::vector<double>& w, std::size_t i) {
    const Network& network = fit.network;
    Forward f{{fit.inputs[i]}, {}, {}};
    std::size_t first = 0;
    for (std::size_t l = 0; l < network.layers(); ++l) {
        const std::size_t rows = network.widths[l + 1];
        const std::size_t columns = network.widths[l];
        std::vector<double> value(rows);
        std::vector<double> slope(rows);
        for (std::size_t r = 0; r < rows; ++r) {
            const double sum = dot(w.data() + first + r * columns, f.outputs[l].data(), columns) + (network.bias ? w[first + rows * columns + r] : 0.0);
            const Activated<double> s = activate_softly(network.activations[l], sum, fit.softness);
            value[r] = s.value;
            slope[r] = s.slope;
        }
        f.outputs.push_back(std::move(value));
        f.slopes.push_back(std::move(slope));
        f.first.push_back(first);
        first += network.layer_size(l);
    }
    return f;
}

}  // namespace

Differential<double> Fit::residual(const std::vector<double>& w, std::size_t i) const {
    const Forward f = forward(*this, w, i);
    Differential<double> h{f.outputs.back().front() - targets[i], std::vector<double>(free.size())};
    std::size_t end = free.size();
    std::vector<double> v = f.slopes.back();
    for (std::size_t l = network.layers(); l-- > 0;) {
        const std::size_t rows = network.widths[l + 1];
        const std::size_t columns = network.widths[l];
        if (!network.frozen[l]) {
            end -= network.layer_size(l);
            double* g = h.gradient.data() + end;
            for (std::size_t r = 0; r < rows; ++r)
                for (std::size_t c = 0; c < columns; ++c) g[r * columns + c] = v[r] * f.outputs[l][c];
            if (network.bias) std::copy(v.begin(), v.end(), g + rows * columns);
        }
        if (l == 0) break;
        std::vector<double> below(columns, 0.0);
        for (std::size_t r = 0; r < rows; ++r)
            for (std::size_t c = 0; c < columns; ++c) below[c] += w[f.first[l] + r * columns + c] * v[r];
        for (std::size_t c = 0; c < columns; ++c) below[c] *= f.slopes[l - 1][c];
        v = std::move(below);
    }
    return h;
}

Linearised Fit::at(const std::vector<double>& w) const {
    Linearised r;
    r.rows.reserve(data_points() * free.size());
    for (std::size_t i = 0; i < data_points(); ++i) {
        const Differential<double> h = residual(w, i);
        r.residuals.push_back(h.value);
        r.rows.insert(r.rows.end(), h.gradient.begin(), h.gradient.end());
        r.loss += h.value * h.value / (2.0 * static_cast<double>(data_points()));
    }
    return r;
}

double Fit::loss(const std::vector<double>& w) const {
    double sum = 0.0;
    for (std::size_t i = 0; i < data_points(); ++i) {
        const double h = forward(*this, w, i).outputs.back().front() - targets[i];
        sum += h * h / (2.0 * static_cast<double>(data_points()));
    }
    return sum;
}

double Fit::reference_loss() const {
    double sum = 0.0;
    for (const double z : targets) sum += z * z / (2.0 * static_cast<double>(data_points()));
    return sum;
}

double Fit::rounding(const std::vector<double>& w, std::size_t i) const {
    constexpr double unit = std::numeric_limits<double>::epsilon();
    const Forward f = forward(*this, w, i);
    std::vector<double> error(inputs[i].size(), 0.0);  // of the outputs of a layer
    for (std::size_t l = 0; l < network.layers(); ++l) {
        const std::size_t rows = network.widths[l + 1];
        const std::size_t columns = network.widths[l];
        const double* matrix = w.data() + f.first[l];
        const double roundings = 1.0 + std::sqrt(static_cast<double>(columns));  // of a sum, as if they were random
        std::vector<double> next;
        for (std::size_t r = 0; r < rows; ++r) {
            double size = network.bias ? std::fabs(matrix[rows * columns + r]) : 0.0;
            double inherited = 0.0;
            for (std::size_t c = 0; c < columns; ++c) {
                size += std::fabs(matrix[r * columns + c] * f.outputs[l][c]);
                inherited += std::fabs(matrix[r * columns + c]) * error[c];
            }
            next.push_back(std::fabs(f.slopes[l][r]) * (inherited + unit * roundings * size) + unit * std::fabs(f.outputs[l + 1][r]));
        }
        error = std::move(next);
    }
    return error.front() + unit * std::fabs(targets[i]);
}

namespace {

// For every i, |h_i| is at most so many times its rounding, and at most the largest target times `part`.
bool is_small(const Fit& fit, const std::vector<double>& w, double times, double part) {
    double size = 0.0;
    for (const double z : fit.targets) size = std::max(size, std::fabs(z));
    for (std::size_t i = 0; i < fit.data_points(); ++i) {
        const double h = std::fabs(forward(fit, w, i).outputs.back().front() - fit.targets[i]);
        if (!(h <= times * fit.rounding(w, i)) || (size > 0.0 && h > part * size)) return false;
    }
    return true;
}

}  // namespace

double Fit::distance_to_kinks(const std::vector<double>& w) const {
    double least = 1.0;
    for (std::size_t i = 0; i < data_points(); ++i) {
        const Forward f = forward(*this, w, i);
        for (std::size_t l = 0; l < network.layers(); ++l) {
            if (network.activations[l] != Activation::relu) continue;
            const std::size_t rows = network.widths[l + 1];
            const std::size_t columns = network.widths[l];
            for (std::size_t r = 0; r < rows; ++r) {
                const double* row = w.data() + f.first[l] + r * columns;
                double sum = network.bias ? w[f.first[l] + rows * columns + r] : 0.0;
                double size = std::fabs(sum);
                for (std::size_t c = 0; c < columns; ++c) {
                    sum += row[c] * f.outputs[l][c];
                    size += std::fabs(row[c] * f.outputs[l][c]);
                }
                if (size > 0.0) least = std::min(least, std::fabs(sum) / size);
                else least = 0.0;
            }
        }
    }
    return least;
}

bool Fit::vanishes(const std::vector<double>& w) const { return is_small(*this, w, 16.0, 1e-7); }
bool Fit::nearly_vanishes(const std::vector<double>& w) const { return vanishes(w) || is_small(*this, w, 1e6, 1e-9); }

// Four partial sums, which the processor may run side by side.
double dot(const double* x, const double* y, std::size_t n) {
    double a = 0.0;
    double b = 0.0;
    double c = 0.0;
    double d = 0.0;
    std::size_t k = 0;
    for (; k + 4 <= n; k += 4) {
        a += x[k] * y[k];
        b += x[k + 1] * y[k + 1];
        c += x[k + 2] * y[k + 2];
        d += x[k + 3] * y[k + 3];
    }
    for (; k < n; ++k) a += x[k] * y[k];
    return (a + b) + (c + d);
}

std::vector<double> combined(const std::vector<double>& rows, const std::vector<double>& a, std::size_t d) {
    std::vector<double> x(d, 0.0);
    for (std::size_t i = 0; i < a.size(); ++i)
        for (std::size_t p = 0; p < d; ++p) x[p] += a[i] * rows[i * d + p];
    return x;
}

}  // namespace lyapcert::training
