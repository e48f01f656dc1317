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

/// What the hook points of the distribution layer show. Views and pointers are valid during the call; what an entry may
/// answer stands at each event.
namespace patchbay::hooks {

using access::ClientInfo;

/// deliver.sent, deliver.acked, deliver.dropped, deliver.expired
struct DeliveryEvent {
  const ClientInfo* client = nullptr;  ///< the receiver; null while it is not connected
  std::string_view client_id;
  const mqtt::Message* message = nullptr;
  mqtt::Qos qos = mqtt::Qos::at_most_once;
  /// dropped: "no_local", "hook", "too_large", "qos0", "queue_full", "session_gone", "session_ended"; acked: empty, or
  /// the name of the reason code with which the client refused the message.
  std::string_view reason;

  [[nodiscard]] std::string_view topic_for_filter() const { return message->topic(); }
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

}  // namespace patchbay::hooks
