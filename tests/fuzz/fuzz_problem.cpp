// Whatever the bytes are, the reader of problem files answers with a problem or with an InputError of one line. What it accepts is
// well-formed: the floors above rely on that.
#include <cstdint>
#include <cstdlib>

#include "lyapcert/problem/data_file.hpp"
#include "lyapcert/problem/problem.hpp"

namespace {

void demand(bool ok) {
    if (!ok) std::abort();
}

void require_well_formed(const lyapcert::Problem& problem) {
    using Kind = lyapcert::Problem::Kind;
    if (problem.kind == Kind::product) {
        demand(!problem.matrices.empty() && problem.matrices.size() == problem.probabilities.size());
        lyapcert::Rational sum = 0;
        for (const lyapcert::Rational& p : problem.probabilities) {
            demand(p > 0);
            sum += p;
        }
        demand(sum == 1);
        for (const auto& a : problem.matrices) demand(a.rows() == a.columns() && a.rows() == problem.matrices[0].rows() && a.rows() > 0);
        return;
    }
    const std::size_t n = problem.data_points;
    demand(n > 0 && problem.gram.rows() == n && problem.gram.columns() == n && problem.scaled_gram.rows() == n && problem.scaled_gram.columns() == n);
    demand(problem.sampling.batch_size >= 1 && problem.sampling.batch_size <= n);
    demand(problem.learning_rate.has_value() && problem.learning_rate->is_positive() != lyapcert::Ternary::no);
    for (std::size_t i = 0; i < n; ++i) demand(!(problem.gram(i, i).is_rational() && problem.gram(i, i).rational() < 0));
}

// The same bytes as a data file of every format.
void read_as_data(const std::string& bytes) {
    for (const char* file : {"fuzz.csv", "fuzz.json", "fuzz.npy", "fuzz.npz", "fuzz.safetensors"}) {
        try {
            const lyapcert::DataFile data = lyapcert::DataFile::parse(bytes, file);
            for (const std::string& name : data.names()) {
                const lyapcert::DataArray array = data.array(name);
                std::size_t count = 1;
                for (const std::size_t extent : array.shape) count *= extent;
                demand(array.size() == count && count > 0);
            }
        } catch (const lyapcert::InputError& error) {
            const std::string message = error.what();
            demand(message.rfind(file, 0) == 0 && message.find('\n') == std::string::npos);
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    read_as_data(text);
    try {
        require_well_formed(lyapcert::parse_problem(text, "fuzz"));
    } catch (const lyapcert::InputError& error) {
        const std::string message = error.what();
        demand(message.rfind("fuzz", 0) == 0 && message.find('\n') == std::string::npos);
    }
    return 0;
}
