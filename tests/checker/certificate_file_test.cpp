// Files: plain or gzip, read to their verified end.
#include <zlib.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "lyapcert/checker/checker.hpp"

using namespace lyapcert;

namespace {

const std::string certificate = R"({"format": "lyapcert certificate", "version": 1,
 "problem": "[product]\nmatrices = [[[\"1/2\"]], [[\"3\"]]]\n",
 "family": {"probabilities": ["1/2", "1/2"], "matrices": [[["1/2"]], [["3"]]]},
 "claims": [{"about": "lambda", "side": "lower", "bound": "0.2", "proof": {"rule": "dimension 1"}}]})";

std::string gzipped(const std::string& text) {
    z_stream stream{};
    REQUIRE(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string bytes(deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
    stream.avail_out = static_cast<uInt>(bytes.size());
    REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    bytes.resize(stream.total_out);
    deflateEnd(&stream);
    return bytes;
}

class File {
  public:
    explicit File(const std::string& bytes) : path_(std::filesystem::temp_directory_path() / ("lyapcert_certificate_file_" + std::to_string(counter_++) + "_" + std::to_string(std::rand()))) {
        std::ofstream(path_, std::ios::binary) << bytes;
    }
    ~File() { std::filesystem::remove(path_); }
    checker::CheckResult check() const { return checker::check_file(path_.string()); }

  private:
    static inline int counter_ = 0;
    std::filesystem::path path_;
};

}  // namespace

TEST_CASE("plain and gzip files hold the same certificate") {
    CHECK(File(certificate).check().accepted());
    CHECK(File(gzipped(certificate)).check().accepted());
    CHECK_THROWS_AS(File("").check(), checker::Refused);
    CHECK_THROWS_AS(File("\x1f\x8b").check(), checker::Refused);
    CHECK_THROWS_AS(checker::check_file("/nowhere/at/all"), checker::Refused);
    CHECK_THROWS_AS(checker::check_file("/"), checker::Refused);
}

TEST_CASE("a gzip file that is cut off is refused, wherever that is") {
    const std::string bytes = gzipped(certificate);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
        INFO(length << " of " << bytes.size());
        CHECK_THROWS_AS(File(bytes.substr(0, length)).check(), checker::Refused);
    }
}

TEST_CASE("a gzip file is refused where its check sum or length is wrong, or something follows") {
    const std::string bytes = gzipped(certificate);
    constexpr std::size_t trailer = 8;
    for (std::size_t k = bytes.size() - trailer; k < bytes.size(); ++k)
        for (const int flip : {1, 0x80, 0xff}) {
            std::string damaged = bytes;
            damaged[k] = static_cast<char>(damaged[k] ^ flip);
            CHECK_THROWS_AS(File(damaged).check(), checker::Refused);
        }
    CHECK_THROWS_AS(File(bytes + "x").check(), checker::Refused);
    CHECK_THROWS_AS(File(bytes + std::string(1, '\0')).check(), checker::Refused);
    CHECK_THROWS_AS(File(bytes + bytes).check(), checker::Refused);
}
