#pragma once

namespace patchbay::mqtt {

/// PINGREQ and PINGRESP, sections 3.12 and 3.13: a fixed header and nothing more.
struct Pingreq {};
struct Pingresp {};

}  // namespace patchbay::mqtt
