#include "cli/program.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <new>
#include <utility>
#include <vector>

#include "cli/command.hpp"
#include "cli/output.hpp"
#include "lyapcert/numeric/rounding.hpp"
#include "lyapcert/problem/input_error.hpp"

namespace lyapcert {

namespace {

// In the order of --help.
const Command* const commands[] = {&certify_command, &threshold_command, &hypotheses_command, &check_command, &table_command, &train_command, &track_command,
                                   &export_command};

int run(int argc, char** argv) {
    CLI::App app{"Proved enclosures of the Lyapunov exponents of (stochastic) gradient descent at a global minimum,\n"
                 "the hypotheses of the theorems that use their signs, and the verdict."};
    app.name("lyapcert");
    app.require_subcommand(1);
    app.set_version_flag("--version", "lyapcert 0.1.0");
    app.footer("Exit status: 0 the goal was reached, 1 undecided within the budget, 2 bad input or misuse,\n3 internal failure of a self-check.");
    std::vector<std::pair<CLI::App*, Command::Run>> prepared;
    for (const Command* command : commands) {
        CLI::App* parser = app.add_subcommand(command->name, command->about);
        prepared.emplace_back(parser, command->prepare(*parser));
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& success) {  // --help, --version
        return app.exit(success);
    } catch (const CLI::ParseError& error) {
        throw Misuse(std::string(error.what()) + "; see lyapcert --help");
    }
    for (const auto& [parser, command] : prepared)
        if (parser->parsed()) return command();
    return bad_input;  // not reached: one command is required
}

int refused(int status, const char* what) {
    fmt::print(stderr, "lyapcert: {}\n", what);
    return status;
}

}  // namespace

int run_program(int argc, char** argv) {
    try {
        self_test_rounding();
        return run(argc, argv);
    } catch (const Misuse& error) {
        return refused(bad_input, error.what());
    } catch (const InputError& error) {
        return refused(bad_input, error.what());
    } catch (const OutputError& error) {
        return refused(bad_input, error.what());
    } catch (const std::bad_alloc&) {
        return refused(internal_failure, "out of memory");
    } catch (const std::exception& error) {
        return refused(internal_failure, ("internal failure: " + std::string(error.what())).c_str());
    }
}

}  // namespace lyapcert
