// The log-quadratic certificate against D itself: evaluated from the evidence and the matrices with rationals, only the logarithms in MPFR.
#include "lyapcert/exponent/log_quadratic.hpp"

#include <tbb/global_control.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "exponent/log_quadratic/kernel.hpp"
#include "exponent/log_quadratic/proof.hpp"
#include "exponent/log_quadratic_cases.hpp"
#include "lyapcert/numeric/rounding.hpp"
#include "lyapcert/product/sgd_product.hpp"
#include "products.hpp"
#include "random.hpp"

using namespace lyapcert;
using namespace lyapcert::log_quadratic;
using namespace lyapcert::test;

namespace {

struct NamedKernel {
    const char* name;
    Kernel kernel;
};

std::vector<NamedKernel> kernels(std::size_t n) {
    std::vector<NamedKernel> result{{"sse2", sse2::kernel_for(static_cast<int>(n))}};
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) result.push_back({"avx2", avx2::kernel_for(static_cast<int>(n))});
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")) result.push_back({"avx512", avx512::kernel_for(static_cast<int>(n))});
    return result;
}

// All four directions, with and without flush-to-zero and denormals-are-zero.
const std::vector<unsigned> modes = {0x1F80U, 0x3F80U, 0x5F80U, 0x7F80U, 0x9FC0U, 0xBFC0U, 0xDFC0U, 0xFFC0U};

class Mode {
  public:
    explicit Mode(unsigned word) : saved_(detail::read_mxcsr()) { detail::write_mxcsr(word); }
    ~Mode() { detail::write_mxcsr(saved_); }
    Mode(const Mode&) = delete;
    Mode& operator=(const Mode&) = delete;

  private:
    unsigned saved_;
};

KernelOutput run(Kernel kernel, const FormTable& table, std::size_t face, const RandomBox& box, unsigned mode) {
    const KernelInput in{table.faces[face].entries.data(), table.weights.data(), table.sizes.data(), table.errors.data(), table.lowest.data(),
                         table.highest.data(), table.count, box.centre.data(), box.radius.data()};
    KernelOutput out{};
    const Mode guard(mode);
    kernel(in, out);
    return out;
}

// The polynomial that the kernel returned, exactly.
Rational polynomial(const KernelOutput& out, const Point& h) {
    Rational sum = rational_from_double(out.value);
    std::size_t second = 0;
    std::size_t third = 0;
    for (std::size_t i = 0; i < h.size(); ++i) {
        sum += rational_from_double(out.gradient[i]) * h[i];
        for (std::size_t j = 0; j <= i; ++j) {
            sum += rational_from_double(out.hessian[second++]) * h[i] * h[j];
            for (std::size_t k = 0; k <= j; ++k) sum += rational_from_double(out.cubic[third++]) * h[i] * h[j] * h[k];
        }
    }
    return sum;
}

Rationals stable_pair() { return {{exact(Matrix<double>::identity(2, 0.5, 0.0)), exact(Matrix<double>::identity(2, 2.0, 0.0))}, {Rational(1, 3), Rational(2, 3)}}; }

LogQuadraticEvidence euclidean(std::size_t n) { return {Matrix<double>::identity(n, 1.0, 0.0), {Matrix<double>::identity(n, 1.0, 0.0)}, {1.0}, 1, nullptr}; }

RandomProduct product_of(const std::vector<std::vector<std::vector<Rational>>>& matrices, std::vector<Rational> probabilities = {}) {
    std::vector<Matrix<Real>> list;
    for (const auto& rows : matrices) list.push_back(real_matrix(rows));
    return probabilities.empty() ? uniform(std::move(list)) : RandomProduct(std::move(list), std::move(probabilities));
}

RandomProduct sgd_of(const std::vector<std::vector<Rational>>& scaled_gram, std::size_t batch = 1) { return sgd_product(real_matrix(scaled_gram), batch); }

}  // namespace

