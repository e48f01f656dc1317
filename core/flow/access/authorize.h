#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "access/client_info.h"
#include "access/permission_set.h"
#include "base/chain_run.h"
#include "mqtt/qos.h"
#include "mqtt/reason_code.h"

namespace patchbay::access {

struct AuthorizeResult {
  bool allowed = false;
  mqtt::ReasonCode reason = mqtt::ReasonCode::not_authorized;  ///< of a denial
  mqtt::Qos maximum_qos = mqtt::Qos::exactly_once;             ///< of an allowed subscription: what may be granted

  [[nodiscard]] static constexpr AuthorizeResult allow() { return {true, mqtt::ReasonCode::success}; }
  [[nodiscard]] static constexpr AuthorizeResult deny(mqtt::ReasonCode reason = mqtt::ReasonCode::not_authorized) {
    return {false, reason};
  }
};

/// May this client publish to this topic, or subscribe to this filter? Takes allow, deny(reason) and proceed. For a
/// subscription the argument of allow is the greatest QoS to grant plus one (0: as asked).
struct AuthorizeEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback_never_next;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::not_authorized);

  Action action = Action::publish;
  const ClientInfo* client = nullptr;  ///< stays until the run is complete or cancelled: the asker holds it
  std::string_view topic;              ///< topic name, or topic filter without $share prefix; valid during the call
  std::string_view share_name;         ///< of a shared subscription
  mqtt::Qos qos = mqtt::Qos::at_most_once;
  bool retain = false;
  AuthorizeResult result;
  bool decided = false;
  std::string decided_by;
  bool cacheable = true;  ///< false after a fallback: the outage must not outlive itself in the cache

  [[nodiscard]] std::string_view topic_for_filter() const { return topic; }
  bool apply(base::Verdict& verdict);
  void own();

 private:
  std::unique_ptr<std::string> owned_;  // topic, then share name, while the run waits
};

/// A decision, for those who watch and have no say. Views are valid during the call.
struct AuthorizedEvent {
  Action action = Action::publish;
  const ClientInfo* client = nullptr;
  std::string_view topic;       ///< topic name, or topic filter without $share prefix
  std::string_view share_name;  ///< of a shared subscription
  mqtt::Qos qos = mqtt::Qos::at_most_once;
  bool retain = false;
  AuthorizeResult result;
  /// An entry's name, or one of: "superuser", "permissions", "remembered", "built-in policy", "default".
  std::string_view decided_by;
};

/// Role: says what a client may do.
class Authorizer {
 public:
  virtual ~Authorizer() = default;
  /// May defer by means of `token`. Must not throw or block. [shard]
  virtual base::Verdict authorize(const AuthorizeEvent& event, base::Token token) noexcept = 0;
};

/// The role as a chain entry; `authorizer` must outlive every chain that holds the entry.
[[nodiscard]] base::ChainEntry<AuthorizeEvent> authorizer_entry(Authorizer& authorizer, std::string name,
                                                                int32_t priority = 0, uint32_t deadline_ms = 2'000);

}  // namespace patchbay::access
