#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "access/authenticate.h"
#include "access/client_info.h"
#include "base/chain_run.h"
#include "base/verdict.h"
#include "hooks/acknowledgement_hold.h"
#include "mqtt/application_message.h"
#include "mqtt/qos.h"
#include "mqtt/reason_code.h"

/// What the hook points show. Views and pointers are valid during the call; `client` is null where there is none. What
/// an entry may answer stands at each event; observers are not asked.
namespace patchbay::hooks {

using access::ClientInfo;

/// A text in place of another: the argument of Verdict::replaces_with() at points that rewrite topics and filters.
class ReplacementText final : public base::VerdictArgument {
 public:
  explicit ReplacementText(std::string value) : text(std::move(value)) {}
  std::string text;
};

/// A message in place of another: the argument of Verdict::replaces_with() at points that change messages.
class ReplacementMessage final : public base::VerdictArgument {
 public:
  explicit ReplacementMessage(mqtt::MessageRef value) : message(std::move(value)) {}
  mqtt::MessageRef message;
};

// --- Observers ------------------------------------------------------------------------------------------------------

/// connection.accepted, connection.closed
struct ConnectionEvent {
  const ClientInfo* client = nullptr;  ///< null before CONNECT
  std::string_view listener_id;
  std::string_view peer_address;  ///< "127.0.0.1"
  uint16_t peer_port = 0;
  std::string_view reason;  ///< closed: the name of the CloseReason
  uint64_t bytes_received = 0;
  uint64_t bytes_sent = 0;
  uint64_t duration_ms = 0;
};

/// auth.result
struct AuthResultEvent {
  const ClientInfo* client = nullptr;  ///< before admission: without identity
  bool allowed = false;
  bool anonymous = false;
  mqtt::ReasonCode reason = mqtt::ReasonCode::success;
  std::string_view identity;
};

/// session.created, session.resumed, session.taken_over, session.discarded, session.ended
struct SessionEvent {
  const ClientInfo* client = nullptr;  ///< of the connection that caused it, or the last one
  std::string_view client_id;
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

/// publish.routed
struct PublishRoutedEvent {
  const ClientInfo* client = nullptr;  ///< null: published by the broker or another node
  const mqtt::Message* message = nullptr;
  uint32_t receivers = 0;

  [[nodiscard]] std::string_view topic_for_filter() const { return message->topic(); }
};

/// deliver.acked, deliver.dropped
struct DeliveryEvent {
  const ClientInfo* client = nullptr;  ///< the receiver; null while it is not connected
  std::string_view client_id;
  const mqtt::Message* message = nullptr;
  mqtt::Qos qos = mqtt::Qos::at_most_once;
  std::string_view reason;  ///< dropped: "queue_full", "expired", ...

  [[nodiscard]] std::string_view topic_for_filter() const { return message->topic(); }
};

// --- Points that answer ---------------------------------------------------------------------------------------------

/// subscribe.rewrite, one filter of a SUBSCRIBE, before validation and access control. Takes replace (ReplacementText:
/// another filter), deny(reason) and drop (as deny). May defer.
struct SubscribeRewriteEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::implementation_specific_error);

  const ClientInfo* client = nullptr;
  std::string_view topic_filter;  ///< as the client sent it, or as the entries before replaced it
  mqtt::Qos qos = mqtt::Qos::at_most_once;
  bool denied = false;
  bool replaced = false;
  mqtt::ReasonCode reason = mqtt::ReasonCode::success;

  [[nodiscard]] std::string_view topic_for_filter() const { return topic_filter; }
  bool apply(base::Verdict& verdict);
  void own();

 private:
  std::unique_ptr<std::string> text_;  // on the heap, so that views stay valid when the event moves
};

/// publish.rewrite, before access control. Takes replace (ReplacementText: another topic name); anything else means
/// unchanged. Doesn't defer. The caller validates the new topic.
struct PublishRewriteEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::implementation_specific_error);

  const ClientInfo* client = nullptr;
  std::string_view topic;
  mqtt::Qos qos = mqtt::Qos::at_most_once;
  bool retain = false;
  bool replaced = false;

  [[nodiscard]] std::string_view topic_for_filter() const { return topic; }
  bool apply(base::Verdict& verdict);
  void own() {}

 private:
  std::unique_ptr<std::string> text_;
};

/// publish.accept, after access control, before routing. Takes proceed, allow (ends the decisions), replace
/// (ReplacementMessage), drop (quietly: acknowledged as if routed), deny(reason), and Verdict::holds_ack(): the message
/// is routed now and acknowledged when the token is completed. May defer.
struct PublishAcceptEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::implementation_specific_error);
  enum class Outcome : uint8_t { proceed, drop, deny };

  const ClientInfo* client = nullptr;
  mqtt::MessageRef message;
  Outcome outcome = Outcome::proceed;
  mqtt::ReasonCode reason = mqtt::ReasonCode::success;  ///< of a denial
  bool replaced = false;                                ///< topic or retain may differ: validate and authorise again
  std::unique_ptr<AcknowledgementHold> acknowledgement_hold;  ///< when set, acknowledge only when it is complete

  [[nodiscard]] std::string_view topic_for_filter() const { return message->topic(); }
  bool apply(base::Verdict& verdict);
  void own() {}
  void hold(base::Token token, uint32_t deadline_ms, base::Verdict late, base::Deferrals& deferrals);
};

/// deliver.before, for each receiver. Takes replace (ReplacementMessage), drop (skip this receiver). Doesn't defer.
struct DeliverBeforeEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::not_authorized);

  const ClientInfo* client = nullptr;  ///< the receiver
  mqtt::MessageRef message;
  bool skip = false;
  bool replaced = false;

  [[nodiscard]] std::string_view topic_for_filter() const { return message->topic(); }
  bool apply(base::Verdict& verdict);
  void own() {}
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

}  // namespace patchbay::hooks
