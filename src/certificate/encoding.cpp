#include "certificate/encoding.hpp"

#include <fmt/format.h>

namespace lyapcert::certificate {

std::string hexadecimal(double x) { return fmt::format("{:a}", x); }

std::string hexadecimal(const std::vector<double>& numbers) {
    std::string text;
    for (const double x : numbers) text += (text.empty() ? "" : " ") + hexadecimal(x);
    return text;
}

std::string hexadecimal(const std::string& bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += {digits[byte / 16], digits[byte % 16]};
    }
    return text;
}

std::string dyadic(const Rational& x) {
    const Integer denominator = boost::multiprecision::denominator(x);
    const Integer numerator = abs(boost::multiprecision::numerator(x));
    return (x < 0 ? "-0x" : "0x") + numerator.str(0, std::ios_base::hex) + "p-" + std::to_string(boost::multiprecision::msb(denominator));
}

std::string packed_bits(const std::vector<bool>& bits) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (std::size_t k = 0; k < bits.size(); k += 4) {
        unsigned value = 0;
        for (std::size_t b = 0; b < 4; ++b) value = 2 * value + (k + b < bits.size() && bits[k + b] ? 1 : 0);
        text += digits[value];
    }
    return text;
}

std::vector<double> lower_triangle(const Matrix<double>& a) {
    std::vector<double> result;
    for (std::size_t i = 0; i < a.rows(); ++i)
        for (std::size_t j = 0; j <= i; ++j) result.push_back(a(i, j));
    return result;
}

Json lower_triangle(const Matrix<Rational>& p) {
    Json rows = Json::array();
    for (std::size_t i = 0; i < p.rows(); ++i) {
        Json row = Json::array();
        for (std::size_t j = 0; j <= i; ++j) row.push_back(p(i, j).str());
        rows.push_back(std::move(row));
    }
    return rows;
}

Json family(const RandomProduct& product) {
    Json result{{"probabilities", Json::array()}, {"matrices", Json::array()}};
    for (std::size_t k = 0; k < product.size(); ++k) {
        result["probabilities"].push_back(product.probabilities()[k].str());
        const Matrix<Real>& a = product.matrices()[k];
        Json rows = Json::array();
        for (std::size_t i = 0; i < a.rows(); ++i) {
            Json row = Json::array();
            for (std::size_t j = 0; j < a.columns(); ++j) {
                const Real& x = a(i, j);
                if (x.is_rational()) {
                    row.push_back(x.rational().str());
                } else {
                    const Interval enclosure = x.interval();
                    row.push_back(Json{hexadecimal(enclosure.lower()), hexadecimal(enclosure.upper())});
                }
            }
            rows.push_back(std::move(row));
        }
        result["matrices"].push_back(std::move(rows));
    }
    return result;
}

}  // namespace lyapcert::certificate
