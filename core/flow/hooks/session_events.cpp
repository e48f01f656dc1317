#include "hooks/session_events.h"

#include <utility>

#include "hooks/event_answers.h"

namespace patchbay::hooks {

using base::Verdict;
using base::VerdictKind;

bool SubscribeRewriteEvent::apply(Verdict& verdict) {
  if (verdict.kind == VerdictKind::replace) {
    if (take_text(verdict, text_, topic_filter)) replaced = true;
    return false;
  }
  base::dispose(verdict);
  if (verdict.kind != VerdictKind::deny && verdict.kind != VerdictKind::drop) return false;
  denied = true;
  reason = denial_reason(verdict, kDenyReason);
  return true;
}

void SubscribeRewriteEvent::own() {
  if (text_ != nullptr && topic_filter.data() == text_->data()) return;
  text_ = std::make_unique<std::string>(topic_filter);
  topic_filter = *text_;
}

bool WillPublishEvent::apply(Verdict& verdict) {
  if (verdict.kind == VerdictKind::replace && take_message(verdict, message)) replaced = true;
  base::dispose(verdict);
  drop = verdict.kind == VerdictKind::drop || verdict.kind == VerdictKind::deny;
  return drop;
}

bool SessionOpenEvent::apply(Verdict& verdict) {
  base::dispose(verdict);
  return false;
}

bool SessionConflictEvent::apply(Verdict& verdict) {
  base::dispose(verdict);
  return false;
}

bool UnsubscribeRewriteEvent::apply(Verdict& verdict) {
  base::dispose(verdict);
  return false;
}

bool QueueOverflowEvent::apply(Verdict& verdict) {
  base::dispose(verdict);
  return false;
}

bool ReplyOutEvent::apply(Verdict& verdict) {
  base::dispose(verdict);
  return false;
}

}  // namespace patchbay::hooks
