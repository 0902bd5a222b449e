// Certificates of problems that name data files, and of families too large to be written out.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "checker/problem/data.hpp"
#include "checker/rules/single_sample_moment.hpp"
#include "lyapcert/certificate/certificate.hpp"
#include "lyapcert/checker/checker.hpp"
#include "lyapcert/problem/data_file.hpp"
#include "random.hpp"

using namespace lyapcert;
using nlohmann::json;
namespace fs = std::filesystem;

namespace {

struct Folder {
    Folder() : path(fs::temp_directory_path() / ("lyapcert-certificate-" + std::to_string(getpid()))) { fs::create_directories(path); }
    ~Folder() { fs::remove_all(path); }
    void write(const std::string& name, const std::string& bytes) const { std::ofstream(path / name, std::ios::binary) << bytes; }
    Problem problem(const std::string& text) const {
        write("problem.toml", text);
        return read_problem((path / "problem.toml").string());
    }
    fs::path path;
};

json certificate_of(const Problem& problem) {
    CertifyOptions options;
    options.seconds = 2;
    options.keep_evidence = true;
    options.goal = Goal{true, std::nullopt};
    return json::parse(make_certificate(problem, certify(problem, options), 17).text);
}

// Refused, or with a claim that is not proved.
bool fails(const json& certificate) {
    try {
        return !checker::check(certificate.dump()).accepted();
    } catch (const checker::Refused&) {
        return true;
    }
}

std::string npy(const std::vector<double>& x, std::size_t rows, bool big_endian) {
    std::string header = std::string("{'descr': '") + (big_endian ? ">" : "<") + "f8', 'fortran_order': False, 'shape': (" + std::to_string(rows) + ", " + std::to_string(x.size() / rows) + "), }";
    header += std::string(64 - (header.size() + 11) % 64, ' ') + "\n";
    std::string bytes = "\x93NUMPY" + std::string("\1\0", 2) + static_cast<char>(header.size() & 0xFF) + static_cast<char>(header.size() >> 8) + header;
    for (const double e : x) {
        char item[8];
        std::memcpy(item, &e, 8);
        if (big_endian) std::reverse(item, item + 8);
        bytes.append(item, 8);
    }
    return bytes;
}

const std::string training = R"([training]
learning_rate = "2/5"
)";

}  // namespace

TEST_CASE("the content of data files is in the certificate, and the claims are about it", "[T30]") {
    const Folder folder;
    folder.write("g.csv", "# gradients\n1,0.5,0\n0.25,2,-1\n");
    folder.write("g.json", R"([[1, 0.5, "0"], [0.25, 2, -1]])");
    folder.write("g.npy", npy({1, 0.5, 0, 0.25, 2, -1}, 2, true));
    folder.write("k.npy", npy({1.25, 1.25, 1.25, 5.0625}, 2, false));
    for (const char* text : {R"([gradients]
file = "g.csv"
)", R"([gradients]
file = "g.json"
radius = "1e-6"
)", R"([gradients]
file = "g.npy"
)", R"([gram]
file = "k.npy"
)", R"([gram]
file = "k.npy"
radius = "0.001"
)"}) {
        INFO(text);
        const json certificate = certificate_of(folder.problem(text + training));
        const checker::CheckResult result = checker::check(certificate.dump());
        CHECK(result.accepted());
        CHECK(result.claims.size() >= 6);
        REQUIRE(result.data.size() == 1);
        // Other data, another family: no old claim survives that is sharp.
        json altered = certificate;
        std::string bytes = altered["data"][0]["bytes"];
        altered["data"][0]["bytes"] = checker::from_hexadecimal(bytes).find("0.25") != std::string::npos ? bytes.replace(bytes.find("302e3235"), 8, "302e3335") : bytes.replace(bytes.size() - 4, 2, "41");
        CHECK(fails(altered));
        altered = certificate;
        altered.erase("data");
        CHECK(fails(altered));
        altered = certificate;
        altered["data"].push_back(altered["data"][0]);
        CHECK(fails(altered));
        altered = certificate;
        altered["data"][0]["key"] = "data.inputs";
        CHECK(fails(altered));
        altered = certificate;
        altered["data"][0]["bytes"] = certificate["data"][0]["bytes"].get<std::string>() + "0";
        CHECK(fails(altered));
    }
}

TEST_CASE("numbers beyond the range of doubles in JSON are in the certificate too", "[T30]") {
    const Folder folder;
    folder.write("g.json", "[[1e400, 0.5e400],\n [0.5e400, 1e400]]");
    const std::string text = "[gram]\nfile = \"g.json\"\n[training]\nlearning_rate = \"2e-401\"\n";
    const json certificate = certificate_of(folder.problem(text));
    CHECK(checker::check(certificate.dump()).accepted());
}

