#include "checker/numbers/doubles.hpp"

#include <cmath>
#include <cstdlib>

#include "checker/numbers/number.hpp"

namespace lyapcert::checker {

std::vector<double> parse_doubles(const std::string& text, std::size_t count, const std::string& name) {
    charge(10.0 * static_cast<double>(text.size()));
    std::vector<double> numbers;
    const char* at = text.c_str();
    for (;;) {
        char* end = nullptr;
        const double x = std::strtod(at, &end);
        if (end == at) break;
        if (!(std::fabs(x) <= largest_double)) throw Refused(name + ": a number is larger than 2^40");
        if (numbers.size() == count) throw Refused(name + ": the list of numbers is too long");
        numbers.push_back(std::fabs(x) < smallest_double ? 0.0 : x);
        at = end;
    }
    if (static_cast<std::size_t>(at - text.c_str()) != text.size() || numbers.size() != count) throw Refused(name + ": the list of numbers has the wrong length");
    return numbers;
}

}  // namespace lyapcert::checker
