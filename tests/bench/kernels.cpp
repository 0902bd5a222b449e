// The price of rigour, operation by operation: multiply-adds over vectors that fit in the cache.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "lyapcert/numeric/interval.hpp"

namespace {

using lyapcert::Interval;
using lyapcert::MpInterval;
using lyapcert::Rational;

constexpr std::size_t length = 1024;

template <class T, class Make>
std::vector<T> vector_of(Make make) {
    std::vector<T> x;
    for (std::size_t i = 0; i < length; ++i) x.push_back(make(1.0 + static_cast<double>(i % 7) / 8));
    return x;
}

template <class T>
void dot(benchmark::State& state, const std::vector<T>& x, const T& zero) {
    for (auto _ : state) {
        T sum = zero;
        for (const T& e : x) sum += e * e;
        benchmark::DoNotOptimize(sum);
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations()) * static_cast<std::int64_t>(length));
}

void plain_double(benchmark::State& state) {
    dot(state, vector_of<double>([](double x) { return x; }), 0.0);
}
void interval_guard_per_operation(benchmark::State& state) {
    dot(state, vector_of<Interval>([](double x) { return Interval(x); }), Interval(0.0));
}
void interval_inside_guard(benchmark::State& state) {
    const lyapcert::RoundUpward guard;
    dot(state, vector_of<Interval>([](double x) { return Interval(x); }), Interval(0.0));
}
void mpfr_128_bits(benchmark::State& state) {
    dot(state, vector_of<MpInterval>([](double x) { return MpInterval(x, x, 128); }), MpInterval(128));
}
void exact_rational(benchmark::State& state) {
    dot(state, vector_of<Rational>([](double x) { return lyapcert::rational_from_double(x); }), Rational(0));
}
void interval_logarithm(benchmark::State& state) {
    const auto x = vector_of<Interval>([](double y) { return Interval(y); });
    for (auto _ : state)
        for (std::size_t i = 0; i < 16; ++i) benchmark::DoNotOptimize(log(x[i]));
    state.SetItemsProcessed(16 * static_cast<std::int64_t>(state.iterations()));
}

// A Markdown row for each benchmark, the first one being the unit.
class MarkdownReporter : public benchmark::BenchmarkReporter {
  public:
    bool ReportContext(const Context& /*context*/) override {
        fmt::print("| operation | ns | times the first |\n| --- | --- | --- |\n");
        return true;
    }
    void ReportRuns(const std::vector<Run>& runs) override {
        for (const Run& run : runs) {
            const auto rate = run.counters.find("items_per_second");
            if (rate == run.counters.end()) continue;
            const double nanoseconds = 1e9 / rate->second.value;
            if (unit_ == 0.0) unit_ = nanoseconds;
            std::string name = run.benchmark_name();
            std::replace(name.begin(), name.end(), '_', ' ');
            fmt::print("| {} | {:.3g} | {:.3g} |\n", name, nanoseconds, nanoseconds / unit_);
        }
    }

  private:
    double unit_ = 0.0;
};

}  // namespace

BENCHMARK(plain_double);
BENCHMARK(interval_guard_per_operation);
BENCHMARK(interval_inside_guard);
BENCHMARK(mpfr_128_bits);
BENCHMARK(exact_rational);
BENCHMARK(interval_logarithm);

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    MarkdownReporter reporter;
    benchmark::RunSpecifiedBenchmarks(&reporter);
}
