// Suggestions for misspelt names.
#pragma once

#include <string>
#include <vector>

namespace lyapcert {

// The candidate nearest to the word in edit distance (insertions, deletions, changes, swaps of neighbours), or "" when
// none is near.
std::string nearest_name(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace lyapcert
