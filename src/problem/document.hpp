// A problem file as it stands, before any mathematics: keys checked, numbers parsed, lines remembered.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "lyapcert/problem/data_file.hpp"
#include "lyapcert/problem/expression.hpp"
#include "lyapcert/problem/network.hpp"
#include "lyapcert/problem/problem.hpp"

namespace lyapcert {

struct Document {
    std::string file;
    std::string title;
    Problem::Kind kind = Problem::Kind::gram;

    // [model]; the symbols of `output` are the parameters followed by the inputs.
    std::vector<std::string> parameters;
    std::vector<std::string> inputs;
    std::optional<Expression> output;
    std::vector<std::vector<Expression>> data_inputs;  // one row per data point
    std::optional<std::vector<Expression>> targets;    // none: z_i := F(x*, y_i)
    std::vector<Expression> minimum;                   // one value per parameter

    // [network]: the data as above, and the weights exactly as given.
    std::optional<Network> network;
    std::vector<Rational> weights;
    std::vector<std::string> weight_arrays;  // those of the weights file that are named; empty: all that fit
    bool weights_from_file = false;  // then they are a place to start from, and no part of the problem

    // [model] with an approximate minimum, kind = "near": the values are rational.
    bool near = false;

    std::vector<std::vector<Expression>> rows;  // of [gradients] or [gram], unless they are in a file
    std::optional<DataArray> file_rows;         // two-dimensional
    std::optional<Rational> radius;             // of every number in the file; none: they are exact
    std::vector<DataSource> data;
    std::vector<std::vector<std::vector<Expression>>> matrices;
    std::vector<Expression> probabilities;  // empty: uniform

    // [training]: one expression, or two for the ends of an interval.
    std::vector<Expression> learning_rate;
    std::string learning_rate_text;
    std::optional<long long> batch_size;
    std::string initialisation;

    std::map<std::string, std::size_t> lines;  // of keys and array elements, "data.inputs[2][0]"

    // Throws InputError "file:line: key: message"; a key without a line takes that of the nearest enclosing one.
    [[noreturn]] void fail(const std::string& key, const std::string& message) const;
};

// `untrained`: a network may come without its [minimum].
Document read_document(const std::string& text, const std::string& file, bool untrained = false);

}  // namespace lyapcert
