#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "access/client_info.h"
#include "base/chain_run.h"
#include "base/verdict.h"
#include "mqtt/application_message.h"
#include "mqtt/reason_code.h"

/// What the hook points around access control show. Views and pointers are valid during the call; what an entry may
/// answer stands at each event.
namespace patchbay::hooks {

using access::ClientInfo;

/// auth.result
struct AuthResultEvent {
  const ClientInfo* client = nullptr;  ///< before admission: without identity
  bool allowed = false;
  bool anonymous = false;
  mqtt::ReasonCode reason = mqtt::ReasonCode::success;
  std::string_view identity;
};

/// auth.connect_rewrite, before anything is decided about a CONNECT.
struct ConnectRewriteEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::not_authorized);

  const ClientInfo* client = nullptr;

  bool apply(base::Verdict& verdict);
  void own() {}
};

/// auth.enrich, after a log-in was allowed.
struct EnrichEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::not_authorized);

  const ClientInfo* client = nullptr;

  bool apply(base::Verdict& verdict);
  void own() {}
};

/// acl.deliver, for each receiver of a message.
struct AclDeliverEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::not_authorized);

  const ClientInfo* client = nullptr;
  const mqtt::Message* message = nullptr;

  [[nodiscard]] std::string_view topic_for_filter() const { return message->topic(); }
  bool apply(base::Verdict& verdict);
  void own() {}
};

}  // namespace patchbay::hooks
