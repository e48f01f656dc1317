#include "hooks/session_open_events.h"

#include <memory>

#include "hooks/event_answers.h"

namespace patchbay::hooks {

using base::Verdict;
using base::VerdictKind;

namespace {

template <class Value>
void merge(std::optional<Value>& into, std::optional<Value>& from) {
  if (from) into = std::move(from);
}

}  // namespace

bool SessionOpenEvent::apply(Verdict& verdict) {
  if (verdict.kind == VerdictKind::replace) {
    const auto grant = base::take_argument<SessionGrant>(verdict);
    if (grant == nullptr || !is_encodable(grant->terms.server_reference) ||
        !is_encodable(grant->terms.response_information.value_or("")))
      return false;
    merge(terms.session_expiry_interval_s, grant->terms.session_expiry_interval_s);
    merge(terms.maximum_packet_size, grant->terms.maximum_packet_size);
    merge(terms.receive_maximum, grant->terms.receive_maximum);
    merge(terms.keep_alive_s, grant->terms.keep_alive_s);
    merge(terms.response_information, grant->terms.response_information);
    if (grant->terms.server_reference.empty()) return false;
    terms.server_reference = std::move(grant->terms.server_reference);
    terms.moved = grant->terms.moved;
    refused = true;
    reason = terms.moved ? mqtt::ReasonCode::server_moved : mqtt::ReasonCode::use_another_server;
    return true;
  }
  base::dispose(verdict);
  refused = verdict.kind == VerdictKind::deny || verdict.kind == VerdictKind::drop;
  if (refused) reason = denial_reason(verdict, kDenyReason);
  return refused;
}

bool SessionConflictEvent::apply(Verdict& verdict) {
  base::dispose(verdict);
  refused = verdict.kind == VerdictKind::deny || verdict.kind == VerdictKind::drop;
  if (refused) reason = denial_reason(verdict, kDenyReason);
  return refused || verdict.kind == VerdictKind::allow;
}

}  // namespace patchbay::hooks
