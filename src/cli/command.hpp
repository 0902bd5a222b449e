// A command of the program: its name, its options, and what it does.
//
// To add one: a file in cli/commands/ that defines it, its declaration at the end of this header, and its place in the table of program.cpp.
#pragma once

#include <functional>
#include <stdexcept>

namespace CLI {
class App;
}

namespace lyapcert {

// Exit statuses.
constexpr int goal_reached = 0;
constexpr int goal_missed = 1;  // undecided within the budget; a claim that is not proved; weights that do not interpolate
constexpr int bad_input = 2;
constexpr int internal_failure = 3;

// Options or arguments that do not go together. what() is one line; the exit status is that of bad input.
class Misuse : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

struct Command {
    using Run = std::function<int()>;  // returns the exit status; may throw InputError, OutputError, Misuse

    const char* name;
    const char* about;           // one line of --help
    Run (*prepare)(CLI::App&);  // adds the options; what it returns is called once they are parsed
};

extern const Command certify_command;
extern const Command hypotheses_command;
extern const Command threshold_command;
extern const Command check_command;
extern const Command table_command;
extern const Command train_command;
extern const Command track_command;
extern const Command export_command;

}  // namespace lyapcert
