#include "checker/initial_law.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace lyapcert::checker {

InitialLaw initial_law(const std::string& declared) {
    static const std::map<std::string, const char*> positive{
        {"gaussian", "that is Gaussian of full rank"},
        {"normal", "that is Gaussian of full rank"},
        {"standard gaussian", "that is standard Gaussian on R^D"},
        {"standard normal", "that is standard Gaussian on R^D"},
        {"isotropic gaussian", "that is Gaussian with a covariance matrix c I, c > 0"},
        {"laplace", "with independent Laplace coordinates"},
        {"cauchy", "with independent Cauchy coordinates"},
        {"logistic", "with independent logistic coordinates"},
    };
    static const std::set<std::string> not_everywhere{"uniform",    "uniform on a box", "xavier uniform",     "glorot uniform", "kaiming uniform", "he uniform",
                                                      "truncated normal", "truncated gaussian", "zero",  "zeros",           "constant",   "orthogonal"};
    std::string law;
    for (const char c : declared) law += c == '_' ? ' ' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const auto at = positive.find(law);
    if (at != positive.end()) return {InitialLaw::Density::positive, at->second};
    return {not_everywhere.count(law) != 0 ? InitialLaw::Density::not_everywhere : InitialLaw::Density::unknown, ""};
}

}  // namespace lyapcert::checker
