#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

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

/// session.open, after authentication, before the session is looked up.
struct SessionOpenEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::implementation_specific_error);

  const ClientInfo* client = nullptr;

  bool apply(base::Verdict& verdict);
  void own() {}
};

/// session.conflict: a second connection of the same client.
struct SessionConflictEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::implementation_specific_error);

  const ClientInfo* client = nullptr;

  bool apply(base::Verdict& verdict);
  void own() {}
};

/// unsubscribe.rewrite, one filter of an UNSUBSCRIBE.
struct UnsubscribeRewriteEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::implementation_specific_error);

  const ClientInfo* client = nullptr;
  std::string_view topic_filter;

  [[nodiscard]] std::string_view topic_for_filter() const { return topic_filter; }
  bool apply(base::Verdict& verdict);
  void own() {}
};

/// queue.overflow: a message finds its queue full.
struct QueueOverflowEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::quota_exceeded);

  const ClientInfo* client = nullptr;
  const mqtt::Message* message = nullptr;

  [[nodiscard]] std::string_view topic_for_filter() const { return message->topic(); }
  bool apply(base::Verdict& verdict);
  void own() {}
};

/// reply.out, before an answer of the broker is encoded.
struct ReplyOutEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::implementation_specific_error);

  const ClientInfo* client = nullptr;

  bool apply(base::Verdict& verdict);
  void own() {}
};

}  // namespace patchbay::hooks
