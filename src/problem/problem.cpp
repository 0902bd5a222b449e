#include "lyapcert/problem/problem.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <vector>

#include "problem/kinds.hpp"
#include "problem/symbolic.hpp"
#include "problem/wording.hpp"

namespace lyapcert {

namespace {

constexpr std::size_t max_file_size = std::size_t{64} << 20U;

std::string read_file(const std::string& path) {
    const auto refuse = [&](const std::string& message) -> InputError { return InputError(one_line(path, 1000) + ": " + message); };
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) throw refuse("is a directory; expected a problem file");
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
    if (!file) throw refuse(std::string("cannot be opened: ") + std::strerror(errno));
    std::string text;
    std::vector<char> buffer(1U << 16U);
    while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
        text.append(buffer.data(), n);
        if (text.size() > max_file_size) throw refuse("is larger than 64 MiB; expected a problem file");
    }
    if (std::ferror(file.get()) != 0) throw refuse(std::string("cannot be read: ") + std::strerror(errno));
    return text;
}

}  // namespace

Problem parse_problem(const std::string& text, const std::string& name) {
    if (text.size() > max_file_size) throw InputError(one_line(name, 1000) + ": is larger than 64 MiB; expected a problem file");
    const Document document = read_document(text, name);
    Problem problem;
    problem.file = name;
    problem.text = text;
    problem.title = document.title;
    problem.data = document.data;
    problem.kind = document.kind;
    try {
        const symbolic::AlgebraLock lock;
        switch (problem.kind) {
            case Problem::Kind::model: (document.network ? read_network_problem : read_model_problem)(document, problem); break;
            case Problem::Kind::gradients: read_gradients_problem(document, problem); break;
            case Problem::Kind::gram: read_gram_problem(document, problem); break;
            case Problem::Kind::product: read_product_problem(document, problem); break;
        }
    } catch (const ExpressionError& error) {
        document.fail("", error.what());
    } catch (const std::domain_error& error) {
        document.fail("", std::string("not a real number: ") + error.what());
    }
    return problem;
}

std::string read_problem_text(const std::string& path) { return read_file(path); }

Problem read_problem(const std::string& path) { return parse_problem(read_file(path), path); }

}  // namespace lyapcert
