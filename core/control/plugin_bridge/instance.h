#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/deferral.h"
#include "patchbay/hooks.h"
#include "patchbay/host.h"
#include "plugin_bridge/call_place.h"
#include "plugin_bridge/gate.h"
#include "plugin_bridge/held.h"
#include "plugin_bridge/hook.h"
#include "plugin_bridge/instance_facts.h"
#include "plugin_bridge/instance_log.h"

namespace patchbay::plugin_bridge {

class Bridge;

/// Something of a service that belongs to one instance and ends with it.
class InstanceExtension {
 public:
  virtual ~InstanceExtension() = default;
};

/// What the host knows of one running plugin instance, and the host's table that the plugin got. Stays alive as long as
/// any of the instance's code may run: until held_back() is empty, or for ever when the code stays mapped.
class Instance {
 public:
  Instance(Bridge& bridge, InstanceFacts facts);
  ~Instance();
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;

  /// The table for patchbay_entry.create(): constant, alive as long as this.
  [[nodiscard]] const patchbay_host* host() const { return &table_; }
  /// Whose table it is. [any-thread]
  [[nodiscard]] static Instance& of(const patchbay_host* host) { return *static_cast<Instance*>(host->ctx); }

  [[nodiscard]] Bridge& bridge() const { return bridge_; }
  [[nodiscard]] const InstanceFacts& facts() const { return facts_; }
  [[nodiscard]] bool has_permission(std::string_view permission) const;
  /// What create() gave; null before. [control] sets, [any-thread] reads
  void set_plugin(const patchbay_plugin* plugin) { plugin_.store(plugin, std::memory_order_release); }
  [[nodiscard]] const patchbay_plugin* plugin() const { return plugin_.load(std::memory_order_acquire); }
  [[nodiscard]] Gate& gate() { return gate_; }
  [[nodiscard]] const Gate& gate() const { return gate_; }
  [[nodiscard]] InstanceLog& log() { return log_; }
  [[nodiscard]] HeldCounters& held() { return held_; }
  [[nodiscard]] const HeldCounters& held() const { return held_; }
  [[nodiscard]] HeldCounter held(Held what) { return {held_, what}; }
  /// What keeps the code from being unmapped, a text each: "3 message references". Empty: nothing. [control]
  [[nodiscard]] std::vector<std::string> held_back() const;

  /// What add_hook() has collected; nothing is called before the ChainPublisher has published it. [control]
  [[nodiscard]] const std::vector<std::unique_ptr<Hook>>& hooks() const { return hooks_; }
  /// Takes a registration over. OK, INVALID, UNSUPPORTED, EXISTS, CLOSED (not inside start()); the log says why.
  /// [control]
  patchbay_status add_hook(const patchbay_hook& hook);

  /// A way into the instance's code for CallScope, made once for each name ("timer", "start") and kept. [any-thread]
  [[nodiscard]] const CallSite& call_site(std::string_view name, hooks::Heat heat = hooks::Heat::cold);

  /// Where a service keeps what belongs to this instance: a number of its own below kExtensions, from
  /// new_extension_key(). Set once, on the control thread, read on any; destroyed with the instance in reverse order.
  static constexpr size_t kExtensions = 24;
  [[nodiscard]] static size_t new_extension_key();
  void set_extension(size_t key, std::unique_ptr<InstanceExtension> extension);
  [[nodiscard]] InstanceExtension* extension(size_t key) const {
    return extensions_[key].load(std::memory_order_acquire);
  }

  // --- tokens ---

  /// The token as the plugin sees it: only this instance can turn it back. 0 stays 0. [any-thread]
  [[nodiscard]] patchbay_token outward(base::Token token) const { return {token ? token.value ^ token_key_ : 0}; }
  [[nodiscard]] base::Token inward(patchbay_token token) const { return {token.id == 0 ? 0 : token.id ^ token_key_}; }
  [[nodiscard]] bool may_defer() const { return open_tokens_.load(std::memory_order_relaxed) < facts_.maximum_tokens; }
  [[nodiscard]] uint32_t open_tokens() const { return open_tokens_.load(std::memory_order_relaxed); }
  void token_opened();
  void token_closed();
  /// Answers that came too late. [any-thread]
  [[nodiscard]] uint64_t stale() const { return stale_.load(std::memory_order_relaxed); }
  void count_stale() { stale_.fetch_add(1, std::memory_order_relaxed); }

 private:
  struct Sites;

  Bridge& bridge_;
  const InstanceFacts facts_;
  const uint64_t token_key_;
  patchbay_host table_;
  std::atomic<const patchbay_plugin*> plugin_{nullptr};
  Gate gate_;
  InstanceLog log_;
  HeldCounters held_;
  alignas(64) std::atomic<uint32_t> open_tokens_{0};
  std::atomic<uint64_t> stale_{0};
  std::array<std::atomic<InstanceExtension*>, kExtensions> extensions_{};
  std::vector<std::unique_ptr<InstanceExtension>> extensions_in_order_;
  std::unique_ptr<Sites> sites_;
  std::vector<std::unique_ptr<Hook>> hooks_;
};

}  // namespace patchbay::plugin_bridge
