#include "lyapcert/problem/checkpoint.hpp"

#include <filesystem>

#include "problem/gram.hpp"
#include "problem/model.hpp"
#include "problem/training.hpp"
#include "problem/weights_file.hpp"

namespace lyapcert {

Checkpoint read_checkpoint(const std::string& text, const std::string& name, const std::string& weights_file) {
    Document document = read_document(text, name, true);
    if (!document.network) document.fail("", "there is nothing to track; expected a problem with [network]");
    for (const bool frozen : document.network->frozen)
        if (frozen) document.fail("network.frozen", "has no place beside checkpoints; expected a network that is trained throughout");
    // Checkpoints of a training run elsewhere have the names that the problem chooses; those that `train` writes have none.
    const bool nameless = std::filesystem::path(weights_file).extension() == ".json";
    document.weights = weights_in_file(weights_file, *document.network, nameless ? std::vector<std::string>{} : document.weight_arrays);
    Checkpoint result;
    const symbolic::AlgebraLock lock;
    result.problem = gram_at_weights(document, result.loss);
    result.problem.file = weights_file;
    read_training(document, result.problem);
    scale_gram(result.problem);
    return result;
}

}  // namespace lyapcert