TEST_CASE("bounds on a box contain D, the Taylor model is within its remainder", "[T23][log-quadratic]") {
    Random random(31);
    int valid = 0;
    int modelled = 0;
    int boxes = 0;
    for (int trial = 0; trial < trials(120); ++trial) {
        const auto n = static_cast<std::size_t>(2 + trial % 5);
        const Rationals family = random_family(random, n);
        const LogQuadraticEvidence evidence = random_evidence(random, n);
        std::optional<FormTable> table;
        try {
            table = make_forms(family.product(), evidence);
        } catch (const std::logic_error&) {
            continue;  // a form too thin to be proved definite
        }
        if (!table) continue;
        const MpInterval spare(slack(*table) * 1.000001, slack(*table) * 1.000001, fine);
        for (int b = 0; b < 8; ++b, ++boxes) {
            const auto face = static_cast<std::size_t>(random.integer(0, static_cast<long>(n) - 1));
            const RandomBox box = random_box(random, n - 1);
            std::vector<Point> displacements{Point(n - 1, Rational(0))};
            for (int s = 0; s < 4; ++s) displacements.push_back(random_displacement(random, box));
            std::vector<std::optional<MpInterval>> values;
            for (const Point& h : displacements) values.push_back(d_at(family, evidence, on_face(box, h, face)));
            std::optional<KernelOutput> reference;
            for (const NamedKernel& k : kernels(n)) {
                for (std::size_t mode = 0; mode < modes.size(); ++mode) {
                    INFO(k.name << ", n = " << n << ", mode " << mode << ", trial " << trial);
                    BoxBounds bounds;
                    {
                        const Mode guard(modes[mode]);
                        bounds = bound_box(*table, face, box.centre.data(), box.radius.data(), k.kernel);
                    }
                    const KernelOutput out = run(k.kernel, *table, face, box, modes[mode]);
                    for (std::size_t s = 0; s < values.size(); ++s) {
                        if (!values[s]) {
                            CHECK(bounds.lower == -std::numeric_limits<double>::infinity());
                            continue;
                        }
                        CHECK(at_most(bounds.lower, *values[s]));
                        CHECK(at_least(bounds.upper, *values[s]));
                        if (!out.valid) continue;
                        const MpInterval error = abs(*values[s] - MpInterval(polynomial(out, displacements[s]), fine));
                        const MpInterval allowed = MpInterval(out.error * 64.000001, out.error * 64.000001, fine) + spare + (s == 0 ? MpInterval(fine) : MpInterval(out.remainder * 1.000001, out.remainder * 1.000001, fine));
                        CHECK(mpfr_lessequal_p(error.lower(), allowed.upper()) != 0);
                    }
                    if (values[0]) {
                        CHECK(at_most(bounds.centre_lower, *values[0]));
                        CHECK(at_least(bounds.centre_upper, *values[0]));
                    }
                    // The kernels agree with each other.
                    if (!reference) reference = out;
                    if (out.valid && reference->valid)
                        CHECK(std::fabs(out.value - reference->value) <= 2 * (64.1 * std::max(out.error, reference->error) + slack(*table)));
                    valid += out.valid;
                    modelled += out.valid && out.remainder < 1e-3;
                }
            }
        }
    }
    // The test has met what it is for.
    CHECK(valid > boxes * 4);
    CHECK(modelled > boxes);
}

