#include "cli/output.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

namespace lyapcert {

namespace {

[[noreturn]] void fail(const std::string& path) { throw OutputError(path + ": cannot be written: " + std::strerror(errno)); }

// Renaming onto a device would replace it.
bool is_special(const std::string& path) {
    struct stat status {};
    return stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

bool put(std::FILE* file, const std::string& content) {
    const bool written = file != nullptr && std::fwrite(content.data(), 1, content.size(), file) == content.size();
    return file != nullptr && std::fclose(file) == 0 && written;
}

}  // namespace

void require_writable(const std::string& path) {
    struct stat status {};
    if (stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        fail(path);
    }
    const std::size_t slash = path.find_last_of('/');
    const std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
    if (access(is_special(path) ? path.c_str() : folder.c_str(), W_OK) != 0) fail(path);
}

void write_file_atomically(const std::string& path, const std::string& content) {
    if (is_special(path)) {
        if (!put(std::fopen(path.c_str(), "wb"), content)) fail(path);
        return;
    }
    const std::string name_template = path + ".XXXXXX";
    std::vector<char> name(name_template.begin(), name_template.end());
    name.push_back('\0');
    const int descriptor = mkstemp(name.data());
    if (descriptor < 0) fail(path);
    const mode_t mask = umask(0);
    umask(mask);
    fchmod(descriptor, 0666 & ~mask);  // mkstemp is stricter than what the user asked for
    if (!put(fdopen(descriptor, "wb"), content) || std::rename(name.data(), path.c_str()) != 0) {
        const int reason = errno;
        unlink(name.data());
        errno = reason;
        fail(path);
    }
}

void write_result(const std::string& path, const std::string& content) {
    if (!path.empty()) return write_file_atomically(path, content);
    std::fwrite(content.data(), 1, content.size(), stdout);
    std::fflush(stdout);
}

}  // namespace lyapcert
