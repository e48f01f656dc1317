#include "token_check.h"

#include <nlohmann/json.hpp>

#include "acl_claim.h"
#include "base64url.h"
#include "compact_token.h"

namespace patchbay::auth_jwt {

namespace {

/// In this order: what the operator has not allowed never meets a key, and what is not signed is never read.
Refusal check_signature(const Policy& policy, const KeySet& keys, const CompactToken& token) {
  const auto algorithm = algorithm_named(token.algorithm);
  if (!algorithm || !policy.algorithms.has(*algorithm)) return Refusal::algorithm;
  const KeySet::Candidates candidates = keys.candidates(*algorithm, token.key_id);
  if (candidates.count == 0) return Refusal::unknown_key;
  for (size_t i = 0; i < candidates.count; ++i) {
    if (candidates.keys[i]->verifies(*algorithm, token.signed_text, token.signature)) return Refusal::none;
  }
  return Refusal::signature;
}

Refusal check_claims(const Policy& policy, const Json& claims, const Bearer& bearer) {
  for (const std::string& name : policy.required_claims) {
    if (member(claims, name) == nullptr) return Refusal::claims;
  }
  for (const ClaimCheck& check : policy.verify_claims) {
    const auto expected = check.expected.fill(bearer);
    if (!expected || !claim_is(claims, check.name, *expected)) return Refusal::claims;
  }
  return Refusal::none;
}

bool is_true(const Json& value) {
  if (value.is_boolean()) return value.get<bool>();
  return value == 1 || value == "true" || value == "1";
}

bool is_attribute_name(std::string_view name) {
  constexpr std::string_view known = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
  return !name.empty() && name.size() <= 128 && name.find_first_not_of(known) == std::string_view::npos;
}

Refusal read_attributes(const Json& from, Permit& into) {
  if (!from.is_object() || from.size() > kMaximumAttributes) return Refusal::malformed;
  for (const auto& [name, value] : from.items()) {
    const bool scalar = value.is_string() || value.is_number_integer() || value.is_boolean();
    if (!is_attribute_name(name) || !scalar) return Refusal::malformed;
    into.attributes.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
  }
  return Refusal::none;
}

Refusal read_identity(const Policy& policy, const Json& claims, const Bearer& bearer, Permit& into) {
  const bool chosen = !policy.identity_claim.empty();
  const auto subject = text_member(claims, chosen ? std::string_view(policy.identity_claim) : "sub");
  if (subject && !subject->empty()) {
    into.identity = *subject;
  } else if (chosen) {
    return Refusal::claims;
  } else {
    into.identity = bearer.username_is_token || bearer.username.empty() ? bearer.client_id : bearer.username;
  }
  return into.identity.find('\0') == std::string::npos ? Refusal::none : Refusal::claims;
}

void make_all_late(Permissions& permissions) {
  permissions.late.insert(permissions.late.begin(), std::make_move_iterator(permissions.native.begin()),
                          std::make_move_iterator(permissions.native.end()));
  permissions.native.clear();
}

Refusal read_permissions(const Policy& policy, const Json& claims, Permit& into) {
  const Json* claim = policy.acl_claim.empty() ? nullptr : member(claims, policy.acl_claim);
  if (claim == nullptr) return Refusal::none;
  auto read = read_acl(*claim);
  if (!read) return Refusal::permissions;
  into.permissions = std::move(*read);
  return Refusal::none;
}

Refusal read_permit(const Policy& policy, const Json& claims, const Bearer& bearer, Permit& into) {
  if (const auto refusal = read_identity(policy, claims, bearer, into); refusal != Refusal::none) return refusal;
  if (const auto refusal = read_permissions(policy, claims, into); refusal != Refusal::none) return refusal;
  const Json* superuser = policy.superuser_claim.empty() ? nullptr : member(claims, policy.superuser_claim);
  into.superuser = superuser != nullptr && is_true(*superuser);
  const Json* attributes = policy.attributes_claim.empty() ? nullptr : member(claims, policy.attributes_claim);
  if (attributes != nullptr) {
    if (const auto refusal = read_attributes(*attributes, into); refusal != Refusal::none) return refusal;
  }
  const Json* exp = member(claims, "exp");
  const auto end_ms = exp == nullptr ? std::nullopt : numeric_date_ms(*exp);
  if (!end_ms) return Refusal::none;
  into.expires_at_unix_ms = static_cast<uint64_t>(*end_ms + policy.leeway_ms);
  // The core's permission set knows no time, so an ACL that ends before its connection is evaluated by the plugin.
  if (!policy.disconnect_at_expiry) make_all_late(into.permissions);
  return Refusal::none;
}

}  // namespace

CheckedToken check_token(const Policy& policy, const KeySet& keys, std::string_view token, const Bearer& bearer,
                         int64_t now_unix_ms) {
  if (token.size() > policy.max_token_bytes) return {Refusal::too_large, {}};
  const auto compact = read_compact_token(token);
  if (!compact) return {Refusal::malformed, {}};
  if (const auto refusal = check_signature(policy, keys, *compact); refusal != Refusal::none) return {refusal, {}};
  const auto payload = from_base64url(compact->payload);
  const auto claims = payload ? parse_object(*payload) : std::nullopt;
  if (!claims) return {Refusal::malformed, {}};
  Refusal refusal = check_times(*claims, now_unix_ms, policy.leeway_ms);
  if (refusal == Refusal::none) refusal = check_claims(policy, *claims, bearer);
  CheckedToken checked;
  if (refusal == Refusal::none) refusal = read_permit(policy, *claims, bearer, checked.permit);
  checked.refusal = refusal;
  return checked;
}

}  // namespace patchbay::auth_jwt
