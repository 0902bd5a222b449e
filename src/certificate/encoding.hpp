// Numbers as a certificate holds them.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "lyapcert/linalg/matrix.hpp"
#include "lyapcert/numeric/rational.hpp"
#include "lyapcert/product/random_product.hpp"

namespace lyapcert::certificate {

using Json = nlohmann::ordered_json;

std::string hexadecimal(double x);                           // 0x1.8p+1
std::string hexadecimal(const std::vector<double>& numbers);  // separated by blanks
std::string hexadecimal(const std::string& bytes);           // two digits each
std::string dyadic(const Rational& x);                       // 0x1ap-7; the denominator is a power of two
std::string packed_bits(const std::vector<bool>& bits);      // four a digit, the first one highest
// Row by row, up to the diagonal.
std::vector<double> lower_triangle(const Matrix<double>& a);
Json lower_triangle(const Matrix<Rational>& p);
// {"probabilities", "matrices"}; an entry that is not rational is a pair of hexadecimal floats.
Json family(const RandomProduct& product);

}  // namespace lyapcert::certificate
