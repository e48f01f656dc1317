#include "hooks/access_hook_events.h"

#include <utility>

#include "hooks/event_answers.h"

namespace patchbay::hooks {

using base::Verdict;
using base::VerdictKind;

bool ConnectRewriteEvent::apply(Verdict& verdict) {
  base::dispose(verdict);
  return false;
}

bool EnrichEvent::apply(Verdict& verdict) {
  base::dispose(verdict);
  return false;
}

bool AclDeliverEvent::apply(Verdict& verdict) {
  base::dispose(verdict);
  return false;
}

}  // namespace patchbay::hooks
