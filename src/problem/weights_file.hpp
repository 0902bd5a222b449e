// The weights of a network in a file, under whatever names.
//
// .npz and .safetensors hold named arrays, .json an object of nested arrays, or a list of them. Arrays of dimension two are the W, those of dimension
// one the b. With names the layers come in the order of the names, digits in them counting as numbers ("0.weight", "2.weight", "10.weight"), as
// PyTorch's Sequential has them; where the shapes contradict that order, in the order of the file.
#pragma once

#include <string>
#include <vector>

#include "lyapcert/problem/network.hpp"

namespace lyapcert {

// Layer by layer, the rows of W, then b. Throws InputError.
std::vector<Rational> weights_in_file(const std::string& path, const Network& network);

}  // namespace lyapcert
