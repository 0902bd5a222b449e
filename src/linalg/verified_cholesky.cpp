#include "lyapcert/linalg/verified_cholesky.hpp"

#include <cmath>
#include <stdexcept>

#include "linalg/plain_cholesky.hpp"

namespace lyapcert {

bool cholesky_proves_positive_definite(const Matrix<Interval>& a) {
    const std::size_t n = a.rows();
    if (n == 0 || a.columns() != n) throw std::invalid_argument("a symmetric matrix must be square and not empty");
    if (n > (std::size_t{1} << 20)) return false;
    std::vector<double> scale(n);  // powers of two that bring the diagonal near 1
    for (std::size_t i = 0; i < n; ++i) {
        if (!(a(i, i).lower() > 0x1p-900) || !(a(i, i).upper() < 0x1p900)) return false;
        scale[i] = std::ldexp(1.0, -(std::ilogb(a(i, i).upper()) / 2));
    }
    std::vector<double> b(n * n);
    std::vector<double> error(n, 0.0);
    double shift = 0.0;
    {
        const RoundUpward guard;
        using namespace directed;
        double trace = 0.0;
        double largest = 0.0;
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j <= i; ++j) {
                const double factor = mul_up(scale[i], scale[j]);
                const double low = mul_down(a(i, j).lower(), factor);
                const double high = mul_up(a(i, j).upper(), factor);
                const double middle = mul_up(0.5, add_up(low, high));
                if (!(std::fabs(middle) < 0x1p500)) return false;
                const double e = std::max(sub_up(high, middle), sub_up(middle, low));
                error[i] = add_up(error[i], e);
                if (i != j) error[j] = add_up(error[j], e);
                b[j * n + i] = middle;
                if (i == j) {
                    trace = add_up(trace, middle);
                    largest = std::max(largest, middle);
                }
            }
        for (const double e : error) shift = std::max(shift, e);
        constexpr double u = 0x1p-52;
        const double g = mul_up(static_cast<double>(2 * n + 8), u);
        shift = add_up(shift, add_up(mul_up(u, largest), add_up(mul_up(mul_up(1.002, g), trace), 0x1p-880)));
        if (!(shift < 1.0) || !(largest <= 4.0)) return false;
        for (std::size_t i = 0; i < n; ++i) b[i * n + i] = sub_up(b[i * n + i], shift);
    }
    const RoundNearest guard;
    return plain_cholesky(b.data(), n);
}

}  // namespace lyapcert
