#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "access/access_control.h"
#include "base/clock.h"
#include "base/deferral.h"
#include "base/epoch.h"
#include "base/shard_services.h"
#include "hooks/hook_points.h"

namespace patchbay::plugin_bridge {

/// What the bridge is built on: the flow plane's parts that all shards share. Everything outlives the bridge.
struct BridgeEnvironment {
  const base::Clock& clock;
  base::EpochDomain& epoch;
  base::CompletionRouter& completions;
  hooks::HookPoints& hooks;
  access::AccessPoints& access;
  std::vector<base::ShardServices*> shards;  ///< by number
  /// Not null: above 0, connections stop reading (distribution::Exchange::pressure()). Raised while a batch observer
  /// with back-pressure has a full queue.
  std::atomic<uint32_t>* pressure = nullptr;
  /// Called when other entries than before decide about access: cached decisions must be made void. May be empty.
  std::function<void()> access_changed = {};
};

}  // namespace patchbay::plugin_bridge