TEST_CASE("the bounds are sharp: third order in the size of the box", "[T23][log-quadratic]") {
    Random random(32);
    for (std::size_t n = 2; n <= 6; ++n) {
        const Rationals family{{exact(Matrix<double>::identity(n, 1.0, 0.0)), [&] {
                                    Matrix<Rational> a = random.rational_matrix(n, n, 9, 5);
                                    for (std::size_t i = 0; i < n; ++i) a(i, i) += 3;
                                    return a;
                                }()},
                               {Rational(1, 2), Rational(1, 2)}};
        LogQuadraticEvidence evidence = euclidean(n);
        evidence.forms[0](0, 0) = 2.0;
        const auto table = make_forms(family.product(), evidence);
        REQUIRE(table);
        RandomBox box = random_box(random, n - 1);
        for (std::size_t i = 0; i + 1 < n; ++i) box.centre[i] = 0.25, box.radius[i] = 0x1p-9;
        for (const NamedKernel& k : kernels(n)) {
            const BoxBounds bounds = bound_box(*table, 0, box.centre.data(), box.radius.data(), k.kernel);
            CHECK(bounds.remainder < 1e-6);
            CHECK(bounds.centre_upper - bounds.centre_lower < 1e-9);
        }
    }
}

TEST_CASE("a form that its polynomial does not model: the deviation is bounded by its range", "[T23][log-quadratic]") {
    // q = x^2 + thin^2 y^2 on the face y = 1, at the centre where it is smallest; the whole face is one box.
    for (const double thin : {0x1p-10, 0x1p-15}) {
        const Rationals family{{exact(Matrix<double>::identity(2, 3.0, 0.0)), [&] {
                                    Matrix<double> a = Matrix<double>::identity(2, 1.0, 0.0);
                                    a(1, 1) = thin;
                                    return exact(a);
                                }()},
                               {Rational(1, 2), Rational(1, 2)}};
        const LogQuadraticEvidence evidence = euclidean(2);
        const auto table = make_forms(family.product(), evidence);
        REQUIRE(table);
        for (const double centre : {-0.5, 0.0, 0.5}) {
            RandomBox box{{centre}, {centre == 0.0 ? 1.0 : 0.5}};
            for (const NamedKernel& k : kernels(2)) {
                const BoxBounds bounds = bound_box(*table, 1, box.centre.data(), box.radius.data(), k.kernel);
                CHECK(bounds.lower > -40.0);
                CHECK(bounds.upper < 40.0);
                for (long step = -32; step <= 32; ++step) {
                    const MpInterval d = *d_at(family, evidence, on_face(box, {Rational(step, 32) * rational_from_double(box.radius[0])}, 1));
                    CHECK(at_most(bounds.lower, d));
                    CHECK(at_least(bounds.upper, d));
                }
            }
        }
    }
}

TEST_CASE("prove: true levels are proved, levels beyond a value of D never; the number of threads does not matter", "[T22][log-quadratic]") {
    Random random(33);
    int proved = 0;
    for (int trial = 0; trial < trials(24); ++trial) {
        const auto n = static_cast<std::size_t>(2 + trial % 3);
        Rationals family = random_family(random, n);
        LogQuadraticEvidence evidence = random_evidence(random, n);
        for (Matrix<Rational>& a : family.matrices)
            for (std::size_t i = 0; i < n; ++i) a(i, i) += 4;
        for (Matrix<double>& q : evidence.forms)
            for (std::size_t i = 0; i < n; ++i) q(i, i) += 0.5;
        const auto table = make_forms(family.product(), evidence);
        if (!table) continue;
        std::optional<double> least;
        std::optional<double> most;
        for (int s = 0; s < 200; ++s) {
            const RandomBox box = random_box(random, n - 1);
            const auto d = d_at(family, evidence, on_face(box, random_displacement(random, box), static_cast<std::size_t>(s) % n));
            if (!d) continue;
            if (!least || d->upper_double() < *least) least = d->upper_double();
            if (!most || d->lower_double() > *most) most = d->lower_double();
        }
        if (!least) continue;
        ProofLimits limits;
        limits.boxes = 300000;
        for (const double beyond : {1e-9, 1e-3, 1.0}) {
            CHECK_FALSE(prove(*table, Side::lower, *least + beyond, limits).proved);
            CHECK_FALSE(prove(*table, Side::upper, *most - beyond, limits).proved);
        }
        for (const Side side : {Side::lower, Side::upper}) {
            const double level = side == Side::lower ? *least - 0.5 : *most + 0.5;
            Proof answers[2];
            for (const int threads : {1, 4}) {
                const tbb::global_control control(tbb::global_control::max_allowed_parallelism, static_cast<std::size_t>(threads));
                answers[threads / 4] = prove(*table, side, level, limits);
            }
            CHECK(answers[0].proved == answers[1].proved);
            CHECK(answers[0].boxes == answers[1].boxes);
            CHECK(answers[0].violations == answers[1].violations);
            proved += answers[0].proved;
        }
    }
    CHECK(proved > trials(24) / 2);
}

