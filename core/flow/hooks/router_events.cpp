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
  if (verdict.kind == VerdictKind::replace && take_text(verdict, text_, topic)) replaced = true;
  base::dispose(verdict);
  return replaced;
}

bool SharePickEvent::apply(Verdict& verdict) {
  const bool answered =
      verdict.kind == VerdictKind::allow && !verdict.has(Verdict::owns_argument) && !verdict.has(Verdict::is_fallback);
  if (answered) picked = static_cast<size_t>(verdict.argument);
  base::dispose(verdict);
  return answered;
}

bool RetainStoreEvent::apply(Verdict& verdict) {
  if (verdict.kind == VerdictKind::replace) {
    if (carries<RetainedAnswer>(verdict)) {
      auto answer = base::take_argument<RetainedAnswer>(verdict);
      if (answer->time_to_live_s != 0) time_to_live_s = answer->time_to_live_s;
      if (answer->message && is_encodable(answer->message->topic())) {
        message = std::move(answer->message);
        replaced = true;
      }
    } else if (take_message(verdict, message)) {
      replaced = true;
    }
    return false;
  }
  base::dispose(verdict);
  refused = verdict.kind == VerdictKind::deny || verdict.kind == VerdictKind::drop;
  return refused;
}

bool RetainLookupEvent::apply(Verdict& verdict) {
  const bool answers = verdict.kind == VerdictKind::allow || verdict.kind == VerdictKind::replace;
  const auto brought = answers ? base::take_argument<RetainedExtra>(verdict) : nullptr;
  if (brought == nullptr) {
    base::dispose(verdict);
    return false;
  }
  extra = std::move(brought->messages);
  std::erase_if(extra, [](const mqtt::MessageRef& message) { return !message || !is_encodable(message->topic()); });
  if (extra.size() > kMaximumExtra) extra.resize(kMaximumExtra);
  return true;
}

}  // namespace patchbay::hooks
