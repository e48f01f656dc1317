#include "hooks/connection_events.h"

#include <memory>
#include <utility>

#include "access/enhanced_authentication.h"
#include "hooks/replacements.h"

namespace patchbay::hooks {

using base::Verdict;
using base::VerdictKind;

bool ConnAcceptEvent::apply(Verdict& verdict) {
  base::dispose(verdict);
  denied = verdict.kind == VerdictKind::deny || verdict.kind == VerdictKind::drop;
  return denied || verdict.kind == VerdictKind::allow;
}

bool ConnDetectEvent::apply(Verdict& verdict) {
  if (verdict.kind == VerdictKind::allow) {
    const auto answer = base::take_argument<ReplacementText>(verdict);
    if (answer != nullptr) protocol = std::move(answer->text);
    return true;  // without a name: it is MQTT
  }
  base::dispose(verdict);
  denied = verdict.kind == VerdictKind::deny;
  wants_more = verdict.kind == VerdictKind::drop && may_wait;
  return denied || wants_more;
}

bool ConnTlsPskEvent::apply(Verdict& verdict) {
  if (verdict.kind == VerdictKind::allow) {
    const auto answer = base::take_argument<access::AuthenticationData>(verdict);
    if (answer != nullptr) key.swap(answer->data);
    return true;
  }
  base::dispose(verdict);
  return verdict.kind == VerdictKind::deny || verdict.kind == VerdictKind::drop;
}

bool ConnTlsCertEvent::apply(Verdict& verdict) {
  if (verdict.kind == VerdictKind::allow) {
    const auto answer = base::take_argument<CertificateIdentity>(verdict);
    if (answer != nullptr) {
      username = std::move(answer->username);
      client_id = std::move(answer->client_id);
    }
    return true;
  }
  base::dispose(verdict);
  denied = verdict.kind == VerdictKind::deny || verdict.kind == VerdictKind::drop;
  return denied;
}

bool ConnLimitsEvent::apply(Verdict& verdict) {
  if (verdict.kind != VerdictKind::allow) {
    base::dispose(verdict);
    return false;
  }
  const auto answer = base::take_argument<ConnectionLimits>(verdict);
  if (answer != nullptr) allowance = answer->allowance;
  return true;
}

}  // namespace patchbay::hooks
