#include "hooks/events.h"

#include <utility>

namespace patchbay::hooks {

namespace {

using base::Verdict;
using base::VerdictKind;

mqtt::ReasonCode denial_reason(const Verdict& verdict, uint8_t otherwise) {
  const auto reason = static_cast<mqtt::ReasonCode>(verdict.reason);
  return mqtt::is_failure(reason) ? reason : static_cast<mqtt::ReasonCode>(otherwise);
}

/// The replacement that `verdict` brings into `text` and `view`; false when it brings none.
bool take_text(Verdict& verdict, std::unique_ptr<std::string>& text, std::string_view& view) {
  auto replacement = base::take_argument<ReplacementText>(verdict);
  if (replacement == nullptr) return false;
  // The old text may be what `view` shows and what the new one was made from, so it goes last.
  auto next = std::make_unique<std::string>(std::move(replacement->text));
  view = *next;
  text = std::move(next);
  return true;
}

bool take_message(Verdict& verdict, mqtt::MessageRef& message) {
  auto replacement = base::take_argument<ReplacementMessage>(verdict);
  if (replacement == nullptr || !replacement->message) return false;
  message = std::move(replacement->message);
  return true;
}

}  // namespace

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

bool DeliverBeforeEvent::apply(Verdict& verdict) {
  if (verdict.kind == VerdictKind::replace && take_message(verdict, message)) replaced = true;
  base::dispose(verdict);
  skip = verdict.kind == VerdictKind::drop || verdict.kind == VerdictKind::deny;
  return skip;
}

bool WillPublishEvent::apply(Verdict& verdict) {
  if (verdict.kind == VerdictKind::replace && take_message(verdict, message)) replaced = true;
  base::dispose(verdict);
  drop = verdict.kind == VerdictKind::drop || verdict.kind == VerdictKind::deny;
  return drop;
}

}  // namespace patchbay::hooks
