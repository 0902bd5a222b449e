#include "lyapcert/product/random_product.hpp"

#include <map>
#include <mutex>
#include <numeric>
#include <optional>
#include <utility>

#include "lyapcert/linalg/number_types.hpp"

namespace lyapcert {

namespace {

bool known_equal(const Matrix<Real>& a, const Matrix<Real>& b) {
    for (std::size_t i = 0; i < a.entries().size(); ++i)
        if (!lyapcert::known_equal(a.entries()[i], b.entries()[i])) return false;
    return true;
}

// Equal rational matrices have equal fingerprints.
unsigned long fingerprint(const Matrix<Real>& a) {
    unsigned long h = 1469598103934665603UL;
    for (const Real& x : a.entries()) {
        mpq_srcptr q = x.rational().backend().data();
        for (unsigned long word : {mpz_get_ui(mpq_numref(q)), mpz_get_ui(mpq_denref(q)), static_cast<unsigned long>(mpq_sgn(q) + 1)})
            h = (h ^ word) * 1099511628211UL;
    }
    return h;
}

// I - K e_i e_i^T on these coordinates, for every i among them.
std::vector<Matrix<Real>> steps(const Matrix<Real>& k, const std::vector<std::size_t>& coordinates) {
    std::vector<Matrix<Real>> result;
    const std::size_t n = coordinates.size();
    for (std::size_t i = 0; i < n; ++i) {
        Matrix<Real> a = Matrix<Real>::identity(n, Real(1), Real(0));
        for (std::size_t j = 0; j < n; ++j) a(j, i) -= k(coordinates[j], coordinates[i]);
        result.push_back(std::move(a));
    }
    return result;
}

}  // namespace

struct RandomProduct::Family {
    std::vector<Matrix<Real>> matrices;
    std::optional<Matrix<Real>> scaled_gram;
    std::once_flag formed;
};

RandomProduct::RandomProduct(std::vector<Matrix<Real>> matrices, std::vector<Rational> probabilities) : family_(std::make_shared<Family>()) {
    if (matrices.empty()) throw std::invalid_argument("a random product needs at least one matrix");
    if (matrices.size() != probabilities.size()) throw std::invalid_argument("a random product needs one probability per matrix");
    const std::size_t n = matrices.front().rows();
    if (n == 0) throw std::invalid_argument("the matrices of a random product must not be empty");
    Rational sum(0);
    for (std::size_t k = 0; k < matrices.size(); ++k) {
        if (matrices[k].rows() != n || matrices[k].columns() != n)
            throw std::invalid_argument("the matrices of a random product must be square and of one size");
        if (probabilities[k].sign() <= 0) throw std::invalid_argument("the probabilities of a random product must be positive");
        sum += probabilities[k];
    }
    if (sum != 1) throw std::invalid_argument("the probabilities of a random product must add up to 1");

    dimension_ = n;
    std::vector<Matrix<Real>>& distinct = family_->matrices;
    std::multimap<unsigned long, std::size_t> seen;
    for (std::size_t k = 0; k < matrices.size(); ++k) {
        if (lyapcert::is_rational(matrices[k])) {
            const unsigned long h = fingerprint(matrices[k]);
            bool merged = false;
            const auto range = seen.equal_range(h);
            for (auto it = range.first; it != range.second && !merged; ++it)
                if (known_equal(distinct[it->second], matrices[k])) {
                    probabilities_[it->second] += probabilities[k];
                    merged = true;
                }
            if (merged) continue;
            seen.emplace(h, distinct.size());
        }
        distinct.push_back(std::move(matrices[k]));
        probabilities_.push_back(probabilities[k]);
    }
}

RandomProduct RandomProduct::single_sample(Matrix<Real> scaled_gram) {
    require_symmetric(scaled_gram);
    RandomProduct result;
    result.dimension_ = scaled_gram.rows();
    result.probabilities_.assign(result.dimension_, Rational(1, static_cast<unsigned long>(result.dimension_)));
    result.family_ = std::make_shared<Family>();
    result.family_->scaled_gram = std::move(scaled_gram);
    return result;
}

const Matrix<Real>* RandomProduct::scaled_gram() const { return family_->scaled_gram ? &*family_->scaled_gram : nullptr; }

const std::vector<Matrix<Real>>& RandomProduct::matrices() const {
    if (family_->scaled_gram)
        std::call_once(family_->formed, [this] {
            std::vector<std::size_t> all(dimension_);
            std::iota(all.begin(), all.end(), std::size_t(0));
            family_->matrices = steps(*family_->scaled_gram, all);
        });
    return family_->matrices;
}

bool RandomProduct::is_rational() const {
    if (family_->scaled_gram) return lyapcert::is_rational(*family_->scaled_gram);
    for (const Matrix<Real>& a : matrices())
        if (!lyapcert::is_rational(a)) return false;
    return true;
}

std::vector<Matrix<Rational>> RandomProduct::rational() const {
    std::vector<Matrix<Rational>> result;
    for (const Matrix<Real>& a : matrices()) result.push_back(to_rational(a));
    return result;
}

std::vector<Matrix<Interval>> RandomProduct::intervals() const {
    std::vector<Matrix<Interval>> result;
    for (const Matrix<Real>& a : matrices()) result.push_back(to_intervals(a));
    return result;
}

std::vector<Matrix<MpInterval>> RandomProduct::at(long precision) const {
    std::vector<Matrix<MpInterval>> result;
    for (const Matrix<Real>& a : matrices()) result.push_back(enclose(a, precision));
    return result;
}

RandomProduct RandomProduct::power(int steps) const {
    if (steps < 1) throw std::invalid_argument("the number of steps is at least 1");
    std::vector<Matrix<Real>> words = matrices();
    std::vector<Rational> probabilities = probabilities_;
    for (int step = 1; step < steps; ++step) {
        std::vector<Matrix<Real>> longer;
        std::vector<Rational> weights;
        for (std::size_t w = 0; w < words.size(); ++w)
            for (std::size_t k = 0; k < size(); ++k) {
                longer.push_back(matrices()[k] * words[w]);
                weights.push_back(probabilities[w] * probabilities_[k]);
            }
        words = std::move(longer);
        probabilities = std::move(weights);
    }
    return RandomProduct(std::move(words), std::move(probabilities));
}

RandomProduct RandomProduct::restricted_to(const std::vector<std::size_t>& indices) const {
    if (const Matrix<Real>* k = scaled_gram()) {
        if (indices.size() == dimension_) return single_sample(k->principal(indices));
        std::vector<Matrix<Real>> blocks = steps(*k, indices);
        std::vector<Rational> probabilities(blocks.size(), probabilities_.front());
        blocks.push_back(Matrix<Real>::identity(indices.size(), Real(1), Real(0)));
        probabilities.push_back(Rational(1) - probabilities_.front() * static_cast<long>(indices.size()));
        return RandomProduct(std::move(blocks), std::move(probabilities));
    }
    std::vector<Matrix<Real>> blocks;
    for (const Matrix<Real>& a : matrices()) blocks.push_back(a.principal(indices));
    return RandomProduct(std::move(blocks), probabilities_);
}

}  // namespace lyapcert
