#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/client_info.h"
#include "base/chain_run.h"
#include "base/verdict.h"
#include "mqtt/packet_type.h"
#include "mqtt/reason_code.h"

namespace patchbay::hooks {

using access::ClientInfo;

/// What an answer to a client says besides what it must: the argument of Verdict::replaces_with() at reply.out.
class ReplyProperties final : public base::VerdictArgument {
 public:
  /// In place of the reason code, where the packet has a single one and may carry this one. Success and failure cannot
  /// be exchanged.
  std::optional<mqtt::ReasonCode> reason;
  std::string reason_string;                                         ///< empty: as it is
  std::vector<std::pair<std::string, std::string>> user_properties;  ///< added to those of the entries before
};

/// reply.out: CONNACK, PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK, UNSUBACK, DISCONNECT or AUTH on its way to an MQTT 5.0
/// client. Takes replace (ReplyProperties); anything else means unchanged. Doesn't defer. What the client must not get
/// (because it did not ask for problem information [MQTT-3.1.2-29], or because the packet would be too large for it) is
/// left out, user properties first.
struct ReplyOutEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::implementation_specific_error);
  /// User properties of all entries together; more are left out.
  static constexpr size_t kMaximumUserProperties = 64;

  const ClientInfo* client = nullptr;  ///< null before CONNECT has been read
  mqtt::PacketType packet_type = mqtt::PacketType::connack;
  mqtt::ReasonCode reason = mqtt::ReasonCode::success;  ///< the first one, where there are several
  uint16_t packet_id = 0;                               ///< 0 where the packet has none
  std::string reason_string;                            ///< as it is so far
  std::vector<std::pair<std::string, std::string>> user_properties;
  bool replaced = false;

  bool apply(base::Verdict& verdict);
  void own() {}

 private:
  [[nodiscard]] bool may_become(mqtt::ReasonCode wanted) const;
};

}  // namespace patchbay::hooks
