#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace patchbay::config {

enum class HookCombining : uint8_t { first_decisive, deny_overrides, unanimous };
enum class HookFallback : uint8_t { default_, deny, allow, next };
enum class PluginBoot : uint8_t { optional, required };
enum class PluginExecution : uint8_t { manifest, shard, worker };
enum class HardHang : uint8_t { alarm, abort };

/// What the operator says about one hook for all plugins.
struct HookRuleConfig {
  std::string hook;                                         ///< "auth.authenticate"
  std::vector<std::string> order;                           ///< instances, ids or "role:x"; those not named come after
  HookCombining combining = HookCombining::first_decisive;  ///< of several decisions
};

/// What the operator says about one hook of one instance.
struct PluginHookConfig {
  std::string hook;
  uint32_t deadline_ms = 0;  ///< 0: as the plugin proposes, or the table's
  HookFallback fallback = HookFallback::default_;
};

/// One instance of a plugin: `[plugin.<instance>]`.
struct PluginConfig {
  std::string file;  ///< path, or name in plugins.dir or plugins.dirs; "": `<instance>.so`
  std::string id;    ///< what the manifest must say; "": anything
  std::string sha256;
  std::string settings = "{}";  ///< JSON, from the table `settings`
  PluginBoot boot = PluginBoot::optional;
  std::string position;  ///< "front", "rear", "before:x", "after:x": in the order of all its hooks
  std::vector<PluginHookConfig> hook;
  std::vector<std::string> permissions;
  bool allow_draft = false;
  PluginExecution execution = PluginExecution::manifest;
  uint32_t max_open_deferrals = 10'000;
  uint32_t soak_s = 60;
  uint32_t drain_s = 30;
};

using PluginMap = std::map<std::string, PluginConfig>;

/// How much one instance may use of each service of the host.
struct PluginLimitsConfig {
  uint32_t max_pending_publishes = 10'000;
  uint32_t max_publish_depth = 4;
  uint32_t max_subscriptions = 1'000;
  uint32_t max_pending_queries = 1'000;
  uint32_t max_timers = 10'000;
  uint32_t max_pending_work = 10'000;
  uint32_t max_threads = 8;
  uint32_t max_fd_watches = 1'024;
  uint32_t max_streams = 256;
  uint64_t max_kv_bytes = 64ull << 20;
  uint32_t max_metrics = 256;
  uint32_t max_alarms = 100;
  uint32_t max_leases = 1'000;
  uint32_t max_pending_requests = 1'000;
  uint32_t route_deadline_ms = 5'000;
};

struct PluginsConfig {
  std::string dir = "plugins";
  std::vector<std::string> dirs;     ///< further folders that plugin files may lie in
  std::vector<std::string> enabled;  ///< names of instances
  uint32_t workers = 2;
  bool leftovers = true;  ///< workers and plugins' threads run while nothing else wants to, where that is enough
  uint64_t max_file_size_bytes = 64ull << 20;
  HardHang on_hard_hang = HardHang::alarm;
  PluginLimitsConfig limits;
  std::vector<HookRuleConfig> hook;
};

}  // namespace patchbay::config
