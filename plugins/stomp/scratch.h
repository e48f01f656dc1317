// What lives for one call only, kept for each shard so that it isn't allocated for each call.
#pragma once

#include <cstdint>
#include <string>

#include "frame.h"

namespace patchbay::stomp {

struct alignas(64) Scratch {
  Frame frame;
  std::string output;
  std::string destination;
  bool congested = false;       ///< the connection wants no more now
  std::uint64_t delivered = 0;  ///< messages in `output` and before it that are not counted yet
};

}  // namespace patchbay::stomp
