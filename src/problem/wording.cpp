#include "problem/wording.hpp"

namespace lyapcert {

std::string one_line(const std::string& text, std::size_t limit) {
    std::string result = text.size() <= limit ? text : text.substr(0, limit);
    if (text.size() > limit) {
        // Not in the middle of a UTF-8 sequence.
        while (!result.empty() && (static_cast<unsigned char>(text[result.size()]) & 0xC0U) == 0x80U) result.pop_back();
        result += "...";
    }
    for (char& c : result) {
        const auto code = static_cast<unsigned char>(c);
        if (code < 0x20 || code == 0x7F) c = ' ';
    }
    return result;
}

std::string index(std::size_t i) { return "[" + std::to_string(i) + "]"; }

std::string counted(std::size_t n, const std::string& one, const std::string& many) { return std::to_string(n) + " " + (n == 1 ? one : many); }

std::string listed(const std::vector<std::string>& names, std::size_t most) {
    std::string result;
    for (std::size_t k = 0; k < names.size() && k < most; ++k) result += (k == 0 ? "" : ", ") + names[k];
    return names.size() > most ? result + ", ..." : result;
}

}  // namespace lyapcert
