#include <cstring>
#include <limits>

#include "plugin_bridge/abi_verdict.h"
#include "plugin_bridge/abi_views.h"
#include "plugin_bridge/bridge.h"
#include "plugin_bridge/host_table.h"
#include "plugin_bridge/instance.h"

/// The functions of patchbay_host that are about the instance itself.
namespace patchbay::plugin_bridge {

namespace {

constexpr size_t kScratchBytes = 64 * 1024;
constexpr size_t kScratchAlignment = 16;

const void* get(const patchbay_host* host, const char* interface_id) noexcept {
  if (interface_id == nullptr) return nullptr;
  Instance& instance = Instance::of(host);
  return instance.bridge().interfaces().find(instance, interface_id);
}

patchbay_status add_hook(const patchbay_host* host, const patchbay_hook* hook) noexcept {
  Instance& instance = Instance::of(host);
  return hook == nullptr ? PATCHBAY_INVALID : instance.add_hook(*hook);
}

patchbay_status complete(const patchbay_host* host, patchbay_token token, const patchbay_verdict* answer) noexcept {
  Instance& instance = Instance::of(host);
  if (answer == nullptr) return PATCHBAY_INVALID;
  base::Verdict verdict = take_verdict(instance, *answer);
  if (token.id == 0 || !instance.gate().finishes_work()) {
    base::dispose(verdict);
    return token.id == 0 ? PATCHBAY_INVALID : PATCHBAY_STALE;
  }
  switch (instance.bridge().environment().completions.complete(instance.inward(token), verdict)) {
    case base::CompletionStatus::accepted:
      return PATCHBAY_OK;
    case base::CompletionStatus::stale:
      instance.count_stale();
      return PATCHBAY_STALE;
    case base::CompletionStatus::invalid:
      break;
  }
  return PATCHBAY_INVALID;
}

void log(const patchbay_host* host, uint32_t level, patchbay_str text) noexcept {
  Instance::of(host).log().write(level, text_of(text));
}

uint32_t log_enabled(const patchbay_host* host, uint32_t level) noexcept {
  return Instance::of(host).log().enabled(level) ? 1 : 0;
}

uint64_t now_ms(const patchbay_host* host) noexcept {
  return Instance::of(host).bridge().clock().steady_ms();
}

uint64_t now_unix_ms(const patchbay_host* host) noexcept {
  return Instance::of(host).bridge().clock().unix_ms();
}

void* scratch(const patchbay_host* host, size_t len) noexcept {
  Bridge& bridge = Instance::of(host).bridge();
  CallPlace* place = bridge.places().current();
  const CallSite* site = place == nullptr ? nullptr : place->site.load(std::memory_order_relaxed);
  if (site == nullptr) return nullptr;
  const uint64_t turn = bridge.places().turn_of(bridge.places().index_of(*place), site);
  if (place->scratch_turn != turn) {
    place->scratch_turn = turn;
    place->scratch_used = 0;
  }
  if (len > kScratchBytes) return nullptr;
  const size_t taken = (len + kScratchAlignment - 1) / kScratchAlignment * kScratchAlignment;
  if (taken > kScratchBytes - place->scratch_used) return nullptr;
  if (place->scratch == nullptr) place->scratch = std::make_unique_for_overwrite<std::byte[]>(kScratchBytes);
  void* memory = place->scratch.get() + place->scratch_used;
  place->scratch_used += taken;
  return memory;
}

uint32_t shard_count(const patchbay_host* host) noexcept {
  return Instance::of(host).bridge().shard_count();
}

uint32_t shard_index(const patchbay_host* host) noexcept {
  const base::ShardId shard = base::current_shard();
  return shard < Instance::of(host).bridge().shard_count() ? shard : std::numeric_limits<uint32_t>::max();
}

patchbay_str instance_name(const patchbay_host* host) noexcept {
  return view(std::string_view(Instance::of(host).facts().name));
}

uint32_t instance_number(const patchbay_host* host) noexcept {
  return Instance::of(host).facts().number;
}

}  // namespace

patchbay_host make_host_table(Instance& instance) {
  patchbay_host table{};
  table.size = sizeof table;
  table.abi_major = PATCHBAY_ABI_MAJOR;
  table.abi_minor = PATCHBAY_ABI_MINOR;
  table.ctx = &instance;
  table.get = &get;
  table.add_hook = &add_hook;
  table.complete = &complete;
  table.log = &log;
  table.log_enabled = &log_enabled;
  table.now_ms = &now_ms;
  table.now_unix_ms = &now_unix_ms;
  table.scratch = &scratch;
  table.shard_count = &shard_count;
  table.shard_index = &shard_index;
  table.instance_name = &instance_name;
  table.instance_number = &instance_number;
  fill_message_functions(table);
  fill_client_functions(table);
  return table;
}

}  // namespace patchbay::plugin_bridge
