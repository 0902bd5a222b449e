// What a bound that searches is told: when to stop, how long it may take, whom to tell.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

namespace lyapcert {

struct SearchControl {
    // Is this enclosure [lower, upper] of the exponent good enough?
    std::function<bool(double lower, double upper)> satisfied = [](double, double) { return false; };
    std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    std::size_t memory_bytes = std::size_t{4} << 30;
    bool keep_evidence = false;  // return what a certificate needs
    std::function<void(const std::string&)> progress = [](const std::string&) {};
};

}  // namespace lyapcert
