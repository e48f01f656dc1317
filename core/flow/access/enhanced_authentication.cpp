#include "access/enhanced_authentication.h"

#include <utility>

namespace patchbay::access {

bool EnhancedAuthenticationEvent::apply(base::Verdict& verdict) {
  if (verdict.kind == base::VerdictKind::proceed) {
    base::dispose(verdict);
    return false;
  }
  decided = true;
  if (verdict.kind == base::VerdictKind::replace) {
    if (auto next = base::take_argument<AuthenticationData>(verdict); next != nullptr) {
      result.outcome = EnhancedOutcome::proceed_with_data;
      result.data = std::move(next->data);
      return true;
    }
    verdict = base::Verdict::fails();
  }
  if (verdict.kind == base::VerdictKind::allow && !verdict.has(base::Verdict::failed)) {
    const auto grant = base::take_argument<EnhancedGrant>(verdict);
    if (grant != nullptr) result.data = std::move(grant->data);
    result.authentication = grant_authentication(*client, grant == nullptr ? nullptr : &grant->grant);
  } else {
    result.authentication = result_of(verdict, *client);
  }
  result.outcome = result.authentication.allowed ? EnhancedOutcome::allowed : EnhancedOutcome::denied;
  return true;
}

void EnhancedAuthenticationEvent::own() {
  if (owned_ != nullptr) return;
  const size_t method_size = authentication_method.size();
  owned_ = std::make_unique<std::string>(authentication_method);
  owned_->append(reinterpret_cast<const char*>(authentication_data.data()), authentication_data.size());
  authentication_method = std::string_view(*owned_).substr(0, method_size);
  authentication_data = {reinterpret_cast<const uint8_t*>(owned_->data()) + method_size, owned_->size() - method_size};
}

}  // namespace patchbay::access
