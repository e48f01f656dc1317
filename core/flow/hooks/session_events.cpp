#include "hooks/session_events.h"

#include <utility>

#include "hooks/event_answers.h"

namespace patchbay::hooks {

using base::Verdict;
using base::VerdictKind;

namespace {

/// What no SUBSCRIBE could ask for.
bool is_impossible(const RequestedSubscription& subscription) {
  return subscription.maximum_qos > mqtt::Qos::exactly_once || subscription.retain_handling > 2 ||
         !is_encodable(subscription.topic_filter);
}

}  // namespace

void SubscribeRewriteEvent::replace_with(SubscribeReplacement& replacement) {
  std::erase_if(replacement.subscriptions, is_impossible);
  if (replacement.subscriptions.empty()) return;
  RequestedSubscription& first = replacement.subscriptions.front();
  auto next = std::make_unique<std::string>(std::move(first.topic_filter));
  topic_filter = *next;
  text_ = std::move(next);
  qos = first.maximum_qos;
  no_local = first.no_local;
  retain_as_published = first.retain_as_published;
  retain_handling = first.retain_handling;
  replaced = true;
  for (size_t i = 1; i < replacement.subscriptions.size() && added.size() < kMaximumAdded; ++i) {
    added.push_back(std::move(replacement.subscriptions[i]));
  }
}

bool SubscribeRewriteEvent::apply(Verdict& verdict) {
  if (verdict.kind == VerdictKind::replace) {
    if (carries<SubscribeReplacement>(verdict)) {
      replace_with(*base::take_argument<SubscribeReplacement>(verdict));
    } else if (take_text(verdict, text_, topic_filter)) {
      replaced = true;
    }
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

bool UnsubscribeRewriteEvent::apply(Verdict& verdict) {
  if (verdict.kind == VerdictKind::replace && carries<SubscribeReplacement>(verdict)) {
    const auto replacement = base::take_argument<SubscribeReplacement>(verdict);
    std::erase_if(replacement->subscriptions, is_impossible);
    if (replacement->subscriptions.empty()) return false;
    auto next = std::make_unique<std::string>(std::move(replacement->subscriptions.front().topic_filter));
    topic_filter = *next;
    text_ = std::move(next);
    replaced = true;
    for (size_t i = 1; i < replacement->subscriptions.size(); ++i) {
      if (added.size() < SubscribeRewriteEvent::kMaximumAdded)
        added.push_back(std::move(replacement->subscriptions[i].topic_filter));
    }
    return false;
  }
  if (verdict.kind == VerdictKind::replace && take_text(verdict, text_, topic_filter)) replaced = true;
  base::dispose(verdict);
  return false;
}

bool QueueOverflowEvent::apply(Verdict& verdict) {
  if (verdict.kind == VerdictKind::allow && !verdict.has(Verdict::owns_argument) &&
      verdict.argument <= static_cast<uint64_t>(Action::disconnect)) {
    action = static_cast<Action>(verdict.argument);
  }
  base::dispose(verdict);
  return action != Action::configured;
}

}  // namespace patchbay::hooks
