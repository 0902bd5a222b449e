// Certificates: what they cost to find, to write and to check, and how long they are.
//
//   bench_certificates low                   low dimension
//   bench_certificates gram N SEED           a Gaussian kernel matrix of N random points in the plane, as doubles
//   bench_certificates gradients N D SEED    N random gradients in R^D, as doubles
//   bench_certificates network N             a tanh network with 1001 parameters, trained on N random points
#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include "lyapcert/certificate/certificate.hpp"
#include "lyapcert/checker/checker.hpp"
#include "lyapcert/problem/problem.hpp"
#include "lyapcert/problem/train.hpp"
#include "lyapcert/theorem/certify.hpp"
#include "measure.hpp"
#include "random.hpp"

namespace {

using namespace lyapcert;

double gigabytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / (1024.0 * 1024.0);  // from KiB
}

void head() {
    fmt::print("| problem | width of mu | of lambda | of Lambda_2 | processor seconds, with the certificate | GiB | megabytes | claims | seconds to check |\n"
               "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
}

std::string width_of(const std::optional<Bound>& bound) { return bound ? fmt::format("{:.1e}", bound->enclosure.width_double()) : "-"; }

void row(const std::string& name, const Problem& problem, const Goal& goal, double seconds) {
    CertifyOptions options;
    options.goal = goal;
    options.seconds = seconds;
    options.keep_evidence = true;
    const double before = bench::processor_seconds();
    const Certification found = certify(problem, options);
    const Certificate certificate = make_certificate(problem, found, options.digits);
    const std::string bytes = packed(certificate.text);
    const double used = bench::processor_seconds() - before;
    const double memory = gigabytes();
    const auto start = bench::Clock::now();
    const bool accepted = checker::check(certificate.text).accepted();
    fmt::print("| {} | {} | {:.1e} | {} | {:.1f} | {:.1f} | {:.1f} | {}{} | {:.2f} |\n", name, width_of(found.mu), found.lambda.enclosure.width_double(), width_of(found.lambda2), used, memory,
               static_cast<double>(bytes.size()) / 1e6, certificate.claims.size(), accepted ? "" : " NOT ACCEPTED", bench::seconds_since(start));
    std::fflush(stdout);
}

// A .npy file of doubles.
void write_array(const std::string& path, const std::vector<double>& numbers, std::size_t rows, std::size_t columns) {
    std::string header = fmt::format("{{'descr': '<f8', 'fortran_order': False, 'shape': ({}, {}), }}", rows, columns);
    while ((header.size() + 11) % 64 != 0) header += ' ';
    header += '\n';
    std::ofstream file(path, std::ios::binary);
    file.write("\x93NUMPY\x01\x00", 8);
    const char length[2] = {static_cast<char>(header.size() % 256), static_cast<char>(header.size() / 256)};
    file.write(length, 2);
    file << header;
    file.write(reinterpret_cast<const char*>(numbers.data()), static_cast<std::streamsize>(numbers.size() * sizeof(double)));
}

// In a folder of its own, which goes when it is done.
void from_file(const std::string& name, const char* table, const char* rate, const std::vector<double>& numbers, std::size_t rows, std::size_t columns) {
    const std::filesystem::path folder = std::filesystem::temp_directory_path() / fmt::format("lyapcert-bench-{}", static_cast<long>(::getpid()));
    std::filesystem::create_directories(folder);
    write_array(folder / "array.npy", numbers, rows, columns);
    const std::string path = folder / "problem.toml";
    std::ofstream(path) << fmt::format("[{}]\nfile = \"array.npy\"\n[training]\nlearning_rate = \"{}\"\n", table, rate);
    const Problem problem = read_problem(path);
    std::filesystem::remove_all(folder);
    row(name, problem, Goal{true, std::nullopt}, 60);
}

std::string rate_for(double largest) { return fmt::format("{:.6f}", 0.9 / largest); }  // eta ||g||^2 < 1

void gram(std::size_t n, unsigned long seed) {
    test::Random random(seed);
    std::vector<double> x(n), y(n), k(n * n);
    for (std::size_t i = 0; i < n; ++i) x[i] = random.uniform(-1.0, 1.0), y[i] = random.uniform(-1.0, 1.0);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) k[i * n + j] = std::exp(-2.0 * std::hypot(x[i] - x[j], y[i] - y[j])) + (i == j ? 0.1 : 0.0);
    from_file(fmt::format("kernel matrix, N = {}", n), "gram", rate_for(1.1).c_str(), k, n, n);
}

void gradients(std::size_t n, std::size_t d, unsigned long seed) {
    test::Random random(seed);
    std::normal_distribution<double> normal;
    std::vector<double> g(n * d);
    double largest = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
        double square = 0.0;
        for (std::size_t a = 0; a < d; ++a) {
            g[i * d + a] = normal(random.engine());
            square += g[i * d + a] * g[i * d + a];
        }
        largest = std::max(largest, square);
    }
    from_file(fmt::format("{} gradients in R^{}", n, d), "gradients", rate_for(largest).c_str(), g, n, d);
}

void network(std::size_t n) {
    test::Random random(2026);
    std::string inputs, targets;
    for (std::size_t i = 0; i < n; ++i) {
        std::string row;
        for (int c = 0; c < 18; ++c) row += fmt::format("{}\"{:.3f}\"", c == 0 ? "" : ", ", random.uniform(-1.0, 1.0));
        inputs += fmt::format("{}[{}]", i == 0 ? "" : ", ", row);
        targets += fmt::format("{}\"{:.3f}\"", i == 0 ? "" : ", ", random.uniform(-1.0, 1.0));
    }
    const std::string text = fmt::format("[network]\nlayers = [18, 50, 1]\nactivation = \"tanh\"\n[data]\ninputs = [{}]\ntargets = [{}]\n[training]\nlearning_rate = \"1/100\"\ninitialisation = \"gaussian\"\n", inputs, targets);
    const Trained trained = train(text, "network", TrainOptions{});
    row(fmt::format("network [18, 50, 1], N = {}, D = 1001", n), parse_problem(trained.text, "network"), Goal{true, std::nullopt}, 60);
}

}  // namespace

int main(int argc, char** argv) {
    const auto is = [&](const char* mode, int arguments) { return argc == 2 + arguments && std::strcmp(argv[1], mode) == 0; };
    const auto size = [&](int at) { return static_cast<std::size_t>(std::strtoul(argv[at], nullptr, 10)); };
    if (is("low", 0)) {
        head();
        row("random Fibonacci, 1e-5", parse_problem("[product]\nmatrices = [[[\"0\", \"1\"], [\"1\", \"1\"]], [[\"0\", \"1\"], [\"1\", \"-1\"]]]\n", "fibonacci"), Goal{false, 1e-5}, 60);
        row("regular minimum, 1e-12", parse_problem("[gram]\nmatrix = [[\"5\", \"-4\"], [\"-4\", \"5\"]]\n[training]\nlearning_rate = \"1/10\"\n", "minimum"), Goal{false, 1e-12}, 60);
    } else if (is("gram", 2)) {
        head();
        gram(size(2), size(3));
    } else if (is("gradients", 3)) {
        head();
        gradients(size(2), size(3), size(4));
    } else if (is("network", 1)) {
        head();
        network(size(2));
    } else {
        fmt::print("bench_certificates low\nbench_certificates gram N SEED\nbench_certificates gradients N D SEED\nbench_certificates network N\n");
        return 2;
    }
}
