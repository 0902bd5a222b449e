// The hypotheses of Theorems A and B of Chemnitz & Engel (2025), each with an honest status.
#pragma once

#include <string>
#include <vector>

#include "lyapcert/problem/problem.hpp"

namespace lyapcert {

enum class Status {
    proved,
    refuted,
    declared,  // H2: the problem file declares an initial law that satisfies it
    assumed,   // the reader must grant it
    undecided  // the enclosures are too wide, or no argument is known
};

const char* to_string(Status status);

struct Hypothesis {
    std::string id;  // "H1", "H2", "H3", "regular(i)", "regular(ii)"
    Status status = Status::undecided;
    std::string reason;  // one line
};

struct Hypotheses {
    std::vector<Hypothesis> list;  // in the order of the ids above
    // ||g_i||^2 != 1/eta for all i is proved: all that the proof of the stable half of Theorem B uses (section 3.6).
    bool steps_invertible = false;
    // "that is Gaussian of full rank", where H2 is declared; else empty.
    std::string initial_law;

    const Hypothesis& operator[](const std::string& id) const;
};

// H1   the gradients are linearly independent at every global minimum
// H2   the law of the initial point is equivalent to Lebesgue measure
// H3   x -> x - eta grad L(x) and every x -> x - eta grad L_i(x) pull null sets back to null sets
// regular (Definition 2.2): (i) ||g_i||^2 is neither 1/eta nor 2/eta; (ii) the graph "<g_i, g_j> != 0" is connected
// Not for a general product.
Hypotheses check_hypotheses(const Problem& problem);

}  // namespace lyapcert
