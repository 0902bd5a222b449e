// Arrays of numbers in files, each number exactly as it stands there: gradients, Gram matrices, inputs, targets, weights.
//
//   .csv, .txt       one row a line; decimals are read exactly ("0.1" is 1/10). Separated by commas, else semicolons, else blanks and tabs, line by
//                    line; a number may stand in quotation marks, a line may end with its separator; blank lines and lines that begin with # are
//                    skipped. A header line is an error.
//   .json            an array of numbers, or an array of such arrays; a number, in quotes or not, is read exactly from its text, whatever its size
//   .npy             NumPy, versions 1 to 3, either byte order, C or Fortran order, floating point of 2, 4 and 8 bytes, integers
//   .npz             a zip archive of these, stored or deflated; the arrays are named
//   .safetensors     named arrays: F64, F32, F16, BF16 and integers
//
// In the binary formats a number is the double (or narrower float, or integer) itself. Integers beyond 2^53 are refused there, and so are NaN
// and infinity everywhere: whoever reads an array gets finite numbers. All errors are InputErrors of one line: file, place, what is wrong.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "lyapcert/numeric/rational.hpp"
#include "lyapcert/problem/input_error.hpp"

namespace lyapcert {

struct DataArray {
    std::vector<std::size_t> shape;  // no entries: a single number
    std::variant<std::vector<double>, std::vector<Rational>> values;  // row-major; doubles from the binary formats

    std::size_t size() const;
    Rational at(std::size_t k) const;
};

// What a file says of an array, without its numbers.
struct ArrayInfo {
    std::vector<std::size_t> shape;
    std::string type;       // as the file calls it, for messages
    bool readable = false;  // numbers of a type that is read, and at least one
    bool floating = false;  // floating point or decimals; otherwise integers, or nothing that is read
};

class DataFile {
  public:
    static constexpr std::size_t largest_file = std::size_t{1} << 30;
    static constexpr std::size_t most_numbers = std::size_t{1} << 27;

    // The format is told by the name. Throws InputError.
    static DataFile read(const std::string& path);
    static DataFile parse(std::string bytes, const std::string& path);

    const std::string& path() const { return path_; }
    // Of the arrays in a .npz or .safetensors file, in its order; one empty name for the other formats.
    std::vector<std::string> names() const;
    bool has(const std::string& name) const;
    ArrayInfo info(const std::string& name) const;
    // Decodes one of them. Throws InputError.
    DataArray array(const std::string& name) const;
    // What a certificate keeps of it: "csv", "json" or "npy" (a member of a .npz file by itself, an array of a .safetensors file as NumPy would write
    // it; JSON numbers beyond the range of doubles in quotes), and the bytes. Throws InputError.
    std::pair<std::string, std::string> source(const std::string& name) const;

    // One format's view of the bytes.
    class Format {
      public:
        virtual ~Format() = default;
        virtual std::vector<std::string> names() const { return {""}; }
        virtual ArrayInfo info(const std::string& name) const;  // of an array that decodes
        virtual DataArray array(const std::string& name) const = 0;
        virtual std::pair<std::string, std::string> source(const std::string& name) const = 0;
    };

  private:
    DataFile(std::string path, std::shared_ptr<const Format> format) : path_(std::move(path)), format_(std::move(format)) {}

    std::string path_;
    std::shared_ptr<const Format> format_;
};

}  // namespace lyapcert
