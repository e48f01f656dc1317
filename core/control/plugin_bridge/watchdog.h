#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "plugin_bridge/breaker.h"
#include "plugin_bridge/call_place.h"
#include "plugin_bridge/hook.h"
#include "plugin_bridge/starved_threads.h"

namespace patchbay::plugin_bridge {

/// A call that has passed its hard budget and has not returned.
struct HangReport {
  uint32_t instance_number = 0;
  uint64_t budget_ms = 0;
  std::string site;    ///< "plugin 'acl' (com.example.acl 1.0.0) in acl.publish"
  std::string thread;  ///< "shard 0"
  uint64_t since_ms = 0;
};

/// What has become of one hook's breaker.
struct BreakerReport {
  uint32_t instance_number = 0;
  hooks::HookId hook{};
  Breaker::Change change = Breaker::Change::none;
  uint64_t openings = 0;
};

/// Whom the watchdog tells, on its own thread: a report each, quick, without waiting for the watchdog.
struct WatchdogCallbacks {
  std::function<void(const HangReport&)> on_hang;       ///< once for each hang
  std::function<void(const HangReport&)> on_hang_over;  ///< it has returned after all
  std::function<void(const BreakerReport&)> on_breaker;
};

/// Looks at the breadcrumbs every few milliseconds, while there are instances that can leave any, and feeds the
/// breakers of all published hooks.
class Watchdog {
 public:
  static constexpr uint64_t kSampleMs = 5;
  static constexpr uint64_t kIdleMs = 250;  ///< while there is no instance
  static constexpr uint64_t kBreakerMs = 100;
  /// How much longer than its budget a call may sleep while another thread of the process is given no processor.
  static constexpr uint64_t kStarvedMs = 1'000;

  Watchdog(CallPlaces& places, const base::Clock& clock, BreakerLimits limits = {}, ThreadView threads = {});
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  /// Before start(). [control]
  void set_callbacks(WatchdogCallbacks callbacks);
  /// [control]
  void start();
  /// Joins the thread. Idempotent. [control]
  void stop();

  /// The hooks that have breakers from now on; breakers of those that had one keep their state. When it returns, hooks
  /// that are not among them, and their instances, are not touched any more: call it before an instance is destroyed.
  /// [control]
  void watch(const std::vector<Hook*>& hooks);
  /// There is one instance more, none of whose code has been called. [any-thread]
  void instance_begins();
  /// There is one less. Waits for a look that is under way, so that what it has seen may be destroyed. [any-thread]
  void instance_ended();
  /// The operator's word: out of the path until told otherwise; or shut, its past forgotten. False: no such hook is
  /// watched. [control]
  bool force(const Hook& hook, bool open);
  [[nodiscard]] Breaker::State state_of(const Hook& hook) const;

  /// One look, as the thread takes it: for tests. [any one thread]
  void sample();

 private:
  struct State;
  void run();
  std::unique_ptr<State> state_;
};

}  // namespace patchbay::plugin_bridge
