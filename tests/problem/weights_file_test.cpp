// Weights in files, as PyTorch and NumPy users have them.
#include <catch2/catch.hpp>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "lyapcert/problem/checkpoint.hpp"
#include "lyapcert/problem/problem.hpp"
#include "lyapcert/problem/train.hpp"
#include "problem/weights_file.hpp"

using namespace lyapcert;
namespace fs = std::filesystem;

namespace {

class Folder {
  public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "lyapcert-weights-XXXXXX").string();
        path_ = mkdtemp(name.data());
    }
    ~Folder() { fs::remove_all(path_); }
    std::string write(const std::string& name, const std::string& content) const {
        std::ofstream(path_ / name, std::ios::binary) << content;
        return (path_ / name).string();
    }

  private:
    fs::path path_;
};

struct Tensor {
    std::string name;
    std::vector<std::size_t> shape;
    std::vector<float> values;
};

std::string safetensors(const std::vector<Tensor>& tensors) {
    std::string header = "{";
    std::string data;
    for (const Tensor& t : tensors) {
        std::string shape;
        for (const std::size_t n : t.shape) shape += (shape.empty() ? "" : ",") + std::to_string(n);
        header += (header.size() > 1 ? ",\"" : "\"") + t.name + "\":{\"dtype\":\"F32\",\"shape\":[" + shape + "],\"data_offsets\":[" + std::to_string(data.size()) + ",";
        data.append(reinterpret_cast<const char*>(t.values.data()), 4 * t.values.size());
        header += std::to_string(data.size()) + "]}";
    }
    header += "}";
    const std::uint64_t size = header.size();
    return std::string(reinterpret_cast<const char*>(&size), 8) + header + data;
}

Network network(std::vector<std::size_t> widths) {
    Network net;
    net.widths = std::move(widths);
    net.activations.assign(net.widths.size() - 1, Activation::tanh);
    net.frozen.assign(net.activations.size(), false);
    return net;
}

std::string refusal(const std::string& path, const Network& net) {
    try {
        weights_in_file(path, net);
    } catch (const InputError& error) {
        return error.what();
    }
    return "accepted";
}

// 2-2-1 with the weights 1, 2, 3, ... in our order.
const std::vector<Rational> counted = {1, 2, 3, 4, 5, 6, 7, 8, 9};

}  // namespace

TEST_CASE("safetensors, as PyTorch saves a Sequential: names sorted, biases first") {
    const Folder folder;
    const std::string path = folder.write("w.safetensors", safetensors({{"0.bias", {2}, {5, 6}}, {"0.weight", {2, 2}, {1, 2, 3, 4}}, {"2.bias", {1}, {9}}, {"2.weight", {1, 2}, {7, 8}}}));
    CHECK(weights_in_file(path, network({2, 2, 1})) == counted);
    // Ten layers: "10.weight" comes after "2.weight".
    std::vector<Tensor> deep;
    for (int l = 0; l < 12; ++l) {
        deep.push_back({std::to_string(2 * l) + ".weight", {1, 1}, {static_cast<float>(2 * l + 1)}});
        deep.push_back({std::to_string(2 * l) + ".bias", {1}, {static_cast<float>(2 * l + 2)}});
    }
    std::sort(deep.begin(), deep.end(), [](const Tensor& a, const Tensor& b) { return a.name < b.name; });
    const std::vector<Rational> w = weights_in_file(folder.write("deep.safetensors", safetensors(deep)), network(std::vector<std::size_t>(13, 1)));
    for (std::size_t k = 0; k < w.size(); ++k) CHECK(w[k] == static_cast<int>(k + 1));
}

TEST_CASE("JSON, with names or as a list") {
    const Folder folder;
    const Network net = network({2, 2, 1});
    CHECK(weights_in_file(folder.write("a.json", R"({"2.weight": [[7, 8]], "0.weight": [[1, 2], [3, 4]], "0.bias": [5, 6], "2.bias": [9]})"), net) == counted);
    CHECK(weights_in_file(folder.write("b.json", "[[[1, 2], [3, 4]], [5, 6], [[7, 8]], [9]]"), net) == counted);
    // Names in an order of their own: the shapes decide.
    CHECK(weights_in_file(folder.write("c.json", R"({"input": [[1, 2], [3, 4]], "bi": [5, 6], "final": [[7, 8]], "b": [9]})"), net) == counted);
    CHECK_THAT(refusal(folder.write("d.json", R"({"a": [[1, 2], [3, 4]], "b": [5, 6]})"), net), Catch::Contains("holds 1 matrices and 1 vectors; expected 2 and 2"));
    CHECK_THAT(refusal(folder.write("e.json", "[[[1, 2, 0], [3, 4, 0]], [5, 6], [[7, 8]], [9]]"), net), Catch::Contains("is 2 x 3; expected 2 x 2"));
    CHECK_THAT(refusal(folder.write("f.json", "[[[1, 2], [3]], [5, 6], [[7, 8]], [9]]"), net), Catch::Contains("different length"));
    CHECK_THAT(refusal(folder.write("g.json", "[[[1, NaN], [3, 4]], [5, 6], [[7, 8]], [9]]"), net), Catch::Contains("not JSON"));
    CHECK_THAT(refusal(folder.write("h.json", "[[[1, 1e999], [3, 4]], [5, 6], [[7, 8]], [9]]"), net), Catch::Contains("json"));
    CHECK_THAT(refusal(folder.write("i.json", "3"), net), Catch::Contains("holds no arrays"));
    CHECK_THAT(refusal(folder.write("j.json", R"([["x"]])"), net), Catch::Contains("no number"));
    CHECK_THAT(refusal(folder.write("k.json", "[[1, [2]], [5, 6], [[7, 8]], [9]]"), net), Catch::Contains("rows of"));
    CHECK_THAT(refusal("/nowhere/w.json", net), Catch::Contains("cannot be read"));
    CHECK_THAT(refusal("/nowhere/w.npz", net), Catch::Contains("w.npz"));
}