TEST_CASE("prove: every face counts, and limits end in no proof", "[T22][log-quadratic]") {
    // D has its minimum near one axis, on one face only; and its maximum near another.
    for (std::size_t n = 2; n <= 6; ++n) {
        for (std::size_t axis = 0; axis < n; ++axis) {
            Matrix<double> a = Matrix<double>::identity(n, 1.0, 0.0);
            a(axis, axis) = 0.5;
            const Rationals family{{exact(a)}, {Rational(1)}};
            const auto table = make_forms(family.product(), euclidean(n));
            REQUIRE(table);
            // min D = log(1/2), at the axis; log(0.66) is a bound where the component of the axis is not the largest.
            ProofLimits limits;
            limits.boxes = 2000000;
            CHECK_FALSE(prove(*table, Side::lower, -0.6, limits).proved);
            if (n <= 4) CHECK(prove(*table, Side::lower, -0.7, limits).proved);
            a(axis, axis) = 2.0;
            const auto other = make_forms(Rationals{{exact(a)}, {Rational(1)}}.product(), euclidean(n));
            CHECK_FALSE(prove(*other, Side::upper, 0.6, limits).proved);
            if (n <= 4) CHECK(prove(*other, Side::upper, 0.7, limits).proved);
        }
    }
    Random random(34);
    Rationals hard{{random.rational_matrix(4, 4, 9, 5), random.rational_matrix(4, 4, 9, 5)}, {Rational(1, 2), Rational(1, 2)}};
    const auto table = make_forms(hard.product(), euclidean(4));
    REQUIRE(table);
    ProofLimits few;
    few.boxes = 10;
    CHECK_FALSE(prove(*table, Side::lower, -3.0, few).proved);
    ProofLimits past;
    past.deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
    const Proof late = prove(*table, Side::lower, -100.0, past);
    CHECK((late.proved || late.violations.empty()));
    // A level that D touches: the boxes become too small, or too many.
    ProofLimits some;
    some.boxes = 200000;
    CHECK_FALSE(prove(*make_forms(stable_pair().product(), euclidean(2)), Side::lower, std::log(2.0) / 3 + 1e-9, some).proved);
    CHECK(prove(*make_forms(stable_pair().product(), euclidean(2)), Side::lower, std::log(2.0) / 3 - 1e-9, some).proved);
    CHECK(prove(*make_forms(stable_pair().product(), euclidean(2)), Side::upper, std::log(2.0) / 3 + 1e-9, some).proved);
}

