#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "access/client_info.h"
#include "base/chain_run.h"
#include "base/verdict.h"
#include "hooks/acknowledgement_hold.h"
#include "mqtt/application_message.h"
#include "mqtt/qos.h"
#include "mqtt/reason_code.h"

/// What the hook points of the router layer show. Views and pointers are valid during the call; what an entry may
/// answer stands at each event.
namespace patchbay::hooks {

using access::ClientInfo;

/// publish.routed
struct PublishRoutedEvent {
  const ClientInfo* client = nullptr;  ///< null: published by the broker or another node
  const mqtt::Message* message = nullptr;
  uint32_t receivers = 0;

  [[nodiscard]] std::string_view topic_for_filter() const { return message->topic(); }
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

/// publish.unrouted: nobody receives the message.
struct PublishUnroutedEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::implementation_specific_error);

  const ClientInfo* client = nullptr;
  mqtt::MessageRef message;

  [[nodiscard]] std::string_view topic_for_filter() const { return message->topic(); }
  bool apply(base::Verdict& verdict);
  void own() {}
};

/// share.pick: which member of a shared group gets the message.
struct SharePickEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::implementation_specific_error);

  const ClientInfo* client = nullptr;
  const mqtt::Message* message = nullptr;

  [[nodiscard]] std::string_view topic_for_filter() const { return message->topic(); }
  bool apply(base::Verdict& verdict);
  void own() {}
};

/// retain.store, before a retained message is kept.
struct RetainStoreEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::implementation_specific_error);

  const ClientInfo* client = nullptr;
  mqtt::MessageRef message;

  [[nodiscard]] std::string_view topic_for_filter() const { return message->topic(); }
  bool apply(base::Verdict& verdict);
  void own() {}
};

/// retain.lookup, for a new subscription.
struct RetainLookupEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::implementation_specific_error);

  const ClientInfo* client = nullptr;
  std::string_view topic_filter;

  [[nodiscard]] std::string_view topic_for_filter() const { return topic_filter; }
  bool apply(base::Verdict& verdict);
  void own() {}
};

}  // namespace patchbay::hooks
