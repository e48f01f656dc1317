#include "hooks/router_events.h"

#include <utility>

#include "hooks/event_answers.h"

namespace patchbay::hooks {

using base::Verdict;
using base::VerdictKind;

bool PublishRewriteEvent::apply(Verdict& verdict) {
  if (verdict.kind == VerdictKind::replace && take_text(verdict, text_, topic)) replaced = true;
  base::dispose(verdict);
  return false;
}

bool PublishAcceptEvent::apply(Verdict& verdict) {
  if (verdict.kind == VerdictKind::replace) {
    if (take_message(verdict, message)) replaced = true;
    return false;
  }
  base::dispose(verdict);
  if (verdict.kind == VerdictKind::drop) {
    outcome = Outcome::drop;
    return true;
  }
  if (verdict.kind != VerdictKind::deny) return false;
  outcome = Outcome::deny;
  reason = denial_reason(verdict, kDenyReason);
  return true;
}

void PublishAcceptEvent::hold(base::Token token, uint32_t deadline_ms, Verdict late, base::Deferrals& deferrals) {
  if (acknowledgement_hold == nullptr) acknowledgement_hold = std::make_unique<AcknowledgementHold>();
  acknowledgement_hold->add(token, deadline_ms, late, deferrals);
}

bool PublishUnroutedEvent::apply(Verdict& verdict) {
  base::dispose(verdict);
  return false;
}

bool SharePickEvent::apply(Verdict& verdict) {
  base::dispose(verdict);
  return false;
}

bool RetainStoreEvent::apply(Verdict& verdict) {
  base::dispose(verdict);
  return false;
}

bool RetainLookupEvent::apply(Verdict& verdict) {
  base::dispose(verdict);
  return false;
}

}  // namespace patchbay::hooks
