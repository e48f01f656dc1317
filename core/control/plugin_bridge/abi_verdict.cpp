#include "plugin_bridge/abi_verdict.h"

#include "plugin_bridge/instance.h"

namespace patchbay::plugin_bridge {

// The ABI's verdict was made in the core's shape: kinds and flags have the same values.
static_assert(static_cast<uint32_t>(base::VerdictKind::proceed) == PATCHBAY_CONTINUE);
static_assert(static_cast<uint32_t>(base::VerdictKind::allow) == PATCHBAY_ALLOW);
static_assert(static_cast<uint32_t>(base::VerdictKind::deny) == PATCHBAY_DENY);
static_assert(static_cast<uint32_t>(base::VerdictKind::defer) == PATCHBAY_DEFER);
static_assert(static_cast<uint32_t>(base::VerdictKind::replace) == PATCHBAY_REPLACE);
static_assert(static_cast<uint32_t>(base::VerdictKind::drop) == PATCHBAY_DROP);
static_assert(base::Verdict::failed == PATCHBAY_VERDICT_FAILED);
static_assert(base::Verdict::owns_argument == PATCHBAY_VERDICT_ARG);
static_assert(base::Verdict::hold_ack == PATCHBAY_VERDICT_HOLD_ACK);
static_assert(kThrew != kBadAnswer && ((kThrew | kBadAnswer) & (base::Verdict::failed | base::Verdict::is_fallback |
                                                                base::Verdict::owns_argument | base::Verdict::hold_ack |
                                                                base::Verdict::refused)) == 0);

namespace {

base::Verdict fails_by(uint16_t fault) {
  base::Verdict verdict = base::Verdict::fails();
  verdict.flags = static_cast<uint16_t>(verdict.flags | fault);
  return verdict;
}

}  // namespace

base::Verdict take_verdict(Instance& instance, const patchbay_verdict& answer) {
  constexpr uint16_t kKnown = PATCHBAY_VERDICT_FAILED | PATCHBAY_VERDICT_ARG | PATCHBAY_VERDICT_HOLD_ACK | kThrew;
  base::Verdict verdict;
  verdict.reason = answer.reason;
  verdict.flags = answer.flags & kKnown;
  verdict.argument = answer.arg;
  const bool promises_handle = verdict.has(base::Verdict::owns_argument);
  if (promises_handle && answer.arg == 0) return fails_by(kBadAnswer);
  if (promises_handle) instance.held().remove(Held::answers);
  const bool unknown = answer.kind > PATCHBAY_DROP;
  if (unknown || verdict.has(base::Verdict::failed)) {
    base::dispose(verdict);
    verdict = fails_by(unknown ? kBadAnswer : static_cast<uint16_t>(verdict.flags & kThrew));
    verdict.reason = answer.reason;
    return verdict;
  }
  verdict.kind = static_cast<base::VerdictKind>(answer.kind);
  return verdict;
}

}  // namespace patchbay::plugin_bridge
