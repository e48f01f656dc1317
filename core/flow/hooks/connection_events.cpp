#include "hooks/connection_events.h"

#include <utility>

#include "hooks/event_answers.h"

namespace patchbay::hooks {

using base::Verdict;
using base::VerdictKind;

bool ConnAcceptEvent::apply(Verdict& verdict) {
  base::dispose(verdict);
  return false;
}

bool ConnDetectEvent::apply(Verdict& verdict) {
  base::dispose(verdict);
  return false;
}

bool ConnTlsPskEvent::apply(Verdict& verdict) {
  base::dispose(verdict);
  return false;
}

bool ConnTlsCertEvent::apply(Verdict& verdict) {
  base::dispose(verdict);
  return false;
}

bool ConnLimitsEvent::apply(Verdict& verdict) {
  base::dispose(verdict);
  return false;
}

}  // namespace patchbay::hooks
