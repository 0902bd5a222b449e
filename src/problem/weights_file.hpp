// The weights of a network in a file, under whatever names.
//
// .npz and .safetensors hold named arrays, .json an object of nested arrays, or a list of them. Names that pair a matrix with a vector ("0.weight" and
// "0.bias", "dense/kernel:0" and "dense/bias:0", "W1" and "b1") win, where they fit the layers in one way; what else the file holds (running means,
// counters, empty or boolean arrays) is ignored then. Otherwise arrays of dimension two are the W, those of dimension one the b. The layers come in the
// order of the names, digits in them counting as numbers ("0.weight", "2.weight", "10.weight"), as PyTorch's Sequential has them; where the shapes
// contradict that order, in the order of the file.
#pragma once

#include <string>
#include <vector>

#include "lyapcert/problem/network.hpp"

namespace lyapcert {

// Layer by layer, the rows of W, then b. `names`: the arrays to take, the W and the b each in the order of the layers; empty: as above. Throws
// InputError, with what the file holds.
std::vector<Rational> weights_in_file(const std::string& path, const Network& network, const std::vector<std::string>& names = {});

}  // namespace lyapcert
