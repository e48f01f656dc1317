#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "access/authenticate.h"
#include "access/client_info.h"
#include "base/chain_run.h"
#include "base/verdict.h"
#include "mqtt/application_message.h"
#include "mqtt/reason_code.h"

/// What the hook points around access control show. Views and pointers are valid during the call; what an entry may
/// answer stands at each event. The access chains themselves are access::AccessPoints.
namespace patchbay::hooks {

using access::ClientInfo;

/// auth.result, at CONNECT and when an AUTH exchange authenticates again
struct AuthResultEvent {
  const ClientInfo* client = nullptr;  ///< before admission: without identity
  bool allowed = false;
  bool anonymous = false;
  mqtt::ReasonCode reason = mqtt::ReasonCode::success;
  std::string_view identity;
  std::string_view decided_by;  ///< name of the entry that decided; empty: the built-in policy
  uint64_t duration_ms = 0;     ///< from the first question on
};

/// What a CONNECT is to be taken for: the argument of Verdict::replaces_with() at auth.connect_rewrite. What has no
/// value stays.
class ConnectReplacement final : public base::VerdictArgument {
 public:
  using UserProperties = std::vector<std::pair<std::string, std::string>>;

  std::optional<std::string> client_id;
  std::optional<std::string> username;
  std::optional<access::SecretBytes> password;
  std::optional<UserProperties> user_properties;  ///< in place of all that were there
  std::optional<bool> clean_start;
  std::optional<uint16_t> keep_alive_s;
};

/// auth.connect_rewrite, before anything is decided about a CONNECT, the client's home shard included. Takes replace
/// (ConnectReplacement) and deny(reason). May defer. The packet with the replaced fields is checked like any other;
/// what the listener takes from a certificate still comes before what CONNECT says.
struct ConnectRewriteEvent {
  using UserProperty = std::pair<std::string_view, std::string_view>;

  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::not_authorized);

  const ClientInfo* client = nullptr;  ///< peer, listener and protocol; the names as they were sent
  std::string_view client_id;          ///< empty: the broker assigns one
  std::string_view username;
  std::span<const uint8_t> password;
  std::vector<UserProperty> user_properties;
  uint16_t keep_alive_s = 0;
  bool clean_start = false;
  bool has_username = false;
  bool has_password = false;
  bool replaced = false;
  bool denied = false;
  mqtt::ReasonCode reason = mqtt::ReasonCode::success;  ///< of a denial
  std::string decided_by;

  bool apply(base::Verdict& verdict);
  void own();

 private:
  void take(std::unique_ptr<const ConnectReplacement> fields);

  std::vector<std::unique_ptr<const ConnectReplacement>> kept_;  // what the views show
};

/// auth.enrich, after a log-in was allowed and before auth.result. Takes replace (access::AuthenticationGrant, merged
/// into what is known: see access::merge_grant()) and deny(reason). May defer.
struct EnrichEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::not_authorized);

  /// Of `before` with what `authenticated` says.
  EnrichEvent(const ClientInfo& before, access::AuthenticateResult authenticated);

  const ClientInfo* client = nullptr;  ///< with identity and attributes
  access::AuthenticateResult result;   ///< with what the entries added; a denial, when one of them denied
  std::string decided_by;

  bool apply(base::Verdict& verdict);
  void own() {}  // everything is the event's own
  /// The result; a denial in the name of who denied.
  [[nodiscard]] access::AuthenticateResult outcome();

 private:
  void show();

  access::ClientInfoRef known_;
};

/// acl.deliver: may this receiver have this message? Entries must name topic filters (see
/// HookInfo::needs_topic_filter). Takes allow (ends the decisions) and deny: not delivered. Doesn't defer.
struct AclDeliverEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::fallback;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::not_authorized);

  const ClientInfo* client = nullptr;  ///< the receiver, as it is or was last connected
  const mqtt::Message* message = nullptr;
  bool denied = false;

  [[nodiscard]] std::string_view topic_for_filter() const { return message->topic(); }
  bool apply(base::Verdict& verdict);
  void own() {}
};

}  // namespace patchbay::hooks
