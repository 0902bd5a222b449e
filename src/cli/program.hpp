// The program `lyapcert`.
#pragma once

namespace lyapcert {

// Exit status: 0 the goal was reached, 1 undecided within the budget, 2 bad input or misuse, 3 failure of a self-check.
int run_program(int argc, char** argv);

}  // namespace lyapcert
