#include "hooks/access_hook_events.h"

#include <utility>

#include "hooks/event_answers.h"

namespace patchbay::hooks {

using base::Verdict;
using base::VerdictKind;

// auth.connect_rewrite -----------------------------------------------------------------------------------------------

bool ConnectRewriteEvent::apply(Verdict& verdict) {
  if (verdict.kind == VerdictKind::replace) {
    if (auto fields = base::take_argument<ConnectReplacement>(verdict)) {
      replaced = true;
      take(std::move(fields));
    }
    return false;
  }
  base::dispose(verdict);
  if (verdict.kind != VerdictKind::deny && verdict.kind != VerdictKind::drop) return false;
  denied = true;
  reason = denial_reason(verdict, kDenyReason);
  return true;
}

void ConnectRewriteEvent::take(std::unique_ptr<const ConnectReplacement> fields) {
  if (fields->client_id) client_id = *fields->client_id;
  if (fields->username) username = *fields->username;
  if (fields->password) password = fields->password->bytes();
  if (fields->clean_start) clean_start = *fields->clean_start;
  if (fields->keep_alive_s) keep_alive_s = *fields->keep_alive_s;
  if (fields->user_properties) user_properties.assign(fields->user_properties->begin(), fields->user_properties->end());
  has_username = has_username || fields->username.has_value();
  has_password = has_password || fields->password.has_value();
  kept_.push_back(std::move(fields));
}

void ConnectRewriteEvent::own() {
  auto copy = std::make_unique<ConnectReplacement>();
  copy->client_id = client_id;
  if (has_username) copy->username = username;
  if (has_password) copy->password.emplace(password);
  copy->user_properties.emplace(user_properties.begin(), user_properties.end());
  take(std::move(copy));
}

// auth.enrich --------------------------------------------------------------------------------------------------------

EnrichEvent::EnrichEvent(const ClientInfo& before, access::AuthenticateResult authenticated)
    : result(std::move(authenticated)) {
  access::ClientInfoFields fields = before.fields();
  fields.identity = result.identity;
  fields.is_superuser = result.is_superuser;
  known_ = access::ClientInfo::create(fields, nullptr, result.attributes, result.expires_at_unix_ms);
  client = known_.get();
}

void EnrichEvent::show() {
  access::ClientInfoFields fields = known_->fields();
  fields.identity = result.identity;
  fields.is_superuser = result.is_superuser;
  const access::ClientInfoRef before = known_;
  known_ = access::ClientInfo::create(fields, nullptr, result.attributes, result.expires_at_unix_ms);
  client = known_.get();
}

access::AuthenticateResult EnrichEvent::outcome() {
  if (!result.allowed) result.decided_by = std::move(decided_by);
  return std::move(result);
}

bool EnrichEvent::apply(Verdict& verdict) {
  if (verdict.kind == VerdictKind::replace) {
    const auto grant = base::take_argument<access::AuthenticationGrant>(verdict);
    if (grant == nullptr) return false;
    if (access::merge_grant(result, *grant, *known_)) {
      show();
      return false;
    }
    result = access::deny_authentication(mqtt::ReasonCode::implementation_specific_error);
    return true;
  }
  base::dispose(verdict);
  if (verdict.kind != VerdictKind::deny && verdict.kind != VerdictKind::drop) return false;
  result = access::deny_authentication(denial_reason(verdict, kDenyReason));
  return true;
}

// acl.deliver --------------------------------------------------------------------------------------------------------

bool AclDeliverEvent::apply(Verdict& verdict) {
  base::dispose(verdict);
  denied = verdict.kind == VerdictKind::deny || verdict.kind == VerdictKind::drop;
  return denied;
}

}  // namespace patchbay::hooks
