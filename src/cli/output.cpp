#include "cli/output.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

namespace lyapcert {

void write_file_atomically(const std::string& path, const std::string& content) {
    const auto fail = [&](const std::string& what) { throw OutputError(path + ": " + what + ": " + std::strerror(errno)); };
    const std::string name_template = path + ".XXXXXX";
    std::vector<char> name(name_template.begin(), name_template.end());
    name.push_back('\0');
    const int descriptor = mkstemp(name.data());
    if (descriptor < 0) fail("cannot be written");
    const mode_t mask = umask(0);
    umask(mask);
    fchmod(descriptor, 0666 & ~mask);  // mkstemp is stricter than what the user asked for
    std::FILE* file = fdopen(descriptor, "wb");
    const bool written = file != nullptr && std::fwrite(content.data(), 1, content.size(), file) == content.size();
    const bool closed = file != nullptr && std::fclose(file) == 0;
    if (!written || !closed || std::rename(name.data(), path.c_str()) != 0) {
        const int reason = errno;
        unlink(name.data());
        errno = reason;
        fail("cannot be written");
    }
}

ProgressLine::ProgressLine() : terminal_(isatty(STDERR_FILENO) != 0) {}
ProgressLine::~ProgressLine() { clear(); }

void ProgressLine::show(const std::string& text) {
    if (!terminal_) return;
    std::fprintf(stderr, "\r\033[K%.*s", 118, text.c_str());
    std::fflush(stderr);
    shown_ = true;
}

void ProgressLine::clear() {
    if (!shown_) return;
    std::fprintf(stderr, "\r\033[K");
    std::fflush(stderr);
    shown_ = false;
}

}  // namespace lyapcert
