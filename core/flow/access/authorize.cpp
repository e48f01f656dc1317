#include "access/authorize.h"

#include <utility>

namespace patchbay::access {

bool AuthorizeEvent::apply(base::Verdict& verdict) {
  if (verdict.kind == base::VerdictKind::proceed) {
    base::dispose(verdict);
    return false;
  }
  decided = true;
  if (verdict.has(base::Verdict::failed | base::Verdict::is_fallback)) cacheable = false;
  if (verdict.kind != base::VerdictKind::allow || verdict.has(base::Verdict::failed)) {
    // Kinds that mean nothing here are a failure of the entry, and a failure denies.
    base::dispose(verdict);
    const auto reason = static_cast<mqtt::ReasonCode>(verdict.reason);
    result = AuthorizeResult::deny(mqtt::is_failure(reason) ? reason : mqtt::ReasonCode::not_authorized);
    return true;
  }
  result = AuthorizeResult::allow();
  if (verdict.has(base::Verdict::owns_argument)) {
    base::dispose(verdict);
  } else if (action == Action::subscribe && verdict.argument >= 1 && verdict.argument <= 2) {
    result.maximum_qos = static_cast<mqtt::Qos>(verdict.argument - 1);
  }
  return true;
}

void AuthorizeEvent::own() {
  if (owned_ != nullptr) return;
  const size_t topic_size = topic.size();
  owned_ = std::make_unique<std::string>(topic);
  owned_->append(share_name);
  topic = std::string_view(*owned_).substr(0, topic_size);
  share_name = std::string_view(*owned_).substr(topic_size);
}

base::ChainEntry<AuthorizeEvent> authorizer_entry(Authorizer& authorizer, std::string name, int32_t priority,
                                                  uint32_t deadline_ms) {
  base::ChainEntry<AuthorizeEvent> entry;
  entry.call = [](void* self, AuthorizeEvent& event, base::Token token) noexcept {
    return static_cast<Authorizer*>(self)->authorize(event, token);
  };
  entry.self = &authorizer;
  entry.order.priority = priority;
  entry.order.name = std::move(name);
  entry.deadline_ms = deadline_ms;
  return entry;
}

}  // namespace patchbay::access
