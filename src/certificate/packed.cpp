#include <zlib.h>

#include <stdexcept>

#include "lyapcert/certificate/certificate.hpp"

namespace lyapcert {

std::string packed(const std::string& text) {
    constexpr std::size_t small = std::size_t{64} << 10;
    if (text.size() <= small) return text;
    z_stream stream{};
    constexpr int gzip_format = 15 + 16;
    if (deflateInit2(&stream, 9, Z_DEFLATED, gzip_format, 9, Z_DEFAULT_STRATEGY) != Z_OK) throw std::runtime_error("zlib cannot be initialised");
    std::string result(deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(result.data());
    stream.avail_out = static_cast<uInt>(result.size());
    const int status = deflate(&stream, Z_FINISH);
    result.resize(stream.total_out);
    deflateEnd(&stream);
    if (status != Z_STREAM_END) throw std::runtime_error("zlib cannot compress the certificate");
    return result;
}

}  // namespace lyapcert
