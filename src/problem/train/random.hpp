// Random numbers that a seed determines, whatever the library: the standard's distributions differ from one to the next, its engines do not.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>

namespace lyapcert::training {

class Random {
  public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}
    double uniform() { return std::ldexp(static_cast<double>(engine_() >> 11U), -53); }
    std::size_t below(std::size_t n) { return static_cast<std::size_t>(uniform() * static_cast<double>(n)); }
    double normal() {  // Marsaglia's polar method
        for (;;) {
            const double x = 2.0 * uniform() - 1.0;
            const double y = 2.0 * uniform() - 1.0;
            const double s = x * x + y * y;
            if (s > 0.0 && s < 1.0) return x * std::sqrt(-2.0 * std::log(s) / s);
        }
    }

  private:
    std::mt19937_64 engine_;
};

}  // namespace lyapcert::training
