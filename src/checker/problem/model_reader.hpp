// [model] and [network]: the minimum, the gradients there and their Gram matrix.
#pragma once

#include "checker/problem/problem.hpp"
#include "checker/problem/toml_reader.hpp"

namespace lyapcert::checker {

// Fill the problem. `files`: what the data files hold; `centre`: of T41. Throw Refused.
void read_model(const toml::table& root, Problem& problem, long bits, const std::vector<Data>& files, const std::optional<std::vector<Rational>>& centre);
void read_network(const toml::table& root, Problem& problem, long bits, const std::vector<Data>& files, const std::optional<std::vector<Rational>>& centre);

}  // namespace lyapcert::checker
