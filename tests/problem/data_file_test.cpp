// Data files, written byte by byte.
#include <unistd.h>
#include <zlib.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>

#include "lyapcert/numeric/decimal.hpp"
#include "lyapcert/problem/data_file.hpp"
#include "lyapcert/problem/problem.hpp"
#include "random.hpp"

using namespace lyapcert;
using test::Random;
using test::trials;
using Shape = std::vector<std::size_t>;

namespace {

std::string little(unsigned long long value, std::size_t size) {
    std::string bytes;
    for (std::size_t k = 0; k < size; ++k) bytes += static_cast<char>(value >> (8 * k) & 0xFFU);
    return bytes;
}

std::string reversed(const std::string& s) { return {s.rbegin(), s.rend()}; }

std::string bits_of(double x) {
    unsigned long long bits = 0;
    std::memcpy(&bits, &x, 8);
    return little(bits, 8);
}
std::string bits_of(float x) {
    unsigned bits = 0;
    std::memcpy(&bits, &x, 4);
    return little(bits, 4);
}

std::string npy(const std::string& header, const std::string& numbers, int version = 1) {
    std::string text = header;
    while ((text.size() + (version == 1 ? 10 : 12) + 1) % 64 != 0) text += ' ';
    text += '\n';
    return "\x93NUMPY" + std::string(1, static_cast<char>(version)) + std::string(1, '\0') + little(text.size(), version == 1 ? 2 : 4) + text + numbers;
}
std::string npy(const std::string& descr, bool fortran, const std::string& shape, const std::string& numbers, int version = 1) {
    return npy("{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape + ", }", numbers, version);
}

std::string deflated(const std::string& bytes) {
    z_stream stream{};
    REQUIRE(deflateInit2(&stream, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    std::string result(bytes.size() + 100, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(result.data());
    stream.avail_out = static_cast<uInt>(result.size());
    REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    result.resize(stream.total_out);
    deflateEnd(&stream);
    return result;
}

enum class Zip { stored, deflated, zip64 };

std::string zip(const std::vector<std::pair<std::string, std::string>>& members, Zip kind = Zip::stored) {
    std::string archive;
    std::string directory;
    for (const auto& [name, content] : members) {
        const std::string data = kind == Zip::deflated ? deflated(content) : content;
        const unsigned long long method = kind == Zip::deflated ? 8 : 0;
        const unsigned long long crc = crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size());
        const std::size_t at = archive.size();
        const bool wide = kind == Zip::zip64;
        const std::string extra = wide ? little(1, 2) + little(16, 2) + little(content.size(), 8) + little(data.size(), 8) : "";
        const std::string sizes = wide ? little(0xFFFFFFFF, 4) + little(0xFFFFFFFF, 4) : little(data.size(), 4) + little(content.size(), 4);
        archive += little(0x04034b50, 4) + little(20, 2) + little(0, 2) + little(method, 2) + little(0, 4) + little(crc, 4) + sizes + little(name.size(), 2) +
                   little(extra.size(), 2) + name + extra + data;
        directory += little(0x02014b50, 4) + little(20, 2) + little(20, 2) + little(0, 2) + little(method, 2) + little(0, 4) + little(crc, 4) + sizes +
                     little(name.size(), 2) + little(extra.size(), 2) + little(0, 2) + little(0, 2) + little(0, 2) + little(0, 4) + little(at, 4) + name + extra;
    }
    const std::size_t start = archive.size();
    archive += directory;
    if (kind == Zip::zip64) {
        const std::size_t end64 = archive.size();
        archive += little(0x06064b50, 4) + little(44, 8) + little(45, 2) + little(45, 2) + little(0, 8) + little(members.size(), 8) + little(members.size(), 8) +
                   little(directory.size(), 8) + little(start, 8);
        archive += little(0x07064b50, 4) + little(0, 4) + little(end64, 8) + little(1, 4);
        return archive + little(0x06054b50, 4) + little(0, 4) + little(0xFFFF, 2) + little(0xFFFF, 2) + little(0xFFFFFFFF, 4) + little(0xFFFFFFFF, 4) + little(0, 2);
    }
    return archive + little(0x06054b50, 4) + little(0, 4) + little(members.size(), 2) + little(members.size(), 2) + little(directory.size(), 4) + little(start, 4) + little(0, 2);
}

std::string safetensors(const std::string& header, const std::string& numbers) { return little(header.size(), 8) + header + numbers; }

DataArray read(const std::string& bytes, const std::string& file, const std::string& name = "") { return DataFile::parse(bytes, file).array(name); }

std::vector<Rational> values(const DataArray& a) {
    std::vector<Rational> result;
    for (std::size_t k = 0; k < a.size(); ++k) result.push_back(a.at(k));
    return result;
}

// The one-line message.
std::string refusal(const std::string& bytes, const std::string& file, const std::string& name = "") {
    try {
        const DataFile data = DataFile::parse(bytes, file);
        static_cast<void>(data.array(name));
    } catch (const InputError& error) {
        const std::string message = error.what();
        CHECK(message.find('\n') == std::string::npos);
        CHECK(message.rfind(file, 0) == 0);
        return message;
    }
    return "accepted";
}

bool contains_text(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("csv: decimals are exact") {
    const DataArray a = read("# a comment\n0.1, -1/3,2e-3\r\n\n 0x1.8p-3,4,  5 \n", "a.csv");
    CHECK(a.shape == Shape{2, 3});
    CHECK(values(a) == std::vector<Rational>{Rational(1, 10), Rational(-1, 3), Rational(1, 500), Rational(3, 16), 4, 5});
    CHECK(values(read("1.000000000000000000e+00 2.5\n\t3\t-4\n", "a.txt")) == std::vector<Rational>{1, Rational(5, 2), 3, -4});
    CHECK(values(read("1;2\n3;4", "a.csv")) == std::vector<Rational>{1, 2, 3, 4});
    CHECK(read("7", "A.CSV").shape == Shape{1, 1});
    CHECK(values(read("\xEF\xBB\xBF" "1,2\n", "a.csv")) == std::vector<Rational>{1, 2});
    // As spreadsheets write them.
    CHECK(read("1,2,\n3,4, \n", "a.csv").shape == Shape{2, 2});
    CHECK(read("1,\n2,\r\n", "a.csv").shape == Shape{2, 1});
    CHECK(values(read("\"1\", \"-1/3\",2\n\"0.5\";4;\"5\";\n", "a.csv")) == std::vector<Rational>{1, Rational(-1, 3), 2, Rational(1, 2), 4, 5});
    CHECK(values(read("\"1\"\t\"2\"\n3 4\n", "a.txt")) == std::vector<Rational>{1, 2, 3, 4});
    // The last number of a row is missing: no style, for the rows differ.
    CHECK(contains_text(refusal("1,2,3\n4,5,\n", "a.csv"), "a.csv:2: the row has 2 entries; expected 3"));
}

TEST_CASE("csv: what is refused") {
    CHECK(contains_text(refusal("x1,x2\n1,2\n", "a.csv"), "a.csv:1: column 1: 'x1'"));
    CHECK(contains_text(refusal("x1,x2\n1,2\n", "a.csv"), "header line"));
    CHECK(contains_text(refusal("1,2\n3\n", "a.csv"), "a.csv:2: the row has 1 entries; expected 2"));
    CHECK(contains_text(refusal("1,2\n3,nan\n", "a.csv"), "a.csv:2: column 2"));
    for (const char* bad : {"1,inf", "1,,2", "1,2,,", ",1", ",", "\"1,2\"", "\"1", "\"\"1\"\"", "\"\",2", "1,5;2,5", "1 2,3", "1\x01", "0x", "1e999999", "--1", "1/0"}) CHECK(refusal(bad, "a.csv") != "accepted");
    CHECK(refusal(std::string("1\0", 2), "a.csv") != "accepted");
    // Old line ends would make one row of a column.
    CHECK(contains_text(refusal("1\r2\r3\r", "a.csv"), "a.csv:1: has a carriage return within it"));
    CHECK(refusal("1,2\r\n3,4\r\n", "a.csv") == "accepted");
    for (const char* empty : {"", "\n\n", "# only a comment"}) CHECK(contains_text(refusal(empty, "a.csv"), "no numbers"));
}

TEST_CASE("json: decimals are exact, whatever their length") {
    const DataArray a = read("[[0.1, \"1/3\"], [-2e-3, 12345678901234567890123]]", "a.json");
    CHECK(a.shape == Shape{2, 2});
    CHECK(values(a) == std::vector<Rational>{Rational(1, 10), Rational(1, 3), Rational(-1, 500), parse_rational("12345678901234567890123")});
    CHECK(read("[1, 2.5, -3]", "a.json").shape == Shape{3});
    // Beyond the range of doubles, as in a .csv file; also by their digits alone, and not within strings.
    const std::string long_number = "1" + std::string(400, '0');
    const std::vector<Rational> large = {pow(Integer(10), 400), -Rational(5, 2) * Rational(pow(Integer(10), 310)), Rational(Integer(1), pow(Integer(10), 400)), pow(Integer(10), 400)};
    CHECK(values(read("[[1e400, -2.5E+310], [1e-400, " + long_number + "]]", "a.json")) == large);
    CHECK(values(read("[[\"1e400\", \"-2.5E+310\"], [\"1e-400\", \"" + long_number + "\"]]", "a.json")) == large);
    CHECK(values(read("1e400,-2.5E+310\n1e-400," + long_number + "\n", "a.csv")) == large);
    CHECK(values(read("[1e308, 1.7976931348623157e308]", "a.json")).size() == 2);
    for (const char* bad : {"[01e400]", "[1.e400]", "[+1e400]", "[1e]", "[-]", "[1e400", "[\"1e400]", "[1e999999]", "[\"\\", "[1e400 2]"}) CHECK(refusal(bad, "a.json") != "accepted");
    for (const char* bad : {"", "1", "[]", "[[]]", "[[1],[]]", "[[1],[2,3]]", "[1,[2]]", "[[1],2]", "[[[1]]]", "{\"a\":1}", "[null]", "[true]", "[NaN]", "[[1,2]", "[[1,2]] x", "[\"a\"]", "[1e400000000]"})
        CHECK(refusal(bad, "a.json") != "accepted");
    CHECK(contains_text(refusal("[[1,2],[3,\"x\"]]", "a.json"), "entry [1][1]: 'x'"));
    CHECK(refusal(std::string(1000000, '['), "a.json") != "accepted");
}

TEST_CASE("npy: versions, byte orders, element orders, types") {
    std::string c;
    for (const double x : {1.0, 0.1, -2.5, 1e-310, 3.0, 6.0}) c += bits_of(x);
    const std::vector<Rational> expected{1, rational_from_double(0.1), Rational(-5, 2), rational_from_double(1e-310), 3, 6};
    for (const int version : {1, 2, 3}) {
        const DataArray a = read(npy("<f8", false, "(2, 3)", c, version), "a.npy");
        CHECK(a.shape == Shape{2, 3});
        CHECK(values(a) == expected);
    }
    std::string big;
    for (std::size_t k = 0; k < 6; ++k) big += reversed(c.substr(8 * k, 8));
    CHECK(values(read(npy(">f8", false, "(2, 3)", big), "a.npy")) == expected);
    std::string columns;
    for (const std::size_t k : {0, 3, 1, 4, 2, 5}) columns += c.substr(8 * k, 8);
    CHECK(values(read(npy("<f8", true, "(2, 3)", columns), "a.npy")) == expected);
    CHECK(read(npy("<f8", false, "(6,)", c), "a.npy").shape == Shape{6});
    CHECK(read(npy("<f8", false, "()", c.substr(0, 8)), "a.npy").shape.empty());
    std::string floats;
    for (const float x : {0.1F, -2.0F, 1e-45F}) floats += bits_of(x);
    CHECK(values(read(npy("<f4", false, "(3,)", floats), "a.npy")) == std::vector<Rational>{rational_from_double(0.1F), -2, rational_from_double(1e-45F)});
    // Halves: 1, -2, 65504, the smallest subnormal 2^-24, 0.333251953125.
    const std::string halves = little(0x3C00, 2) + little(0xC000, 2) + little(0x7BFF, 2) + little(1, 2) + little(0x3555, 2);
    CHECK(values(read(npy("<f2", false, "(5,)", halves), "a.npy")) == std::vector<Rational>{1, -2, 65504, Rational(1, 1 << 24), Rational(1365, 4096)});
    CHECK(values(read(npy("|i1", false, "(3,)", "\x80\xFF\x7F"), "a.npy")) == std::vector<Rational>{-128, -1, 127});
    CHECK(values(read(npy("|u1", false, "(2,)", "\x80\xFF"), "a.npy")) == std::vector<Rational>{128, 255});
    CHECK(values(read(npy(">i2", false, "(2,)", std::string("\xFF\xFE\x01\x00", 4)), "a.npy")) == std::vector<Rational>{-2, 256});
    const std::string longs = little(1ULL << 53U, 8) + little(0ULL - (1ULL << 53U), 8);
    CHECK(values(read(npy("<i8", false, "(2,)", longs), "a.npy")) == std::vector<Rational>{parse_rational("9007199254740992"), parse_rational("-9007199254740992")});
    CHECK(contains_text(refusal(npy("<i8", false, "(1,)", little((1ULL << 53U) + 1, 8)), "a.npy"), "[0] is an integer beyond 2^53"));
    CHECK(refusal(npy("<u8", false, "(1,)", little(~0ULL, 8)), "a.npy") != "accepted");
    CHECK(refusal(npy("<i8", false, "(1,)", little(1ULL << 63U, 8)), "a.npy") != "accepted");
}

TEST_CASE("npy: random arrays in any order") {
    Random random(81);
    for (int trial = 0; trial < trials(50); ++trial) {
        const Shape shape{static_cast<std::size_t>(random.integer(1, 4)), static_cast<std::size_t>(random.integer(1, 4)), static_cast<std::size_t>(random.integer(1, 3))};
        const bool fortran = random.chance(0.5);
        const bool big = random.chance(0.5);
        std::vector<double> x(shape[0] * shape[1] * shape[2]);
        for (double& e : x) e = random.finite();
        std::string bytes(8 * x.size(), '\0');
        for (std::size_t i = 0; i < shape[0]; ++i)
            for (std::size_t j = 0; j < shape[1]; ++j)
                for (std::size_t k = 0; k < shape[2]; ++k) {
                    const std::size_t c = (i * shape[1] + j) * shape[2] + k;
                    const std::size_t at = fortran ? i + shape[0] * (j + shape[1] * k) : c;
                    bytes.replace(8 * at, 8, big ? reversed(bits_of(x[c])) : bits_of(x[c]));
                }
        const std::string text = "(" + std::to_string(shape[0]) + "," + std::to_string(shape[1]) + "," + std::to_string(shape[2]) + ")";
        const DataArray a = read(npy(big ? ">f8" : "<f8", fortran, text, bytes), "a.npy");
        CHECK(a.shape == shape);
        for (std::size_t k = 0; k < x.size(); ++k) CHECK(a.at(k) == rational_from_double(x[k]));
    }
}

TEST_CASE("npy: hostile headers") {
    const std::string one = bits_of(1.0);
    const std::string good = npy("<f8", false, "(1, 1)", one);
    CHECK(refusal(good, "a.npy") == "accepted");
    for (std::size_t k = 0; k < good.size(); ++k) CHECK(refusal(good.substr(0, k), "a.npy") != "accepted");
    CHECK(contains_text(refusal(good + "x", "a.npy"), "too long"));
    CHECK(contains_text(refusal(npy("<f8", false, "(2, 1)", one), "a.npy"), "truncated: 8 bytes of numbers; expected 16"));
    for (const double bad : {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()})
        CHECK(contains_text(refusal(npy("<f8", false, "(1, 2)", one + bits_of(bad)), "a.npy"), "entry [0][1] is "));
    for (const char* type : {"<c16", "|b1", "|O", "<U3", "<f16", "<f9", "f8", "<f1", "", "<M8[ns]"}) CHECK(contains_text(refusal(npy(type, false, "(1,)", one), "a.npy"), "type"));
    CHECK(contains_text(refusal(npy("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }", one), "a.npy"), "records"));
    for (const char* shape : {"(0,)", "(-1,)", "(1", "1", "(99999999999999999999,)", "(4294967296, 4294967296, 4294967296)", "(1,,1)", "(a,)", "(1 1)"})
        CHECK(refusal(npy("<f8", false, shape, one), "a.npy") != "accepted");
    for (const char* header : {"", "{", "{}", "{'descr': '<f8'}", "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), 'shape': (1,)}", "{'descr': '<f8', 'fortran_order': Maybe, 'shape': (1,)}",
                               "{'descr': '<f8', 'fortran_order': False, 'shape': (1,)} x", "{'x': 1}"})
        CHECK(refusal(npy(header, one), "a.npy") != "accepted");
    std::string version = good;
    version[6] = 4;
    CHECK(contains_text(refusal(version, "a.npy"), "version"));
    CHECK(refusal("\x93NUMPY" + std::string("\x02\x00", 2) + little(0xFFFFFFFF, 4) + "{", "a.npy") != "accepted");
}

TEST_CASE("npz: stored, deflated, 64-bit") {
    const std::string a = npy("<f8", false, "(2,)", bits_of(0.5) + bits_of(-1.0));
    const std::string b = npy("<i4", false, "(1, 2)", little(3, 4) + little(0xFFFFFFFF, 4));
    for (const Zip kind : {Zip::stored, Zip::deflated, Zip::zip64}) {
        const DataFile file = DataFile::parse(zip({{"W.npy", a}, {"note.txt", "hello"}, {"layer/b.npy", b}}, kind), "w.npz");
        CHECK(file.names() == std::vector<std::string>{"W", "layer/b"});
        CHECK(file.has("W"));
        CHECK(!file.has("note"));
        CHECK(values(file.array("W")) == std::vector<Rational>{Rational(1, 2), -1});
        CHECK(file.array("layer/b").shape == Shape{1, 2});
        CHECK(values(file.array("layer/b")) == std::vector<Rational>{3, -1});
        CHECK(file.source("W") == std::pair<std::string, std::string>{"npy", a});
        CHECK(contains_text(refusal(zip({{"W.npy", a}}, kind), "w.npz", "b"), "has no array 'b'"));
        // Nothing that is cut short or altered is read as something else.
        const std::string whole = zip({{"W.npy", a}}, kind);
        for (std::size_t k = 0; k < whole.size(); ++k) CHECK(refusal(whole.substr(0, k), "w.npz", "W") != "accepted");
        for (std::size_t k = 0; k < whole.size(); ++k) {
            std::string altered = whole;
            altered[k] = static_cast<char>(altered[k] ^ 0x41);
            try {
                const std::vector<Rational> found = values(DataFile::parse(altered, "w.npz").array("W"));
                CHECK(found == std::vector<Rational>{Rational(1, 2), -1});
            } catch (const InputError&) {  // nearly always
            }
        }
    }
    CHECK(contains_text(refusal(zip({{"a.npy", a}, {"a.npy", b}}), "w.npz", "a"), "occurs twice"));
    CHECK(contains_text(refusal(zip({{"a.npy", "text"}}), "w.npz", "a"), "array 'a': is no .npy data"));
    std::string bomb = zip({{"a.npy", a}}, Zip::deflated);
    const std::size_t at = bomb.find(little(0x02014b50, 4));
    bomb.replace(at + 24, 4, little(0x3FFFFFFF, 4));  // claims a gigabyte
    CHECK(contains_text(refusal(bomb, "w.npz", "a"), "sizes"));
}

TEST_CASE("safetensors") {
    const std::string numbers = bits_of(0.1) + bits_of(0.25F) + little(0x3F80, 2) + little(0xC040, 2) + little(0x3C00, 2) + "\xFE" + "\x02" + "\x01";
    const std::string header = R"({"__metadata__":{"format":"pt"},"w":{"dtype":"F64","shape":[1,1],"data_offsets":[0,8]},"f":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},)"
                               R"("b":{"dtype":"BF16","shape":[2],"data_offsets":[12,16]},"h":{"dtype":"F16","shape":[],"data_offsets":[16,18]},"i":{"dtype":"I8","shape":[2],"data_offsets":[18,20]},)"
                               R"("q":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[20,21]}})";
    const std::string whole = safetensors(header, numbers);
    const DataFile file = DataFile::parse(whole, "m.safetensors");
    CHECK(file.names().size() == 6);
    CHECK(values(file.array("w")) == std::vector<Rational>{rational_from_double(0.1)});
    CHECK(file.array("w").shape == Shape{1, 1});
    CHECK(values(file.array("f")) == std::vector<Rational>{Rational(1, 4)});
    CHECK(values(file.array("b")) == std::vector<Rational>{1, -3});
    CHECK(file.array("h").shape.empty());
    CHECK(values(file.array("h")) == std::vector<Rational>{1});
    CHECK(values(file.array("i")) == std::vector<Rational>{-2, 2});
    CHECK(contains_text(refusal(whole, "m.safetensors", "q"), "F8_E4M3"));
    CHECK(refusal(whole, "m.safetensors", "x") != "accepted");
    CHECK(file.names() == std::vector<std::string>{"w", "f", "b", "h", "i", "q"});  // as they follow each other in the file
    CHECK(file.info("i").shape == Shape{2});
    CHECK(file.info("i").readable);
    CHECK_FALSE(file.info("i").floating);
    CHECK(file.info("b").floating);
    CHECK_FALSE(file.info("q").readable);
    for (std::size_t k = 0; k < header.size() + 8; ++k) CHECK(refusal(whole.substr(0, k), "m.safetensors", "w") != "accepted");
    CHECK(refusal(whole.substr(0, whole.size() - 1), "m.safetensors", "i") != "accepted");
    for (const char* bad : {"", "[]", "{}", "{\"w\":1}", "{\"w\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,8]}}", "{\"w\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[8,0]}}",
                            "{\"w\":{\"dtype\":\"F64\",\"shape\":[-1],\"data_offsets\":[0,8]}}", "{\"w\":{\"dtype\":\"F64\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,8]}}",
                            "{\"w\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,18446744073709551615]}}", "{\"w\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0]}}"})
        CHECK(refusal(safetensors(bad, bits_of(1.0)), "m.safetensors", "w") != "accepted");
    CHECK(refusal(safetensors(std::string(100000, '['), ""), "m.safetensors", "w") != "accepted");
    CHECK(contains_text(refusal(safetensors("{\"w\":" + std::string(100000, '['), ""), "m.safetensors", "w"), "nested too deeply"));
    CHECK(refusal(little(~0ULL, 8) + "{}", "m.safetensors", "w") != "accepted");
}

TEST_CASE("safetensors: what the reference reader refuses, and keys that occur twice") {
    const auto entry = [](const std::string& name, const std::string& shape, int begin, int end) {
        return "\"" + name + "\":{\"dtype\":\"F64\",\"shape\":" + shape + ",\"data_offsets\":[" + std::to_string(begin) + "," + std::to_string(end) + "]}";
    };
    const std::string two = bits_of(0.5) + bits_of(2.0);
    const auto message = [&](const std::string& header, const std::string& numbers, const std::string& name = "a") { return refusal(safetensors(header, numbers), "m.safetensors", name); };
    const std::string good = "{" + entry("a", "[1]", 0, 8) + "," + entry("b", "[1]", 8, 16) + "}";
    CHECK(message(good, two) == "accepted");
    CHECK(message(good + "   ", two) == "accepted");  // blanks align the numbers
    // In whatever order the header has them.
    const std::string turned = "{" + entry("a", "[1]", 8, 16) + "," + entry("b", "[1]", 0, 8) + "}";
    CHECK(values(read(safetensors(turned, two), "m.safetensors", "a")) == std::vector<Rational>{2});
    CHECK(message("{" + entry("a", "[1]", 0, 8) + "," + entry("empty", "[0,3]", 8, 8) + "," + entry("b", "[1]", 8, 16) + "}", two) == "accepted");
    CHECK(contains_text(message("{" + entry("a", "[1]", 0, 8) + "," + entry("a", "[1]", 8, 16) + "}", two), "has the key 'a' twice"));
    CHECK(contains_text(message("{\"a\":{\"dtype\":\"F64\",\"shape\":[1],\"shape\":[2],\"data_offsets\":[0,8]}}", bits_of(1.0)), "has the key 'shape' twice"));
    CHECK(contains_text(message(good + std::string(3, '\0'), two), "holds a NUL byte"));
    CHECK(contains_text(message(" " + good, two), "does not begin with {"));
    CHECK(contains_text(message(good + "x", two), "cannot be read"));
    CHECK(contains_text(message("{" + entry("a", "[1]", 0, 8) + "," + entry("b", "[1]", 0, 8) + "}", bits_of(1.0)), "array 'b': its numbers begin at byte 0, within those of another array; expected 8"));
    CHECK(contains_text(message("{" + entry("a", "[1]", 0, 8) + "," + entry("b", "[1]", 4, 12) + "}", two.substr(4)), "within those of another array"));
    CHECK(contains_text(message("{" + entry("a", "[1]", 8, 16) + "}", two), "after a gap; expected 0"));
    CHECK(contains_text(message("{" + entry("a", "[1]", 0, 8) + "}", two), "8 bytes after the last array"));
    CHECK(contains_text(message("{" + entry("a", "[1]", 8, 0) + "}", two), "outside the file"));
    CHECK(contains_text(message("{" + entry("a", "[2]", 0, 8) + "}", two.substr(8)), "has 8 bytes; expected 16 for its shape"));
    CHECK(contains_text(message("{\"__metadata__\":{\"n\":1}," + entry("a", "[1]", 0, 8) + "}", two.substr(8)), "metadata"));
    CHECK(contains_text(message("{\"a\":{\"dtype\":\"F64\",\"shape\":[1]}}", two.substr(8)), "data_offsets"));
    CHECK(contains_text(refusal(little(100000001, 8) + good, "m.safetensors", "a"), "at most 100 MB"));
}

TEST_CASE("safetensors arrays are kept as NumPy would write them") {
    Random random(83);
    const std::pair<const char*, std::size_t> types[] = {{"F64", 8}, {"F32", 4}, {"F16", 2}, {"BF16", 2}, {"I64", 8}, {"I32", 4}, {"I16", 2}, {"I8", 1}, {"U64", 8}, {"U32", 4}, {"U16", 2}, {"U8", 1}};
    for (const auto& [type, size] : types)
        for (const auto& [shape, n] : {std::pair<std::string, std::size_t>{"2,3", 6}, {"4", 4}, {"", 1}, {"1,1", 1}}) {
            std::string bytes;
            for (std::size_t k = 0; k < n * size; ++k) bytes += static_cast<char>(random.integer(0, 127));
            const bool floating = type[0] == 'F' || type[0] == 'B';
            for (std::size_t k = 0; k < n; ++k) {
                if (!floating && size == 8) bytes.replace(k * 8 + 6, 2, 2, type[0] == 'I' && k % 2 == 0 ? '\xFF' : '\0');  // within 2^53
                if (floating) bytes[k * size + size - 1] = static_cast<char>(k % 2 == 0 ? 0x3C : 0xBC);                      // no NaN, no infinity
            }
            const std::string header = std::string("{\"x\":{\"dtype\":\"") + type + "\",\"shape\":[" + shape + "],\"data_offsets\":[0," + std::to_string(bytes.size()) + "]}}";
            const DataFile file = DataFile::parse(safetensors(header, bytes), "m.safetensors");
            const auto [format, kept] = file.source("x");
            CHECK(format == "npy");
            CHECK((kept.size() - n * (std::string(type) == "BF16" ? 4 : size)) % 64 == 0);
            const DataArray again = read(kept, "x.npy");
            CHECK(again.shape == file.array("x").shape);
            CHECK(values(again) == values(file.array("x")));
        }
}

TEST_CASE("files of other programs are told what to save instead") {
    for (const char* name : {"w.pt", "model.PTH", "a.ckpt"}) {
        CHECK(contains_text(refusal("x", name), "PyTorch's own"));
        CHECK(contains_text(refusal("x", name), "save .npz or .safetensors instead, for example numpy.savez(\"w.npz\", **{k: v.detach().cpu().numpy() for k, v in model.state_dict().items()})"));
    }
    CHECK(contains_text(refusal("x", "w.h5"), "numpy.savez(\"w.npz\", *[a.T for a in model.get_weights()])"));
    CHECK(contains_text(refusal("x", "w.pkl"), "save .npz or .safetensors instead"));
}

TEST_CASE("data files: names and places") {
    CHECK(contains_text(refusal("1", "a.dat"), "unknown format"));
    CHECK_THROWS_AS(DataFile::read("/nowhere/at/all.csv"), InputError);
    CHECK_THROWS_AS(DataFile::read("/tmp"), InputError);
}

namespace {

class Folder {
  public:
    Folder() : path_(std::filesystem::temp_directory_path() / ("lyapcert-data-" + std::to_string(getpid()))) { std::filesystem::create_directories(path_); }
    ~Folder() { std::filesystem::remove_all(path_); }
    std::string write(const std::string& name, const std::string& bytes) const {
        std::ofstream(path_ / name, std::ios::binary) << bytes;
        return (path_ / name).string();
    }
    std::string refusal(const std::string& text) const {
        try {
            static_cast<void>(read_problem(write("problem.toml", text)));
        } catch (const InputError& error) {
            return error.what();
        }
        return "accepted";
    }

  private:
    std::filesystem::path path_;
};

const std::string training = "[training]\nlearning_rate = \"1/3\"\n";

}  // namespace

TEST_CASE("problems that name data files") {
    const Folder folder;
    folder.write("g.csv", "0.1,2,0\n1/3,-1,4\n");
    folder.write("k.npy", npy("<f8", true, "(2, 2)", bits_of(0.1) + bits_of(0.05) + bits_of(0.05) + bits_of(2.0)));
    folder.write("w.npz", zip({{"a.npy", npy("<f8", false, "(1, 2)", bits_of(0.1) + bits_of(2.0))}, {"b.npy", npy("<f8", false, "(2,)", bits_of(1.0) + bits_of(2.0))}}));
    folder.write("x.json", "[0.5, 1, 2]");
    const Problem inline_rows = parse_problem("[gradients]\nrows = [[\"0.1\", 2, 0], [\"1/3\", -1, 4]]\n" + training, "p");
    const Problem csv = read_problem(folder.write("p.toml", "[gradients]\nfile = \"g.csv\"\n" + training));
    CHECK(csv.data_points == 2);
    CHECK(csv.parameters == std::optional<std::size_t>(3));
    for (std::size_t e = 0; e < 4; ++e) {
        CHECK(csv.gram.entries()[e].rational() == inline_rows.gram.entries()[e].rational());
        CHECK(csv.scaled_gram.entries()[e].rational() == inline_rows.scaled_gram.entries()[e].rational());
    }
    REQUIRE(csv.data.size() == 1);
    CHECK(csv.data[0].key == "gradients");
    CHECK(csv.data[0].format == "csv");
    const Problem gram = read_problem(folder.write("p.toml", "[gram]\nfile = \"k.npy\"\n" + training));
    CHECK(gram.gram(0, 0).rational() == rational_from_double(0.1));
    CHECK(gram.gram(0, 1).rational() == rational_from_double(0.05));
    CHECK(read_problem(folder.write("p.toml", "[gradients]\nfile = \"w.npz\"\narray = \"a\"\n" + training)).data[0].format == "npy");
    CHECK(contains_text(folder.refusal("[gradients]\nfile = \"w.npz\"\n" + training), "problem.toml:2: gradients.file: w.npz holds 2 arrays; expected array = \"...\" beside it, one of: a, b"));
    CHECK(contains_text(folder.refusal("[gradients]\nfile = \"w.npz\"\narray = \"c\"\n" + training), "has no array 'c'"));
    CHECK(contains_text(folder.refusal("[gram]\nfile = \"k.npy\"\narray = \"c\"\n" + training), "expected 'array' to be left out"));
    CHECK(contains_text(folder.refusal("[gram]\nfile = \"none.npy\"\n" + training), "none.npy: cannot be opened"));
    CHECK(contains_text(folder.refusal("[gram]\nfile = \"g.csv\"\n" + training), "is 2 x 3; expected a square matrix"));
    CHECK(contains_text(folder.refusal("[gram]\nfile = \"k.npy\"\nmatrix = [[1]]\n" + training), "expected one of the two"));
    CHECK(contains_text(folder.refusal("[gram]\nmatrix = [[1]]\nradius = \"1\"\n" + training), "without 'file'"));
    CHECK(contains_text(folder.refusal("[gram]\nfile = \"k.npy\"\nradius = \"-1\"\n" + training), "radius"));
    CHECK(contains_text(folder.refusal("[gram]\nfile = \"k.npy\"\nradius = \"sqrt(2)\"\n" + training), "radius"));
    folder.write("bad.csv", "1,0.5\n0.25,1\n");
    CHECK(contains_text(folder.refusal("[gram]\nfile = \"bad.csv\"\n" + training), "gram.file[1][0]: differs from the entry [0][1]"));
    CHECK(contains_text(folder.refusal("[gram]\nfile = \"bad.csv\"\nradius = \"0.1\"\n" + training), "by more than the radius allows"));
    CHECK(folder.refusal("[gram]\nfile = \"bad.csv\"\nradius = \"0.2\"\n" + training) == "accepted");
    // A model's data.
    const std::string model = "[model]\nparameters = [\"a\", \"b\", \"c\"]\ninputs = [\"y\"]\noutput = \"a + b*y + c*y^2\"\n[minimum]\nvalues = { a = 1, b = 2, c = 0 }\n" + training;
    const Problem from_file = read_problem(folder.write("p.toml", model + "[data]\ninputs = { file = \"x.json\" }\ntargets = \"model\"\n"));
    CHECK(from_file.data_points == 3);
    CHECK(from_file.gram(0, 1).rational() == Rational(1) + Rational(1, 2) + Rational(1, 4));
    folder.write("z.csv", "2\n3\n5\n");
    CHECK(read_problem(folder.write("p.toml", model + "[data]\ninputs = { file = \"x.json\" }\ntargets = { file = \"z.csv\" }\n")).minimum.proved);
}

TEST_CASE("gradients within a radius: the Gram matrix contains every choice; doubles of any size, exactly") {
    const Folder folder;
    Random random(82);
    for (int trial = 0; trial < trials(15); ++trial) {
        const auto n = static_cast<std::size_t>(random.integer(1, 4));
        const std::size_t d = n + static_cast<std::size_t>(random.integer(0, 5));
        std::vector<double> x(n * d);
        const int spread = random.chance(0.5) ? 0 : random.chance(0.5) ? 40 : 400;
        for (double& e : x) e = std::ldexp(random.uniform(-1.0, 1.0), static_cast<int>(random.integer(-spread, spread)));
        std::string bytes;
        for (const double e : x) bytes += bits_of(e);
        folder.write("g.npy", npy("<f8", false, "(" + std::to_string(n) + "," + std::to_string(d) + ")", bytes));
        const Rational radius(random.integer(0, 3), 1000);
        const Problem p = read_problem(folder.write("p.toml", "[gradients]\nfile = \"g.npy\"\nradius = \"" + radius.str() + "\"\n" + training));
        std::vector<Rational> chosen;
        for (const double e : x) chosen.push_back(rational_from_double(e) + random.between(-radius, radius));
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) {
                Rational exact = 0;
                for (std::size_t k = 0; k < d; ++k) exact += chosen[i * d + k] * chosen[j * d + k];
                if (radius.is_zero()) CHECK(p.gram(i, j).rational() == exact);
                CHECK(contains(p.gram(i, j).at(3000), exact));
                CHECK(contains(p.scaled_gram(i, j).at(3000), exact / 3));
            }
    }
}
