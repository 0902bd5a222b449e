// The formats of data files. `path` is for messages.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "lyapcert/problem/data_file.hpp"

namespace lyapcert::data_file {

using Format = std::shared_ptr<const DataFile::Format>;

Format csv(std::string bytes, const std::string& path);
Format json(std::string bytes, const std::string& path);
Format npy(std::string bytes, const std::string& path);
Format npz(std::string bytes, const std::string& path);
Format safetensors(std::string bytes, const std::string& path);

// JSON with the numbers beyond the range of doubles put in quotes: parsers refuse them otherwise, before anyone sees their text.
std::string with_large_numbers_quoted(const std::string& text);

// Plain numbers in memory: floats of 2, 4, 8 bytes ('f'), bfloat16 ('b'), signed and unsigned integers of 1, 2, 4, 8 bytes ('i', 'u').
struct ItemType {
    char kind = 'f';
    std::size_t size = 8;
    bool big_endian = false;
};

// One .npy array; `place` begins a message: "file" or "file: array 'W'".
DataArray decode_npy(const std::string& bytes, const std::string& place);
ArrayInfo npy_info(const std::string& bytes, const std::string& place);
// The array as a .npy file, version 1. bfloat16 becomes binary32, which holds the same numbers; everything else is what it was.
std::string encode_npy(const ItemType& type, const std::vector<std::size_t>& shape, std::string_view items);

// Throws InputError "place: message".
[[noreturn]] void fail(const std::string& place, const std::string& message);
// "array 'W1'", shortened and printable.
std::string named(const std::string& name);

// The product of the extents; fails beyond DataFile::most_numbers.
std::size_t count(const std::vector<std::size_t>& shape, const std::string& place);
// The position "[2][0]" of entry k.
std::string position(const std::vector<std::size_t>& shape, std::size_t k);

// An unsigned little-endian integer of up to 8 bytes.
unsigned long long little_endian(const char* bytes, std::size_t size);

// The value of the bits; NaN and infinity are returned as they are. Nothing for an integer that is no double.
bool decode(const ItemType& type, const char* bytes, double& value);
// All of them; `shape` as it shall be, `fortran`: the first index runs fastest in `bytes`. Fails on NaN, infinity, large integers.
DataArray decode_items(const ItemType& type, const char* bytes, std::vector<std::size_t> shape, bool fortran, const std::string& place);

}  // namespace lyapcert::data_file
