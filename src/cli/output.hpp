// Writing results so that no reader ever sees half of one.
#pragma once

#include <stdexcept>
#include <string>

namespace lyapcert {

class OutputError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// Throws OutputError when write_file_atomically could not succeed: to be asked before the work is done, not after.
void require_writable(const std::string& path);
// Writes to a temporary file beside `path` and renames it; a device or a pipe is written to as it is. Throws OutputError with the path and
// the reason.
void write_file_atomically(const std::string& path, const std::string& content);
// To that file, or to standard output where `path` is empty.
void write_result(const std::string& path, const std::string& content);

}  // namespace lyapcert
