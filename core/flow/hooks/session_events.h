#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/client_info.h"
#include "base/chain_run.h"
#include "base/verdict.h"
#include "mqtt/application_message.h"
#include "mqtt/qos.h"
#include "mqtt/reason_code.h"

/// What the hook points of the session layer show. Views and pointers are valid during the call; what an entry may
/// answer stands at each event.
namespace patchbay::hooks {

using access::ClientInfo;

/// session.created, session.resumed, session.taken_over, session.discarded, session.ended
struct SessionEvent {
  const ClientInfo* client = nullptr;  ///< of the connection that caused it, or the last one
  std::string_view client_id;
  /// discarded: "clean_start"; ended: "closed", "expired", "discarded", "kicked"; else empty.
  std::string_view reason;
  uint32_t subscriptions = 0;
  uint32_t queued_messages = 0;
};

/// client.connected, client.disconnected
struct ClientEvent {
  const ClientInfo* client = nullptr;
  bool session_present = false;  ///< connected
  std::string_view reason;       ///< disconnected: the name of the CloseReason
  uint64_t duration_ms = 0;
};

/// subscribe.done, unsubscribe.done: one filter
struct SubscriptionEvent {
  const ClientInfo* client = nullptr;
  std::string_view topic_filter;  ///< with its $share prefix
  mqtt::Qos granted_qos = mqtt::Qos::at_most_once;
  mqtt::ReasonCode reason = mqtt::ReasonCode::success;
  bool is_new = false;

  [[nodiscard]] std::string_view topic_for_filter() const { return topic_filter; }
};

/// One filter of a SUBSCRIBE with its options.
struct RequestedSubscription {
  std::string topic_filter;
  mqtt::Qos maximum_qos = mqtt::Qos::at_most_once;
  bool no_local = false;
  bool retain_as_published = false;
  uint8_t retain_handling = 0;  ///< 0, 1 or 2
};

/// The argument of Verdict::replaces_with() at subscribe.rewrite and unsubscribe.rewrite: the first one takes the place
/// of the filter that was asked about, the others are subscribed (unsubscribed) besides it. Of unsubscribe.rewrite only
/// the filters count.
class SubscribeReplacement final : public base::VerdictArgument {
 public:
  SubscribeReplacement() = default;
  explicit SubscribeReplacement(std::vector<RequestedSubscription> value) : subscriptions(std::move(value)) {}
  std::vector<RequestedSubscription> subscriptions;
};

/// subscribe.rewrite, one filter of a SUBSCRIBE, before validation and access control, which both see what it becomes.
/// Takes replace (ReplacementText: another filter; SubscribeReplacement: another filter with options, and further
/// ones), deny(reason) and drop (as deny). May defer.
struct SubscribeRewriteEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::implementation_specific_error);
  /// Filters that entries may add to one; more are ignored.
  static constexpr size_t kMaximumAdded = 16;

  const ClientInfo* client = nullptr;
  std::string_view topic_filter;  ///< as the client sent it, or as the entries before replaced it
  mqtt::Qos qos = mqtt::Qos::at_most_once;
  bool no_local = false;
  bool retain_as_published = false;
  uint8_t retain_handling = 0;
  bool denied = false;
  bool replaced = false;
  std::vector<RequestedSubscription> added;  ///< to be subscribed besides; the client is told nothing of them
  mqtt::ReasonCode reason = mqtt::ReasonCode::success;

  [[nodiscard]] std::string_view topic_for_filter() const { return topic_filter; }
  bool apply(base::Verdict& verdict);
  void own();

 private:
  void replace_with(SubscribeReplacement& replacement);

  std::unique_ptr<std::string> text_;  // on the heap, so that views stay valid when the event moves
};

/// unsubscribe.rewrite, one filter of an UNSUBSCRIBE. Takes replace (ReplacementText, SubscribeReplacement); anything
/// else means unchanged. Doesn't defer.
struct UnsubscribeRewriteEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::implementation_specific_error);

  const ClientInfo* client = nullptr;
  std::string_view topic_filter;  ///< as the client sent it, or as the entries before replaced it
  bool replaced = false;
  std::vector<std::string> added;  ///< to be unsubscribed besides, at most SubscribeRewriteEvent::kMaximumAdded

  [[nodiscard]] std::string_view topic_for_filter() const { return topic_filter; }
  bool apply(base::Verdict& verdict);
  void own() {}

 private:
  std::unique_ptr<std::string> text_;
};

/// will.publish, when a will is due. Takes replace (ReplacementMessage), drop, and deny (as drop). May defer.
struct WillPublishEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::not_authorized);

  const ClientInfo* client = nullptr;
  mqtt::MessageRef message;
  bool drop = false;
  bool replaced = false;

  [[nodiscard]] std::string_view topic_for_filter() const { return message->topic(); }
  bool apply(base::Verdict& verdict);
  void own() {}
};

/// queue.overflow: a message finds the queue of its receiver full. Takes allow with the number of an Action; anything
/// else means what is configured (mqtt.mqueue_drop_policy). Doesn't defer.
struct QueueOverflowEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::quota_exceeded);
  enum class Action : uint8_t {
    configured,
    drop_new,
    drop_oldest,  ///< of the lowest priority, until the new one has room
    disconnect,   ///< drop_new, and the client, if it is connected, is told 0x97 and goes
  };

  const ClientInfo* client = nullptr;  ///< the receiver; null while it is not connected
  std::string_view client_id;
  const mqtt::Message* message = nullptr;  ///< the candidate
  mqtt::Qos qos = mqtt::Qos::at_most_once;
  uint32_t queued_messages = 0;
  uint64_t queued_bytes = 0;
  Action action = Action::configured;

  [[nodiscard]] std::string_view topic_for_filter() const { return message->topic(); }
  bool apply(base::Verdict& verdict);
  void own() {}
};

}  // namespace patchbay::hooks