TEST_CASE("prove: a narrow dip of D is found wherever it is", "[T22][log-quadratic]") {
    // A = I - (1 - e) w w^T / |w|^2 has the smallest singular value e, at w; the inverse has the largest one there.
    Random random(37);
    for (int trial = 0; trial < trials(60); ++trial) {
        const auto n = static_cast<std::size_t>(2 + trial % 4);
        Point w;
        Rational square = 0;
        for (std::size_t i = 0; i < n; ++i) {
            w.push_back(Rational(random.integer(-999, 999), 1000));
            square += w[i] * w[i];
        }
        if (square.is_zero()) continue;
        const Rational e(1, n <= 3 ? 1L << random.integer(3, 9) : 8);
        Rationals dip{{Matrix<Rational>(n, n)}, {Rational(1)}};
        Rationals peak = dip;
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) {
                dip.matrices[0](i, j) = (i == j ? 1 : 0) - (1 - e) * w[i] * w[j] / square;
                peak.matrices[0](i, j) = (i == j ? 1 : 0) - (1 - 1 / e) * w[i] * w[j] / square;
            }
        const double least = std::log(e.convert_to<double>());
        const auto low = make_forms(dip.product(), euclidean(n));
        const auto high = make_forms(peak.product(), euclidean(n));
        REQUIRE((low && high));
        ProofLimits limits;
        limits.boxes = 3000000;
        CHECK_FALSE(prove(*low, Side::lower, least + 0.01, limits).proved);
        CHECK_FALSE(prove(*high, Side::upper, -least - 0.01, limits).proved);
        if (n <= 3) {
            CHECK(prove(*low, Side::lower, least - 0.2, limits).proved);
            CHECK(prove(*high, Side::upper, -least + 0.2, limits).proved);
        }
    }
}

TEST_CASE("prove: nothing is proved of a family with a singular matrix", "[T22][log-quadratic]") {
    Rationals family = stable_pair();
    family.matrices[0](1, 1) = 0;
    for (const double weight : {1.0, 0.0}) {
        LogQuadraticEvidence evidence = euclidean(2);
        if (weight == 0.0) {
            evidence.forms.push_back(evidence.forms[0]);
            evidence.weights.push_back(0.0);
        }
        const auto table = make_forms(family.product(), evidence);
        REQUIRE(table);
        ProofLimits limits;
        limits.boxes = 100000;
        CHECK_FALSE(prove(*table, Side::lower, -1000.0, limits).proved);
        CHECK_FALSE(prove(*table, Side::upper, 1000.0, limits).proved);
    }
}

TEST_CASE("evidence of the wrong kind is refused", "[T22][log-quadratic]") {
    const RandomProduct product = stable_pair().product();
    const auto refused = [&](auto&& spoil) {
        LogQuadraticEvidence evidence = euclidean(2);
        spoil(evidence);
        CHECK_THROWS_AS(make_forms(product, evidence), std::logic_error);
    };
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const double infinity = std::numeric_limits<double>::infinity();
    CHECK(make_forms(product, euclidean(2)).has_value());
    refused([](auto& e) { e.forms.clear(); });
    refused([](auto& e) { e.weights.clear(); });
    refused([](auto& e) { e.weights.push_back(1.0); });
    refused([](auto& e) { e.basis = Matrix<double>::identity(3, 1.0, 0.0); });
    refused([](auto& e) { e.forms[0] = Matrix<double>::identity(3, 1.0, 0.0); });
    refused([](auto& e) { e.weights[0] = 0.0; });
    refused([](auto& e) { e.weights[0] = -1.0; });
    refused([&](auto& e) { e.weights[0] = nan; });
    refused([&](auto& e) { e.weights[0] = infinity; });
    refused([](auto& e) { e.forms[0](0, 0) = -1.0; });
    refused([](auto& e) { e.forms[0](0, 0) = 0.0; });
    refused([](auto& e) { e.forms[0](0, 1) = 0.25; });
    refused([](auto& e) { e.forms[0](0, 1) = e.forms[0](1, 0) = 1.0; });
    refused([&](auto& e) { e.forms[0](1, 1) = nan; });
    refused([&](auto& e) { e.forms[0](1, 1) = infinity; });
    refused([&](auto& e) { e.basis(0, 0) = nan; });
    refused([&](auto& e) { e.basis(0, 0) = infinity; });
    // So small that products underflow, so large that they overflow.
    refused([](auto& e) { e.weights[0] = 1e-200; });
    refused([](auto& e) { e.weights[0] = 5e-324; });
    refused([](auto& e) { e.weights[0] = 1e200; });
    refused([](auto& e) {
        for (int k = 0; k < 1400; ++k) e.forms.push_back(e.forms[0]), e.weights.push_back(1.0);
    });
    LogQuadraticEvidence singular = euclidean(2);
    singular.basis(0, 0) = 0.0;
    CHECK_FALSE(make_forms(product, singular).has_value());
    CHECK_THROWS_AS(log_quadratic_bound(product_of({{{2}}}), SearchControl{}), std::invalid_argument);
}

