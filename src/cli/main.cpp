#include "cli/program.hpp"

int main(int argc, char** argv) { return lyapcert::run_program(argc, argv); }
