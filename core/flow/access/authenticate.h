#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "access/client_info.h"
#include "access/connection_allowance.h"
#include "access/credentials.h"
#include "access/permission_set.h"
#include "base/chain_run.h"
#include "base/verdict.h"
#include "mqtt/reason_code.h"

namespace patchbay::access {

/// What an authenticator says of a client that it allows: the argument of Verdict::allows_with(). Without one the
/// identity is the user name.
class AuthenticationGrant final : public base::VerdictArgument {
 public:
  std::string identity;
  bool is_superuser = false;
  bool has_permissions = false;  ///< `rules` are the client's permissions, even when there are none of them
  std::vector<PermissionRule> rules;
  ClientAttributes attributes;
  uint64_t expires_at_unix_ms = 0;  ///< 0: never
  ConnectionAllowance allowance;    ///< how much the client may send
};

/// What became of a log-in.
struct AuthenticateResult {
  bool allowed = false;
  mqtt::ReasonCode reason = mqtt::ReasonCode::not_authorized;  ///< of a denial; success when allowed
  bool anonymous = false;                                      ///< allowed by access.allow_anonymous
  bool is_superuser = false;
  std::string identity;
  std::unique_ptr<const PermissionSet> permissions;
  ClientAttributes attributes;
  uint64_t expires_at_unix_ms = 0;
  ConnectionAllowance allowance;
  std::string decided_by;  ///< name of the entry that decided; empty: the built-in policy
};

[[nodiscard]] AuthenticateResult deny_authentication(mqtt::ReasonCode reason);
/// What `grant` (null: nothing but the permission to connect), which is used up, means for `client`. More rules than
/// PermissionSet::kMaximumRules deny.
[[nodiscard]] AuthenticateResult grant_authentication(const ClientInfo& client, AuthenticationGrant* grant);
/// Adds `grant`, which is used up, to a result that allows `client`: a name in place of the name, rules before the
/// rules, attributes by their names, the earlier end. False, and nothing changed: too many rules.
[[nodiscard]] bool merge_grant(AuthenticateResult& result, AuthenticationGrant& grant, const ClientInfo& client);
/// Of a decisive verdict: allow with or without AuthenticationGrant; everything else denies.
[[nodiscard]] AuthenticateResult result_of(base::Verdict& verdict, const ClientInfo& client);

/// The client as it will be: `fields` with the identity and the rest of a result that allows.
[[nodiscard]] ClientInfoRef admit(ClientInfoFields fields, AuthenticateResult result);

/// A log-in to be decided. Takes allow (with an AuthenticationGrant, or without), deny (reason) and proceed.
struct AuthenticateEvent {
  static constexpr base::OnMissing kOnMissing = base::OnMissing::deny;
  static constexpr uint8_t kDenyReason = static_cast<uint8_t>(mqtt::ReasonCode::not_authorized);

  ClientInfoRef client;
  CredentialsRef credentials;
  AuthenticateResult result;
  bool decided = false;
  std::string decided_by;

  bool apply(base::Verdict& verdict);
  void own() {}  // everything is shared already
};

using AuthenticateRequest = AuthenticateEvent;

/// Role: says who a client is.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  /// May defer by means of `token`. Must not throw or block. [shard]
  virtual base::Verdict authenticate(const AuthenticateEvent& event, base::Token token) noexcept = 0;
};

/// The role as a chain entry; `authenticator` must outlive every chain that holds the entry.
[[nodiscard]] base::ChainEntry<AuthenticateEvent> authenticator_entry(Authenticator& authenticator, std::string name,
                                                                      int32_t priority = 0,
                                                                      uint32_t deadline_ms = 5'000);

}  // namespace patchbay::access
