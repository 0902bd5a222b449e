// The operator L(P) = E[A^T P A] on symmetric matrices, over any numeric engine.
//
// With A = I + D, where only some columns of D are non-zero, A^T P A = P + P D + D^T P + D^T P D differs from P in the rows
// and columns of these indices only: one step of single-sample SGD costs n^2 instead of n^3.
#pragma once

#include <cstddef>
#include <vector>

#include "lyapcert/linalg/matrix.hpp"
#include "lyapcert/product/random_product.hpp"

namespace lyapcert {

template <class T>
class MomentOperator {
  public:
    // convert: Real -> T. It is applied to the entries of A - I and to the probabilities.
    template <class Convert>
    MomentOperator(const RandomProduct& product, Convert&& convert) : n_(product.dimension()), zero_(convert(Real(0))) {
        if (const Matrix<Real>* gram = product.scaled_gram()) {
            const T probability = convert(Real(product.probabilities().front()));
            for (std::size_t j = 0; j < n_; ++j) {
                std::vector<Entry> column;
                for (std::size_t i = 0; i < n_; ++i)
                    if (!(*gram)(i, j).known_zero()) column.push_back({i, convert(-(*gram)(i, j))});
                if (!column.empty()) steps_.push_back(Step{probability, {j}, {std::move(column)}});
            }
            return;
        }
        for (std::size_t k = 0; k < product.size(); ++k) {
            const Matrix<Real>& a = product.matrices()[k];
            Step step{convert(Real(product.probabilities()[k])), {}, {}};
            for (std::size_t j = 0; j < n_; ++j) {
                std::vector<Entry> column;
                for (std::size_t i = 0; i < n_; ++i) {
                    const Real d = i == j ? a(i, j) - Real(1) : a(i, j);
                    if (!d.known_zero()) column.push_back({i, convert(d)});
                }
                if (column.empty()) continue;
                step.indices.push_back(j);
                step.columns.push_back(std::move(column));
            }
            steps_.push_back(std::move(step));
        }
    }

    std::size_t dimension() const { return n_; }

    Matrix<T> operator()(const Matrix<T>& p) const {
        Matrix<T> result = p;
        std::vector<bool> moved(n_);
        for (const Step& step : steps_) {
            moved.assign(n_, false);
            for (std::size_t j : step.indices) moved[j] = true;
            std::vector<std::vector<T>> w;  // P d_j
            for (const auto& column : step.columns) {
                w.emplace_back(n_, zero_);
                for (const Entry& e : column)
                    for (std::size_t i = 0; i < n_; ++i) w.back()[i] += p(i, e.row) * e.value;
            }
            for (std::size_t s = 0; s < step.indices.size(); ++s) {
                const std::size_t j = step.indices[s];
                for (std::size_t i = 0; i < n_; ++i)
                    if (!moved[i]) add(result, i, j, step.probability * w[s][i]);
                for (std::size_t t = 0; t <= s; ++t) {
                    const std::size_t i = step.indices[t];
                    T sum = w[s][i] + w[t][j];
                    for (const Entry& e : step.columns[t]) sum += e.value * w[s][e.row];
                    add(result, i, j, step.probability * sum);
                }
            }
        }
        return result;
    }

  private:
    struct Entry {
        std::size_t row;
        T value;
    };
    struct Step {
        T probability;
        std::vector<std::size_t> indices;
        std::vector<std::vector<Entry>> columns;
    };
    static void add(Matrix<T>& m, std::size_t i, std::size_t j, const T& x) {
        m(i, j) += x;
        if (i != j) m(j, i) += x;
    }

    std::size_t n_;
    T zero_;
    std::vector<Step> steps_;
};

}  // namespace lyapcert