TEST_CASE("degrees other than 1, and a basis: the exponent does not change", "[T22][log-quadratic]") {
    // lambda = (log 2)/3 for any f.
    Random random(35);
    for (int trial = 0; trial < trials(20); ++trial) {
        LogQuadraticEvidence evidence = euclidean(2);
        evidence.weights[0] = random.uniform(0.1, 10.0);
        for (double* x : {&evidence.basis(0, 0), &evidence.basis(0, 1), &evidence.basis(1, 0), &evidence.basis(1, 1)}) *x = random.uniform(-2.0, 2.0);
        const auto table = make_forms(stable_pair().product(), evidence);
        if (!table) continue;
        const double s = evidence.weights[0];
        CHECK(prove(*table, Side::lower, s * (std::log(2.0) / 3 - 1e-7), {}).proved);
        CHECK(prove(*table, Side::upper, s * (std::log(2.0) / 3 + 1e-7), {}).proved);
        ProofLimits limits;
        limits.boxes = 100000;
        CHECK_FALSE(prove(*table, Side::lower, s * (std::log(2.0) / 3 + 1e-7), limits).proved);
        CHECK_FALSE(prove(*table, Side::upper, s * (std::log(2.0) / 3 - 1e-7), limits).proved);
        CHECK(table->degree_interval.lower() <= s);
        CHECK(table->degree_interval.upper() >= s);
    }
}

TEST_CASE("intervals: every member is covered", "[T22][log-quadratic]") {
    const auto entry = [](const char* lo, const char* hi) { return Real::between(parse_rational(lo), parse_rational(hi)); };
    Matrix<Real> a(2, 2);
    a(0, 0) = a(1, 1) = entry("2", "2.0001");
    const RandomProduct product({a}, {Rational(1)});
    const auto table = make_forms(product, euclidean(2));
    REQUIRE(table);
    ProofLimits limits;
    limits.boxes = 100000;
    CHECK_FALSE(prove(*table, Side::lower, std::log(2.00003), limits).proved);
    CHECK_FALSE(prove(*table, Side::upper, std::log(2.00007), limits).proved);
    CHECK(prove(*table, Side::lower, std::log(1.9), limits).proved);
    CHECK(prove(*table, Side::upper, std::log(2.1), limits).proved);
    // Too wide: nothing is proved, whatever the level.
    a(0, 0) = a(1, 1) = entry("-2", "2.5");
    const auto wide = make_forms(RandomProduct({a}, {Rational(1)}), euclidean(2));
    REQUIRE(wide);
    CHECK_FALSE(prove(*wide, Side::lower, -1000.0, limits).proved);
    CHECK_FALSE(prove(*wide, Side::upper, 1000.0, limits).proved);
}

