// The same work on every processor.
#pragma once

#include <algorithm>
#include <system_error>
#include <thread>
#include <vector>

namespace lyapcert::checker {

template <class Work>
void in_threads(const Work& work) {
    std::vector<std::thread> threads;
    for (unsigned t = 1; t < std::min(16U, std::thread::hardware_concurrency()); ++t) {
        try {
            threads.emplace_back(work);
        } catch (const std::system_error&) {
            break;  // no more threads to be had
        }
    }
    work();
    for (std::thread& t : threads) t.join();
}

}  // namespace lyapcert::checker
