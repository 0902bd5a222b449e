// Weights as text, alone and in a problem file.
#pragma once

#include <string>
#include <vector>

#include "problem/document.hpp"

namespace lyapcert::training {

// A list [W1, b1, W2, ...] in the shortest decimals that denote these doubles: JSON, and TOML.
std::string weights_text(const Network& network, const std::vector<double>& w);
// The text of the document with these weights as its [minimum], in place of the one it may have. Throws InputError.
std::string text_with_minimum(const Document& document, const std::string& text, const std::string& comment, const std::vector<double>& w);

}  // namespace lyapcert::training
