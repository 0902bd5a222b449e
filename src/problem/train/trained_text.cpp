#include "problem/train/trained_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace lyapcert::training {

namespace {

// Without its table [minimum].
std::string without_minimum(const Document& document, const std::string& text) {
    const auto own = document.lines.find("minimum");
    if (own == document.lines.end()) return text;
    std::size_t end = std::string::npos;
    for (const char* other : {"network", "data", "training", "title"}) {
        const auto at = document.lines.find(other);
        if (at != document.lines.end() && at->second > own->second) end = std::min(end, at->second);
    }
    std::istringstream lines(text);
    std::string result;
    std::string line;
    for (std::size_t k = 1; std::getline(lines, line); ++k) {
        if (k == own->second && line.rfind("[minimum]", 0) != 0) document.fail("minimum", "cannot be replaced; expected a line [minimum] of its own");
        if (k < own->second || k >= end) result += line + "\n";
    }
    return result;
}

}  // namespace

std::string weights_text(const Network& network, const std::vector<double>& w) {
    std::string text = "[";
    std::size_t k = 0;
    const auto row = [&](std::size_t size) {
        std::string line = "[";
        for (std::size_t j = 0; j < size; ++j) line += fmt::format("{}{}", j == 0 ? "" : ", ", w[k++]);
        return line + "]";
    };
    for (std::size_t l = 0; l < network.layers(); ++l) {
        text += l == 0 ? "\n  [" : ",\n  [";
        for (std::size_t i = 0; i < network.widths[l + 1]; ++i) text += (i == 0 ? "" : ",\n   ") + row(network.widths[l]);
        text += "]";
        if (network.bias) text += ",\n  " + row(network.widths[l + 1]);
    }
    return text + "\n]\n";
}

std::string text_with_minimum(const Document& document, const std::string& text, const std::string& comment, const std::vector<double>& w) {
    std::string body = without_minimum(document, text);
    if (!body.empty() && body.back() != '\n') body += '\n';
    return body + "\n[minimum]  # " + comment + "\nweights = " + weights_text(*document.network, w);
}

}  // namespace lyapcert::training
