#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "distribution/delivery.h"
#include "mqtt/application_message.h"
#include "mqtt/qos.h"
#include "mqtt/reason_code.h"
#include "router/retained_store.h"
#include "session/session_environment.h"

namespace patchbay::session {

/// One message for one subscription of a plugin.
struct PluginDelivery {
  const mqtt::MessageRef& message;
  std::string_view topic_filter;  ///< as subscribed
  mqtt::Qos qos;                  ///< the lower one of the message's and the subscription's, 0 or 1
  bool retain;                    ///< from the retained store, or with retain_as_published as it was published
};

/// What a plugin asks for.
struct PluginSubscriptionRequest {
  /// False: it cannot take the message. With QoS 1 another member of the shared group gets it then; else it is dropped
  /// and counted. Must not throw, block or route; it may publish (PluginPublisher), subscribe and unsubscribe.
  using Callback = bool (*)(void* self, const PluginDelivery& delivery) noexcept;

  std::string_view topic_filter;  ///< "$share/…" for a share of the messages
  mqtt::Qos maximum_qos = mqtt::Qos::at_least_once;
  bool own_messages = false;  ///< also what this instance published itself
  bool retain_as_published = false;
  uint8_t retain_handling = 2;  ///< 0 or 1: the retained messages come first; 2: none
  uint64_t origin = 0;          ///< the instance; not 0
  Callback callback = nullptr;
  void* self = nullptr;
};

/// Subscriptions whose messages go to a callback instead of a session. They stand in the subscription index as any
/// other, on this shard: everything that is published on the node arrives here, in order for each publisher. QoS 1
/// means that the callback has taken the message when it returns true; there is no QoS 2, and nothing is kept. [shard]
class PluginSubscriptions {
 public:
  static constexpr size_t kMaximumSubscriptions = 10'000;  ///< on one shard; more: quota_exceeded
  static constexpr size_t kRetainedPage = 64;

  explicit PluginSubscriptions(SessionEnvironment& environment) : environment_(environment) {}
  PluginSubscriptions(const PluginSubscriptions&) = delete;
  PluginSubscriptions& operator=(const PluginSubscriptions&) = delete;
  ~PluginSubscriptions();

  struct Added {
    mqtt::ReasonCode reason = mqtt::ReasonCode::success;  ///< topic_filter_invalid, quota_exceeded, …
    distribution::SubscriberHandle subscription;          ///< names it; for remove()
  };
  /// Access control is not asked: what a plugin may subscribe to is the host's business. Not called back from within.
  [[nodiscard]] Added add(const PluginSubscriptionRequest& request);
  /// False where there is none (any more). After it has returned the callback is not called again.
  bool remove(distribution::SubscriberHandle subscription);
  /// All of an instance that goes; returns how many.
  size_t remove_all(uint64_t origin);
  [[nodiscard]] size_t size() const { return size_; }

  /// A delivery whose subscriber is one of these (SubscriberHandle::is_internal()). False: nobody took it, and with a
  /// shared one another member should.
  [[nodiscard]] bool deliver(const mqtt::MessageRef& message, const distribution::Delivery& delivery);

 private:
  struct Entry {
    distribution::SubscriberHandle handle;
    std::string topic_filter;
    std::string inner_filter;  ///< without $share prefix
    PluginSubscriptionRequest request;
    bool alive = true;
  };
  struct Slot {
    std::shared_ptr<Entry> entry;  // shared with a call on the stack, which may remove it
    uint32_t generation = 0;
  };

  [[nodiscard]] std::shared_ptr<Entry> find(distribution::SubscriberHandle handle) const;
  [[nodiscard]] uint32_t free_slot();
  [[nodiscard]] bool call(Entry& entry, const mqtt::MessageRef& message, mqtt::Qos maximum_qos, bool retain) const;
  void begin_retained(const Entry& entry);
  void ask_for_page(const Entry& entry, const router::RetainedCursor& cursor);
  void on_page(distribution::SubscriberHandle handle, router::RetainedPage&& page);

  SessionEnvironment& environment_;
  std::vector<Slot> slots_;
  std::vector<uint32_t> free_slots_;
  size_t size_ = 0;
};

}  // namespace patchbay::session
