// Evidence on a fan, for all families on a segment (T70 (c)).
#include <stdexcept>

#include "exponent/polyhedral/engine.hpp"

namespace lyapcert {

namespace {

using polyhedral::Level;

template <int N>
MpInterval proved(const Segment& segment, const FanEvidence& evidence, Side side, double enough, Deadline deadline) {
    const auto family = polyhedral::make_family<polyhedral::Along, N>(segment);
    const polyhedral::ReadEvidence<N> read(evidence);
    polyhedral::CellCorrector corrector;
    (side == Side::lower ? corrector.lower : corrector.upper) = read.corrector;
    const double level = family.denominator > 0 ? std::exp(family.denominator * enough) : enough;
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const Level accept = side == Side::lower ? Level{level, infinity} : Level{-infinity, level};
    const polyhedral::Proof proof = polyhedral::prove(read.fan, read.values, family, read.in_cone, corrector, accept, deadline);
    if (!proof.outside.empty()) return MpInterval::everything();
    return polyhedral::exponent_of_level(proof.level, family.denominator);
}

MpInterval proved(const Segment& segment, const FanEvidence& evidence, Side side, double enough, Deadline deadline) {
    switch (segment.middle.dimension()) {
        case 2: return proved<2>(segment, evidence, side, enough, deadline);
        case 3: return proved<3>(segment, evidence, side, enough, deadline);
        case 4: return proved<4>(segment, evidence, side, enough, deadline);
        case 5: return proved<5>(segment, evidence, side, enough, deadline);
        case 6: return proved<6>(segment, evidence, side, enough, deadline);
        default: throw std::invalid_argument("the polyhedral certificate is for dimensions 2 to 6");
    }
}

}  // namespace

Bound polyhedral_bound(const Segment& segment, const std::shared_ptr<const FanEvidence>& evidence, Side side, double enough, Deadline deadline) {
    const RoundNearest guard;
    const MpInterval enclosure = proved(segment, *evidence, side, enough, deadline);
    if (side == Side::lower ? !mpfr_number_p(enclosure.lower()) : !mpfr_number_p(enclosure.upper())) return Bound::nothing();
    const End end{Method::polyhedral, evidence, Effort{evidence->in_cone.size(), 0, 0, 0}};
    return side == Side::lower ? Bound::at_least(enclosure, end) : Bound::at_most(enclosure, end);
}

PolyhedralResult polyhedral_bound(const Segment& segment, const SearchControl& control) {
    switch (segment.middle.dimension()) {
        case 2: return polyhedral::Engine<2, Segment>(segment, control).run();
        case 3: return polyhedral::Engine<3, Segment>(segment, control).run();
        case 4: return polyhedral::Engine<4, Segment>(segment, control).run();
        default: throw std::invalid_argument("the polyhedral certificate along a segment is for dimensions 2 to 4");
    }
}

}  // namespace lyapcert
