// The step d that minimises |J d - h|^2 + m |d|^2; for m -> 0 the one of least norm with J d = h.
#pragma once

#include <cstddef>
#include <vector>

namespace lyapcert::training {

// J has n rows of d numbers, one after the other. A damping m that is not small against the squared norms of the rows goes through the Gram matrix,
// d = J^T (J J^T + m I)^{-1} h; a smaller one through a QR factorisation of (J, sqrt(m) I)^T, which is as good as J's condition allows, not its square.
class LeastNorm {
  public:
    LeastNorm(const std::vector<double>& rows, std::size_t n, std::size_t d);

    double size() const { return size_; }  // the largest squared norm of a row
    std::vector<double> solve(const std::vector<double>& h, double damping) const;
    // The least over the largest diagonal entry of R: 0 where the rows are linearly dependent, tiny where nearly so.
    double independence() const;
    // Multiplications, of the constructor and of a solution.
    static double work(std::size_t n, std::size_t d);
    double work(double damping) const;

  private:
    // Row k: v, zero before entry k, of norm sqrt 2 (or zero); Q is the product of the I - v v^T. And R.
    struct Factors {
        std::vector<double> reflections;
        std::vector<double> triangle;
    };
    bool by_gram(double damping) const;
    Factors factors(double damping) const;
    std::vector<double> by_cholesky(const std::vector<double>& h, double damping) const;
    std::vector<double> by_reflections(const std::vector<double>& h, double damping) const;

    const std::vector<double>& rows_;
    std::size_t n_;
    std::size_t d_;
    std::vector<double> gram_;
    double size_ = 0.0;
};

}  // namespace lyapcert::training
