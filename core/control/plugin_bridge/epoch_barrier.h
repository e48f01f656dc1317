#pragma once

#include <cstdint>

#include "base/epoch.h"

namespace patchbay::plugin_bridge {

/// The barrier behind every change of chains: waits until no shard can see any more what was unlinked before the call.
/// Shards that sleep are outside any section and don't delay it. False: some shard is still in the turn it was in,
/// after `limit_ms`. Not from a shard. [control]
[[nodiscard]] bool wait_until_shards_passed(base::EpochDomain& epoch, uint64_t limit_ms);

}  // namespace patchbay::plugin_bridge
