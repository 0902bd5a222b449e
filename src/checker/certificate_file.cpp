#include <zlib.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "lyapcert/checker/checker.hpp"

namespace lyapcert::checker {

namespace {

constexpr std::size_t largest_certificate = std::size_t{1} << 30;

std::string bytes_of(const std::string& path) {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
    if (!file) throw Refused(std::string("cannot be opened: ") + std::strerror(errno));
    std::string bytes;
    std::string buffer(std::size_t{1} << 16, '\0');
    while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
        bytes.append(buffer.data(), n);
        if (bytes.size() > largest_certificate) throw Refused("is larger than 1 GiB");
    }
    if (std::ferror(file.get()) != 0) throw Refused("cannot be read: the file is damaged, or a directory");
    return bytes;
}

struct Inflate {
    z_stream stream{};
    Inflate() {
        constexpr int gzip_format = 15 + 16;
        if (inflateInit2(&stream, gzip_format) != Z_OK) throw Refused("zlib cannot be initialised");
    }
    ~Inflate() { inflateEnd(&stream); }
    Inflate(const Inflate&) = delete;
    Inflate& operator=(const Inflate&) = delete;
};

// One gzip member, to its end: the length and the check sum behind the data are verified by zlib, and nothing may follow.
std::string inflated(const std::string& bytes) {
    Inflate gzip;
    gzip.stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    gzip.stream.avail_in = static_cast<uInt>(bytes.size());
    std::string text;
    std::string buffer(std::size_t{1} << 16, '\0');
    for (int status = Z_OK; status != Z_STREAM_END;) {
        gzip.stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
        gzip.stream.avail_out = static_cast<uInt>(buffer.size());
        status = inflate(&gzip.stream, Z_NO_FLUSH);
        if (status == Z_BUF_ERROR) throw Refused("is cut off: its gzip data does not end");
        if (status != Z_OK && status != Z_STREAM_END) throw Refused("is damaged: its gzip data cannot be read");
        text.append(buffer.data(), buffer.size() - gzip.stream.avail_out);
        if (text.size() > largest_certificate) throw Refused("is larger than 1 GiB");
    }
    if (gzip.stream.avail_in != 0) throw Refused("is damaged: something follows its gzip data");
    return text;
}

}  // namespace

std::string certificate_text(const std::string& path) {
    std::string bytes = bytes_of(path);
    const bool compressed = bytes.size() >= 2 && bytes[0] == '\x1f' && bytes[1] == '\x8b';
    return compressed ? inflated(bytes) : bytes;
}

CheckResult check_file(const std::string& path) { return check(certificate_text(path)); }

}  // namespace lyapcert::checker
