// The body of plain_product for one instruction set, included by plain_product_<set>.cpp with `lanes` (doubles in a vector) and `rows_in_registers`.

namespace {

typedef double Vector __attribute__((vector_size(8 * lanes)));
constexpr std::size_t width = 2 * lanes;

// rows x width entries of c, from `rows` rows of a and a packed panel of b.
template <std::size_t rows>
void tile(const double* a, const double* panel, double* c, std::size_t n, std::size_t columns) {
    Vector sum[rows][2] = {};
    for (std::size_t k = 0; k < n; ++k) {
        Vector b0, b1;
        __builtin_memcpy(&b0, panel + k * width, sizeof b0);
        __builtin_memcpy(&b1, panel + k * width + lanes, sizeof b1);
        for (std::size_t r = 0; r < rows; ++r) {
            const double x = a[r * n + k];
            sum[r][0] += x * b0;
            sum[r][1] += x * b1;
        }
    }
    for (std::size_t r = 0; r < rows; ++r)
        for (std::size_t j = 0; j < columns; ++j) c[r * n + j] = sum[r][j / lanes][j % lanes];
}

void product(const double* a, const double* b, double* c, std::size_t n, std::size_t first, std::size_t last, double* panel) {
    for (std::size_t left = 0; left < n; left += width) {
        const std::size_t columns = n - left < width ? n - left : width;
        for (std::size_t k = 0; k < n; ++k)
            for (std::size_t j = 0; j < width; ++j) panel[k * width + j] = j < columns ? b[k * n + left + j] : 0.0;
        std::size_t i = first;
        for (; i + rows_in_registers <= last; i += rows_in_registers) tile<rows_in_registers>(a + i * n, panel, c + i * n + left, n, columns);
        for (; i < last; ++i) tile<1>(a + i * n, panel, c + i * n + left, n, columns);
    }
}

}  // namespace