TEST_CASE("a problem with its weights in a file") {
    const Folder folder;
    const std::string head = "[network]\nlayers = [1, 2, 1]\nactivation = \"tanh\"\n[data]\ninputs = [[\"1\"], [\"-1/2\"]]\ntargets = [\"0.3\", \"-0.4\"]\n[training]\nlearning_rate = \"1/2\"\n[minimum]\n";
    folder.write("w.safetensors", safetensors({{"0.bias", {2}, {-0.03366883450350576F, 0.4529817868545807F}},
                                               {"0.weight", {2, 1}, {0.7659057397884144F, 1.1346730794963105F}},
                                               {"2.bias", {1}, {-0.07832809425591145F}},
                                               {"2.weight", {1, 2}, {0.867594163053136F, -0.17767708676577348F}}}));
    const Problem p = read_problem(folder.write("problem.toml", head + "weights = { file = \"w.safetensors\" }\n"));
    CHECK(p.minimum.kind == Minimum::Kind::near);
    CHECK(p.minimum.proved);
    CHECK(p.minimum.given_in_file);
    CHECK(p.minimum.centre(128).size() == 7);
    const auto refused = [&](const std::string& text) {
        try {
            read_problem(folder.write("bad.toml", text));
        } catch (const InputError& error) {
            return std::string(error.what());
        }
        return std::string("accepted");
    };
    CHECK_THAT(refused(head + "weights = { file = \"nowhere.npz\" }\n"), Catch::Contains("bad.toml:10") && Catch::Contains("nowhere.npz"));
    CHECK_THAT(refused(head + "weights = { fil = \"w.safetensors\" }\n"), Catch::Contains("unknown key 'fil'"));
    std::string frozen = head;
    frozen.replace(frozen.find("[data]"), 6, "frozen = [1]\n[data]");
    CHECK_THAT(refused(frozen + "weights = { file = \"w.safetensors\" }\n"), Catch::Contains("frozen"));
}

TEST_CASE("checkpoints: the Gram matrix at the weights, exactly where they are") {
    const Folder folder;
    const std::string text = "[network]\nlayers = [2, 2, 1]\nactivation = ['square', 'linear']\n[data]\ninputs = [['1', '1/2'], ['-1/2', '1']]\ntargets = ['1', '2']\n[training]\nlearning_rate = '1/3'\n";
    const std::string path = folder.write("w.json", "[[[1, -2], [0.5, 3]], [0.25, -1], [[2, -0.75]], [1]]");
    const Checkpoint checkpoint = read_checkpoint(text, "test", path);
    Network net = network({2, 2, 1});
    net.activations = {Activation::square, Activation::linear};
    const std::vector<Rational> w = weights_in_file(path, net);
    const std::vector<std::vector<Rational>> inputs = {{Rational(1), Rational(1, 2)}, {Rational(-1, 2), Rational(1)}};
    for (std::size_t i = 0; i < 2; ++i)
        for (std::size_t j = 0; j < 2; ++j) {
            const auto a = differentiate(net, w, inputs[i], Rational(0));
            const auto b = differentiate(net, w, inputs[j], Rational(0));
            Rational exact = 0;
            for (std::size_t p = 0; p < 9; ++p) exact += a.gradient[p] * b.gradient[p];
            CHECK(contains(checkpoint.problem.gram(i, j).at(128), exact));
            CHECK(contains(checkpoint.problem.scaled_gram(i, j).at(128), exact / 3));
        }
    CHECK_FALSE(checkpoint.problem.minimum.proved);
    // What training leaves on its way can be read again.
    long seen = 0;
    const Observer observer{5, [&](long step, const std::string& weights) {
                                CHECK(step == 5 * seen++);
                                CHECK(weights_in_file(folder.write("step.json", weights), net).size() == 9);
                            }};
    TrainOptions options;
    options.steps = 20;
    options.learning_rate = 0.001;
    train(text, "test", options, observer);
    CHECK(seen == 5);
    CHECK_THROWS_AS(read_checkpoint("[gram]\nmatrix = [[1]]\n[training]\nlearning_rate = 1\n", "test", path), InputError);
}