TEST_CASE("the two readers of arrays agree", "[T30]") {
    test::Random random(97);
    for (int trial = 0; trial < test::trials(60); ++trial) {
        const auto rows = static_cast<std::size_t>(random.integer(1, 4));
        const auto columns = static_cast<std::size_t>(random.integer(1, 4));
        std::vector<double> x(rows * columns);
        for (double& e : x) e = random.finite();
        checker::Data data{"gram", "npy", npy(x, rows, random.chance(0.5))};
        if (random.chance(0.3)) data.bytes[static_cast<std::size_t>(random.integer(0, static_cast<long>(data.bytes.size()) - 1))] ^= static_cast<char>(random.integer(1, 255));
        std::optional<DataArray> ours;
        std::optional<checker::Matrix> theirs;
        try {
            ours = DataFile::parse(data.bytes, "a.npy").array("");
        } catch (const InputError&) {
        }
        try {
            theirs = checker::read_array(data, false);
        } catch (const checker::Refused&) {
        }
        if (!ours || !theirs) continue;
        REQUIRE(ours->size() == theirs->entries.size());
        for (std::size_t k = 0; k < ours->size(); ++k) CHECK(ours->at(k).str() == theirs->entries[k].exact()->get_str());
    }
    // Types and keys that only look like known ones; line ends of old.
    const std::string good = npy({1, 2, 3, 4}, 2, false);
    const auto altered = [&](const std::string& from, const std::string& to) {
        std::string bytes = good;
        REQUIRE(from.size() == to.size());
        bytes.replace(bytes.find(from), from.size(), to);
        return bytes;
    };
    CHECK_NOTHROW(checker::read_array({"gram", "npy", good}, false));
    for (const std::string& bytes : {altered("<f8", "< f"), altered("<f8", "<8 "), altered("(2, 2), }", "(2, 2), \""),
                                     altered("'shape': (2, 2), ", "'shape': (2, 2):,")})
        CHECK_THROWS_AS(checker::read_array({"gram", "npy", bytes}, false), checker::Refused);
    CHECK_THROWS_AS(checker::read_array({"gram", "csv", "1\r2\r3\r"}, false), checker::Refused);
    CHECK_NOTHROW(checker::read_array({"gram", "csv", "1,2\r\n3,4\r\n"}, false));
    // Commas at the end of a line, and quotation marks; in few characters many such lines.
    CHECK(checker::read_array({"gram", "csv", "\"1\", \"-1/3\",2, \r\n\"0.5\";4;\"5\";\n"}, false).columns == 3);
    for (const char* bytes : {"1,2,3\n4,5,\n", "1,2,,\n", ",\n", "\"1\n", "\"\",2", "\"\"1\"\"", "\"1,2\""}) CHECK_THROWS_AS(checker::read_array({"gram", "csv", bytes}, false), checker::Refused);
    for (int trial = 0; trial < test::trials(2000); ++trial) {
        static const std::string alphabet = "12,;\" \t\n#\r";
        std::string bytes;
        for (long k = random.integer(1, 9); k > 0; --k) bytes += alphabet[static_cast<std::size_t>(random.integer(0, static_cast<long>(alphabet.size()) - 1))];
        CAPTURE(bytes);
        std::optional<checker::Matrix> theirs;
        std::optional<DataArray> ours;
        try {
            theirs = checker::read_array({"gram", "csv", bytes}, false);
        } catch (const checker::Refused&) {
        }
        try {
            ours = DataFile::parse(bytes, "a.csv").array("");
        } catch (const InputError&) {
        }
        REQUIRE(theirs.has_value() == ours.has_value());
        if (!ours) continue;
        REQUIRE(ours->shape == std::vector<std::size_t>{theirs->rows, theirs->columns});
        for (std::size_t k = 0; k < ours->size(); ++k) CHECK(ours->at(k).str() == theirs->entries[k].exact()->get_str());
    }
    // Random bytes end in a Refused, or in an array.
    for (const char* format : {"csv", "json", "npy"})
        for (int trial = 0; trial < test::trials(300); ++trial) {
            static const std::string alphabet = "0123456789.,;-+e[]\"' \n\t#x/\\";
            std::string bytes = std::string(format) == "npy" ? npy({1, 2}, 1, false) : "";
            for (long k = random.integer(0, 30); k > 0; --k) {
                const char c = alphabet[static_cast<std::size_t>(random.integer(0, static_cast<long>(alphabet.size()) - 1))];
                if (bytes.size() > 60) bytes[static_cast<std::size_t>(random.integer(6, static_cast<long>(bytes.size()) - 1))] = c;
                else bytes += c;
            }
            std::optional<checker::Matrix> theirs;
            try {
                // What a certificate would hold.
                if (std::string(format) == "json") bytes = DataFile::parse(bytes, "a.json").source("").second;
                theirs = checker::read_array({"gram", format, bytes}, false);
                CHECK(!theirs->entries.empty());
            } catch (const checker::Refused&) {
            }
            if (std::string(format) == "npy") continue;
            // What the program reads as text, the checker reads alike.
            try {
                const DataArray ours = DataFile::parse(bytes, std::string("a.") + format).array("");
                CAPTURE(bytes);
                REQUIRE(theirs.has_value());
                REQUIRE(ours.size() == theirs->entries.size());
                CHECK((ours.shape.size() == 1 ? 1 : ours.shape[0]) == theirs->rows);
                for (std::size_t k = 0; k < ours.size(); ++k) CHECK(ours.at(k).str() == theirs->entries[k].exact()->get_str());
            } catch (const InputError&) {
                if (std::string(format) == "csv") CHECK_FALSE(theirs.has_value());
            }
        }
}