TEST_CASE("known exponents", "[T22][log-quadratic]") {
    // Pollicott 2010; Fibonacci-like and SGD values as in the tests of the polyhedral bound.
    check_contains(log_quadratic_bound(product_of({{{2, 1}, {1, 1}}, {{3, 1}, {2, 1}}}), until(1e-4, 1)).bound.enclosure, "1.14331103510294924584325185365558829940");
    // Gradients (2, 3/2, 3/2), (3/2, 2, 3/2), (3/2, 3/2, 2), learning rate 1.
    const Rational h(17, 2);
    const Rational off(33, 4);
    const std::vector<std::vector<Rational>> gram = {{h, off, off}, {off, h, off}, {off, off, h}};
    const MpInterval row9 = log_quadratic_bound(sgd_of(gram), until(0.5, 20)).bound.enclosure;
    check_contains(row9, "1.99226095427579");
    // Commuting: lambda is the larger of the means of the eigenvalues' logarithms, ((log 5 + log 3)/2 here).
    const MpInterval commuting = log_quadratic_bound(product_of({{{4, 1}, {1, 4}}, {{2, 1}, {1, 2}}}), until(1e-2, 1)).bound.enclosure;
    check_contains(commuting, "1.35402510055110501");
    // Triangular: the larger of two sums. A jump of the exponents of 1.7 and a bounded coupling.
    const MpInterval triangular = log_quadratic_bound(product_of({{{3, 1, 0}, {0, 1, 1}, {0, 0, 1}}, {{2, -1, 1}, {0, 1, 0}, {0, 0, Rational(1, 2)}}}), until(0.05, 1)).bound.enclosure;
    check_contains(triangular, "0.895879734614027500");
    // Diagonal and orthogonal, dimension 4: log 3.
    const MpInterval rotation = log_quadratic_bound(product_of({{{0, 3, 0, 0}, {-3, 0, 0, 0}, {0, 0, 0, 3}, {0, 0, 3, 0}}, {{3, 0, 0, 0}, {0, 0, 3, 0}, {0, -3, 0, 0}, {0, 0, 0, 3}}}), until(0.05, 30)).bound.enclosure;
    check_contains(rotation, "1.0986122886681098");
    CHECK(rotation.width_double() < 0.1);
    CHECK(row9.width_double() < 1.0);
}

TEST_CASE("whole results contain long simulations", "[T22][log-quadratic]") {
    Random random(36);
    int finite = 0;
    int count = 0;
    for (int trial = 0; trial < trials(9); ++trial, ++count) {
        const auto n = static_cast<std::size_t>(3 + trial % 3);
        std::optional<RandomProduct> product;
        if (trial % 3 == trial / 3) {  // a general product with unequal probabilities
            Rationals family{{}, {Rational(1, 2), Rational(3, 10), Rational(1, 5)}};
            for (int k = 0; k < 3; ++k) family.matrices.push_back(random.rational_matrix(n, n, 9, 5));
            product = family.product();
        } else {
            const Matrix<Rational> gram = random.gram(n, n + 1);
            Rational trace = 0;
            for (std::size_t i = 0; i < n; ++i) trace += gram(i, i);
            const Rational eta = Rational(random.integer(5, 30), 10) * static_cast<long>(n) / trace;
            product = sgd_product(gram.map([&](const Rational& x) { return Real(Rational(eta * x)); }), trial % 2 == 0 ? 1 : 2);
        }
        const LogQuadraticResult result = log_quadratic_bound(*product, until(0.3, 3.0));
        finite += std::isfinite(result.bound.enclosure.lower_double()) || std::isfinite(result.bound.enclosure.upper_double());
        check_against(result.bound.enclosure, simulate(*product, random));
    }
    CHECK(finite > count / 4);  // slow machines do not get far
    // Singular: no end, and no exception.
    const MpInterval singular = log_quadratic_bound(product_of({{{1, 2, 0}, {2, 4, 0}, {0, 0, 1}}, {{1, 0, 1}, {0, 2, 0}, {0, 0, 3}}}), until(0.1, 1)).bound.enclosure;
    CHECK(singular.lower_double() == -std::numeric_limits<double>::infinity());
    CHECK(singular.upper_double() == std::numeric_limits<double>::infinity());
    // Very many matrices: few forms are possible, or none.
    for (const int many : {120, 700}) {
        std::vector<Matrix<Real>> matrices;
        for (int k = 0; k < many; ++k) matrices.push_back(real_matrix({{Rational(2) + Rational(k, 100), 1}, {1, Rational(3) - Rational(k, 1000)}}));
        const RandomProduct product = uniform(std::move(matrices));
        check_against(log_quadratic_bound(product, until(0.2, 1)).bound.enclosure, simulate(product, random));
    }
}
