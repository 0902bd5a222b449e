// Pieces of messages.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace lyapcert {

// One printable line of at most `limit` characters.
std::string one_line(const std::string& text, std::size_t limit = 400);

// "[2]"
std::string index(std::size_t i);

// "1 entry", "3 entries"
std::string counted(std::size_t n, const std::string& one, const std::string& many);

// "a, b, c"; of more than `most` names the first ones and "...".
std::string listed(const std::vector<std::string>& names, std::size_t most = 1000);

}  // namespace lyapcert