TEST_CASE("families too large to be written out", "[T31][T32]") {
    const Folder folder;
    test::Random random(98);
    const std::size_t n = 131;
    std::vector<double> y(n);
    for (double& e : y) e = random.uniform(-1.0, 1.0);
    for (const double size : {0.4, 1.0}) {  // stable; unstable
        std::vector<double> k(n * n);
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) k[i * n + j] = 5.0 * size * std::exp(-8.0 * (y[i] - y[j]) * (y[i] - y[j])) + (i == j ? 0.5 : 0.0);
        folder.write("k.npy", npy(k, n, false));
        const json certificate = certificate_of(folder.problem(R"([gram]
file = "k.npy"
)" + training));
        const checker::CheckResult result = checker::check(certificate.dump());
        CHECK(result.accepted());
        CHECK(!certificate.contains("family"));
        CHECK(certificate["solutions"].size() == 2);
        std::size_t mu = 0;
        std::size_t lambda2 = 0;
        for (const json& claim : certificate["claims"]) {
            mu += claim["about"] == "mu" ? 1 : 0;
            lambda2 += claim["about"] == "lambda2" ? 1 : 0;
        }
        CHECK(mu == 2);
        CHECK(lambda2 == 2);
        for (std::size_t c = 0; c < certificate["claims"].size(); ++c) {
            if (!certificate["claims"][c].contains("bound")) continue;
            json altered = certificate;
            json& claim = altered["claims"][c];
            if (claim["about"] == "lambda" && claim["proof"]["rule"] != "second moment") continue;
            const double bound = std::stod(claim["bound"].get<std::string>());
            claim["bound"] = std::to_string(bound + (claim["side"] == "lower" ? 1e-3 : -1e-3));
            CHECK(fails(altered));
        }
        for (std::size_t s = 0; s < 2; ++s) {
            json altered = certificate;
            altered["solutions"][s]["x"] = "1" + altered["solutions"][s]["x"].get<std::string>().substr(altered["solutions"][s]["x"].get<std::string>().find(' '));
            CHECK(fails(altered));
            altered = certificate;
            altered["solutions"][s]["c"] = "nan";
            CHECK(fails(altered));
            altered = certificate;
            altered["solutions"][s]["x"] = altered["solutions"][s]["x"].get<std::string>() + " 0";
            CHECK(fails(altered));
        }
    }
}

TEST_CASE("the checker's inequality for a solution is never proved where it is false", "[T32]") {
    test::Random random(99);
    // One data point: L(X) = (1 - k)^2 X, so rho = (1 - k)^2.
    for (int trial = 0; trial < test::trials(100); ++trial) {
        checker::Matrix k(1, 1);
        const long numerator = random.integer(1, 60);
        k(0, 0) = checker::Rational(numerator, 20UL);
        const double kappa = static_cast<double>(numerator) / 20.0;
        const double c = random.uniform(-1.9 * kappa, 3.0);
        const double exact = (1.0 - kappa) * (1.0 - kappa);
        const json solution{{"c", std::to_string(c)}, {"x", "1"}};
        const auto claim = [](double rho) { return checker::End{false, checker::Rational(std::log(rho))}; };
        if (1.0 + c <= 0.0) continue;
        const double read = std::stod(std::to_string(c));
        const bool upper = checker::check_solution(k, checker::Side::upper, claim(1.0 + read + 1e-9), solution, 256).empty();
        const bool lower = checker::check_solution(k, checker::Side::lower, claim(1.0 + read - 1e-9), solution, 256).empty();
        CHECK(upper == (1.0 + read > exact));
        CHECK(lower == (1.0 + read < exact));
        CHECK(!checker::check_solution(k, checker::Side::upper, claim(0.5 * (1.0 + read)), solution, 256).empty());
        CHECK(!checker::check_solution(k, checker::Side::lower, claim(2.0 * (1.0 + read)), solution, 256).empty());
    }
}
