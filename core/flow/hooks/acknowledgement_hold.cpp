#include "hooks/acknowledgement_hold.h"

#include "base/assert.h"

namespace patchbay::hooks {

void AcknowledgementHold::add(base::Token token, uint32_t deadline_ms, base::Verdict late, base::Deferrals& deferrals) {
  pendings_.push_back(std::make_unique<base::Pending>(&answered, this));
  const bool open = deferrals.commit(token, *pendings_.back(), deadline_ms, late);
  PATCHBAY_ASSERT(open);
  ++waiting_;
}

bool AcknowledgementHold::wait(Callback callback, void* owner, uint64_t cookie) {
  callback_ = callback;
  owner_ = owner;
  cookie_ = cookie;
  return !complete();
}

void AcknowledgementHold::answered(void* self, base::Verdict verdict) {
  auto& hold = *static_cast<AcknowledgementHold*>(self);
  base::dispose(verdict);
  const bool refused = verdict.kind == base::VerdictKind::deny || verdict.has(base::Verdict::failed);
  if (refused && hold.reason_ == mqtt::ReasonCode::success) {
    const auto reason = static_cast<mqtt::ReasonCode>(verdict.reason);
    hold.reason_ = mqtt::is_failure(reason) ? reason : mqtt::ReasonCode::implementation_specific_error;
  }
  PATCHBAY_ASSERT(hold.waiting_ > 0);
  if (--hold.waiting_ == 0 && hold.callback_ != nullptr) hold.callback_(hold.owner_, hold.cookie_, hold.reason_);
}

}  // namespace patchbay::hooks
