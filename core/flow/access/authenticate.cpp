#include "access/authenticate.h"

#include <algorithm>
#include <optional>

namespace patchbay::access {

namespace {

/// The entry's own name for a denial, or the usual one. Only codes that mean failure may stand in a denial.
mqtt::ReasonCode denial_reason(const base::Verdict& verdict) {
  const auto reason = static_cast<mqtt::ReasonCode>(verdict.reason);
  return mqtt::is_failure(reason) ? reason : mqtt::ReasonCode::not_authorized;
}

}  // namespace

ClientInfoRef admit(ClientInfoFields fields, AuthenticateResult result) {
  fields.identity = result.identity;
  fields.is_superuser = result.is_superuser;
  return ClientInfo::create(fields, std::move(result.permissions), std::move(result.attributes),
                            result.expires_at_unix_ms);
}

AuthenticateResult deny_authentication(mqtt::ReasonCode reason) {
  AuthenticateResult result;
  result.reason = reason;
  return result;
}

AuthenticateResult grant_authentication(const ClientInfo& client, AuthenticationGrant* grant) {
  AuthenticateResult result;
  if (grant != nullptr && grant->has_permissions) {
    auto permissions =
        PermissionSet::compile(grant->rules, {client.client_id(), client.username(), &grant->attributes});
    if (!permissions.has_value()) return deny_authentication(mqtt::ReasonCode::implementation_specific_error);
    result.permissions = std::make_unique<const PermissionSet>(std::move(*permissions));
  }
  result.allowed = true;
  result.reason = mqtt::ReasonCode::success;
  if (grant != nullptr) {
    result.is_superuser = grant->is_superuser;
    result.identity = std::move(grant->identity);
    result.attributes = std::move(grant->attributes);
    result.expires_at_unix_ms = grant->expires_at_unix_ms;
    result.allowance = grant->allowance;
  }
  if (result.identity.empty()) result.identity = client.username();
  return result;
}

namespace {

void merge_attributes(ClientAttributes& into, ClientAttributes& from) {
  for (auto& [name, value] : from) {
    const auto known =
        std::find_if(into.begin(), into.end(), [&n = name](const auto& pair) { return pair.first == n; });
    if (known == into.end()) {
      into.emplace_back(std::move(name), std::move(value));
    } else {
      known->second = std::move(value);
    }
  }
}

}  // namespace

bool merge_grant(AuthenticateResult& result, AuthenticationGrant& grant, const ClientInfo& client) {
  // Rules may name what the same grant brings.
  ClientAttributes attributes = result.attributes;
  merge_attributes(attributes, grant.attributes);
  if (grant.has_permissions) {
    auto permissions = PermissionSet::compile(grant.rules, {client.client_id(), client.username(), &attributes});
    const size_t known = result.permissions == nullptr ? 0 : result.permissions->size();
    if (!permissions.has_value() || permissions->size() + known > PermissionSet::kMaximumRules) return false;
    if (known != 0) permissions->append(PermissionSet(*result.permissions));
    result.permissions = std::make_unique<const PermissionSet>(std::move(*permissions));
  }
  result.attributes = std::move(attributes);
  result.is_superuser = result.is_superuser || grant.is_superuser;
  if (!grant.identity.empty()) result.identity = std::move(grant.identity);
  const uint64_t end = grant.expires_at_unix_ms;
  if (end != 0 && (result.expires_at_unix_ms == 0 || end < result.expires_at_unix_ms)) result.expires_at_unix_ms = end;
  merge_allowance(result.allowance, grant.allowance);
  return true;
}

AuthenticateResult result_of(base::Verdict& verdict, const ClientInfo& client) {
  if (verdict.kind == base::VerdictKind::allow && !verdict.has(base::Verdict::failed)) {
    const auto grant = base::take_argument<AuthenticationGrant>(verdict);
    return grant_authentication(client, grant.get());
  }
  base::dispose(verdict);
  return deny_authentication(denial_reason(verdict));
}

bool AuthenticateEvent::apply(base::Verdict& verdict) {
  if (verdict.kind == base::VerdictKind::proceed) {
    base::dispose(verdict);
    return false;
  }
  // Kinds that mean nothing here are a failure of the entry, and a failure denies.
  result = result_of(verdict, *client);
  decided = true;
  return true;
}

base::ChainEntry<AuthenticateEvent> authenticator_entry(Authenticator& authenticator, std::string name,
                                                        int32_t priority, uint32_t deadline_ms) {
  base::ChainEntry<AuthenticateEvent> entry;
  entry.call = [](void* self, AuthenticateEvent& event, base::Token token) noexcept {
    return static_cast<Authenticator*>(self)->authenticate(event, token);
  };
  entry.self = &authenticator;
  entry.order.priority = priority;
  entry.order.name = std::move(name);
  entry.deadline_ms = deadline_ms;
  return entry;
}

}  // namespace patchbay::access
