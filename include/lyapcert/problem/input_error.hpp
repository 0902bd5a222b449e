#pragma once

#include <stdexcept>

namespace lyapcert {

// Bad input. what() is one line: file, line (and column or key), what is wrong, what is expected.
class InputError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

}  // namespace lyapcert
