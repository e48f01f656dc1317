#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <patchbay/host.hpp>
#include <patchbay/workers.hpp>

#include "event_id.h"
#include "settings.h"
#include "support/http_client.h"
#include "target.h"
#include "target_metrics.h"

namespace patchbay::webhook {

/// The running plugin: hooks that hand events to the targets, and the thread that sends them. Made on the control
/// thread, destroyed there.
class Webhook {
 public:
  Webhook(patchbay::host host, const Settings& settings);
  ~Webhook();
  Webhook(const Webhook&) = delete;
  Webhook& operator=(const Webhook&) = delete;

  /// Registers the hooks that the targets need, and only those; starts the thread. [control], inside start()
  void start();
  /// What can be sent in a moment is sent, the rest goes to the disk; joins the thread. [control]
  void stop();

  /// Events of a batch observer. [worker]
  void on_batch(std::span<const patchbay_record> records);
  /// An event of a hook that decides about something: it is only looked at. Renders it, and waits for nothing. [shard]
  void on_shard(uint32_t hook, const void* event);

  /// JSON for operators: every target and how it is. [any-thread]
  [[nodiscard]] std::string status_json() const;
  /// Sends a test event to a target; `done` comes later, from the sender's thread. False: there is none of this name.
  bool test(std::string_view target, support::HttpTransport::Done done);
  [[nodiscard]] size_t targets() const { return targets_.size(); }
  /// The names of those that are down, and why.
  [[nodiscard]] std::vector<std::string> down() const;

 private:
  void register_hook(uint32_t hook);
  [[nodiscard]] std::vector<std::string> topics_of(uint32_t hook) const;
  /// What is rendered of one call of the host, by target.
  struct Rendered;
  void render(const patchbay_record& record, Rendered& out);
  void take(Rendered& rendered);
  void take_over(std::span<const patchbay_record> records);
  void run();
  void work();
  [[nodiscard]] std::chrono::milliseconds patience();
  [[nodiscard]] bool flushed() const;
  [[nodiscard]] Now now() const;

  static constexpr size_t kHooks = 64;
  patchbay::host host_;
  Settings settings_;
  std::array<std::vector<EventKind>, kHooks> kinds_;  // by hook; constant after start()
  EventIds ids_;
  support::HttpClient client_;
  std::vector<std::unique_ptr<TargetMetrics>> metrics_;
  std::vector<std::unique_ptr<Target>> targets_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> awake_{false};  // somebody has woken the thread since it last looked
  patchbay::thread thread_;
};

}  // namespace patchbay::webhook
