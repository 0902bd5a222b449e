// Certificates as Coq developments: what a certificate claims of lambda, as theorems about the family of matrices that Coq proves by itself.
//
// Nothing here is trusted: a file that says too much does not compile. The library that the files import, and what its theorems say, is in
// proofs/coq.
#pragma once

#include <string>
#include <vector>

#include "lyapcert/problem/input_error.hpp"

namespace lyapcert::coq_export {

struct File {
    std::string name;  // "Lambda.v"
    std::string content;
};

struct Export {
    std::vector<File> files;
    std::vector<std::string> exported;  // the claims that are theorems now, as "lambda >= 1.1433"
    std::vector<std::string> weaker;    // claims of which a weaker form is, and which
    std::vector<std::string> left_out;  // claims that are not, and why; with the former two all claims of the certificate
};

// `certificate`: its JSON text, which the checker has read. Throws InputError when it is malformed all the same.
Export export_certificate(const std::string& certificate);

}  // namespace lyapcert::coq_export
