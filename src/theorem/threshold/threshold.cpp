#include "lyapcert/theorem/threshold.hpp"

#include "theorem/threshold/partition.hpp"

namespace lyapcert {

Threshold threshold(const Problem& problem, const ThresholdOptions& options) {
    const auto start = std::chrono::steady_clock::now();
    const Deadline deadline = start + std::chrono::duration_cast<Deadline::duration>(std::chrono::duration<double>(options.seconds));
    if (problem.kind == Problem::Kind::product) throw InputError(problem.file + ": [product]: a general product has no learning rate; thresholds are for minima");
    Threshold result;
    try {
        const NormalSpace space(problem.gram, problem.gram, rank_bound(problem));
        result.gd = thresholds::gd_pieces(space, deadline);
        result.mean_square = thresholds::mean_square_pieces(space, problem.sampling, options, part_of(deadline, 0.25));
        result.sgd = thresholds::sgd_pieces(space, problem.sampling, result.mean_square, options, deadline);
    } catch (const std::invalid_argument& error) {
        throw InputError(problem.file + ": " + error.what());
    }
    result.widest = thresholds::widest_open(result.sgd, options);
    result.reached = result.widest <= options.ratio;
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return result;
}

}  // namespace lyapcert
