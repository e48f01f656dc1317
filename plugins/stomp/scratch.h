// What lives for one call only, kept for each shard so that it isn't allocated for each call.
#pragma once

#include <cstdint>
#include <string>

#include "frame.h"
#include "frame_batch.h"
#include "message_tails.h"

namespace patchbay::stomp {

struct alignas(64) Scratch {
  Frame frame;
  FrameBatch output;
  std::string head;  ///< of the frame that is being written
  MessageTails tails;
  bool congested = false;       ///< the connection wants no more now
  std::uint64_t delivered = 0;  ///< messages written, or in `output`, that are not counted yet
};

}  // namespace patchbay::stomp
