// Weights in files, as PyTorch and NumPy users have them.
#include <catch2/catch.hpp>
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>

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

std::string refusal(const std::string& path, const Network& net, const std::vector<std::string>& names = {}) {
    try {
        weights_in_file(path, net, names);
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

TEST_CASE("weights among other arrays") {
    const Folder folder;
    const Network net = network({2, 2, 1});
    const std::vector<Tensor> layers = {{"0.bias", {2}, {5, 6}}, {"0.weight", {2, 2}, {1, 2, 3, 4}}, {"2.bias", {1}, {9}}, {"2.weight", {1, 2}, {7, 8}}};
    const auto with = [&](std::vector<Tensor> more) {
        more.insert(more.end(), layers.begin(), layers.end());
        return folder.write("more.safetensors", safetensors(more));
    };
    const float nan = std::numeric_limits<float>::quiet_NaN();
    // Normalisation and its statistics, counters, empty arrays, images, NaN: nothing that names pair like a layer.
    CHECK(weights_in_file(with({{"1.weight", {2}, {1, 1}}, {"1.bias", {2}, {0, 0}}, {"1.running_mean", {2}, {nan, 1}}, {"1.num_batches_tracked", {}, {3}}, {"empty", {0}, {}},
                                {"image", {1, 1, 2, 2}, {0, 0, 0, 0}}, {"buffer", {2, 2}, {0, 0, 0, 0}}}), net) == counted);
    CHECK(weights_in_file(folder.write("a.json", R"({"epoch": 12, "note": "best", "losses": [3, 2, 1], "W1": [[1, 2], [3, 4]], "b1": [5, 6], "W2": [[7, 8]], "b2": [9], "done": [true]})"), net) == counted);
    CHECK(weights_in_file(folder.write("b.json", R"({"dense/kernel:0": [[1, 2], [3, 4]], "dense/bias:0": [5, 6], "dense_1/kernel:0": [[7, 8]], "dense_1/bias:0": [9], "lr": 0.1, "x": [1]})"), net) == counted);
    // Types that are not read, beside arrays that are found by dimension alone.
    const std::string header = R"({"A":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},)"
                               R"("mask":{"dtype":"BOOL","shape":[2],"data_offsets":[8,10]},"step":{"dtype":"I64","shape":[1],"data_offsets":[10,18]}})";
    const std::uint64_t size = header.size();
    const float values[2] = {3, 4};
    const std::string bytes = std::string(reinterpret_cast<const char*>(&size), 8) + header + std::string(reinterpret_cast<const char*>(values), 8) + std::string(10, '\1');
    CHECK(weights_in_file(folder.write("mask.safetensors", bytes), network({1, 1})) == std::vector<Rational>{3, 4});
    CHECK_THAT(refusal(folder.write("mask.safetensors", bytes), network({1, 2, 1})), Catch::Contains("'mask' 2 (BOOL), 'step' 1 (I64)"));

    // Two choices: named, or refused with what there is.
    const std::string two = with({{"head.weight", {1, 2}, {0, 0}}, {"head.bias", {1}, {0}}});
    CHECK_THAT(refusal(two, net), Catch::Contains("several choices of its arrays fit") && Catch::Contains("arrays = [") && Catch::Contains("'head.weight' 1 x 2"));
    CHECK(weights_in_file(two, net, {"0.weight", "0.bias", "2.weight", "2.bias"}) == counted);
    CHECK(weights_in_file(two, net, {"0.weight", "2.weight", "0.bias", "2.bias"}) == counted);
    CHECK_THAT(refusal(two, net, {"0.weight", "0.bias", "3.weight", "2.bias"}), Catch::Contains("has no array '3.weight'; found: 'head.weight' 1 x 2"));
    CHECK_THAT(refusal(two, net, {"0.weight", "0.bias", "2.weight", "2.weight"}), Catch::Contains("chosen twice"));
    CHECK_THAT(refusal(two, net, {"0.weight", "0.bias", "2.weight"}), Catch::Contains("of the arrays chosen, it holds 2 matrices and 1 vector; expected 2 and 2"));
    CHECK_THAT(refusal(with({{"image", {1, 1, 2, 2}, {0, 0, 0, 0}}}), net, {"image", "0.bias", "2.weight", "2.bias"}), Catch::Contains("'image' is 1 x 1 x 2 x 2") && Catch::Contains("expected the numbers of a matrix"));
    // Statistics under names that say nothing.
    CHECK_THAT(refusal(folder.write("c.json", R"({"a": [[1, 2], [3, 4]], "m": [5, 6], "n": [5, 6], "c": [[7, 8]], "d": [9]})"), net),
               Catch::Contains("holds 2 matrices and 3 vectors; expected 2 and 2") && Catch::Contains("arrays = [") && Catch::Contains("found: 'a' 2 x 2, 'm' 2"));
    // A bias is not dropped in silence.
    Network unbiased = net;
    unbiased.bias = false;
    CHECK_THAT(refusal(with({}), unbiased), Catch::Contains("holds 2 matrices and 2 vectors; expected 2 and 0"));
    CHECK(weights_in_file(with({}), unbiased, {"0.weight", "2.weight"}).size() == 6);
}

TEST_CASE("kernels that are transposed") {
    const Folder folder;
    const std::string path = folder.write("k.json", R"({"dense/kernel:0": [[1, 3, 5], [2, 4, 6]], "dense/bias:0": [5, 6, 7], "dense_1/kernel:0": [[7], [8], [9]], "dense_1/bias:0": [9]})");
    CHECK_THAT(refusal(path, network({2, 3, 1})), Catch::Contains("'dense/kernel:0' is 2 x 3; expected 3 x 2, outputs x inputs: transposed it fits (Keras"));
}

TEST_CASE("JSON, with names or as a list") {
    const Folder folder;
    const Network net = network({2, 2, 1});
    CHECK(weights_in_file(folder.write("a.json", R"({"2.weight": [[7, 8]], "0.weight": [[1, 2], [3, 4]], "0.bias": [5, 6], "2.bias": [9]})"), net) == counted);
    CHECK(weights_in_file(folder.write("b.json", "[[[1, 2], [3, 4]], [5, 6], [[7, 8]], [9]]"), net) == counted);
    // Names in an order of their own: the shapes decide.
    CHECK(weights_in_file(folder.write("c.json", R"({"input": [[1, 2], [3, 4]], "bi": [5, 6], "final": [[7, 8]], "b": [9]})"), net) == counted);
    CHECK_THAT(refusal(folder.write("d.json", R"({"a": [[1, 2], [3, 4]], "b": [5, 6]})"), net), Catch::Contains("holds 1 matrix and 1 vector; expected 2 and 2"));
    CHECK_THAT(refusal(folder.write("e.json", "[[[1, 2, 0], [3, 4, 0]], [5, 6], [[7, 8]], [9]]"), net), Catch::Contains("is 2 x 3; expected 2 x 2"));
    CHECK_THAT(refusal(folder.write("f.json", "[[[1, 2], [3]], [5, 6], [[7, 8]], [9]]"), net), Catch::Contains("different length"));
    CHECK_THAT(refusal(folder.write("g.json", "[[[1, NaN], [3, 4]], [5, 6], [[7, 8]], [9]]"), net), Catch::Contains("not JSON"));
    // Beyond the range of doubles, and in quotes: exactly.
    std::vector<Rational> large = counted;
    large[1] = pow(Integer(10), 999);
    large[2] = Rational(1, 3);
    CHECK(weights_in_file(folder.write("h.json", R"([[[1, 1e999], ["1/3", 4]], [5, 6], [[7, 8]], [9]])"), net) == large);
    CHECK_THAT(refusal(folder.write("h.json", R"([[[1, "x"], [3, 4]], [5, 6], [[7, 8]], [9]])"), net), Catch::Contains("holds what is no number: 'x'"));
    CHECK_THAT(refusal(folder.write("h.json", "[[[1, 01e999], [3, 4]], [5, 6], [[7, 8]], [9]]"), net), Catch::Contains("not JSON"));
    CHECK_THAT(refusal(folder.write("h.json", "[[[1, 1e999999], [3, 4]], [5, 6], [[7, 8]], [9]]"), net), Catch::Contains("exponent beyond 100000"));
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
    // Beside what the training left there.
    CHECK(read_problem(folder.write("named.toml", head + "weights = { file = \"w.safetensors\", arrays = [\"0.weight\", \"0.bias\", \"2.weight\", \"2.bias\"] }\n")).minimum.proved);
    CHECK_THAT(refused(head + "weights = { file = \"w.safetensors\", arrays = [\"0.weight\", \"1.bias\"] }\n"), Catch::Contains("bad.toml:10") && Catch::Contains("no array '1.bias'"));
    CHECK_THAT(refused(head + "weights = { file = \"w.safetensors\", arrays = [1] }\n"), Catch::Contains("minimum.weights.arrays[0]"));
    CHECK_THAT(refused(head + "weights = { file = \"nowhere.npz\" }\n"), Catch::Contains("bad.toml:10") && Catch::Contains("nowhere.npz"));
    // Beside what the training left there.
    CHECK(read_problem(folder.write("named.toml", head + "weights = { file = \"w.safetensors\", arrays = [\"0.weight\", \"0.bias\", \"2.weight\", \"2.bias\"] }\n")).minimum.proved);
    CHECK_THAT(refused(head + "weights = { file = \"w.safetensors\", arrays = [\"0.weight\", \"1.bias\"] }\n"), Catch::Contains("bad.toml:10") && Catch::Contains("no array '1.bias'"));
    CHECK_THAT(refused(head + "weights = { file = \"w.safetensors\", arrays = [1] }\n"), Catch::Contains("minimum.weights.arrays[0]"));
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
