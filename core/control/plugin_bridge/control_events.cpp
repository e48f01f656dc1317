#include "plugin_bridge/control_events.h"

namespace patchbay::plugin_bridge {

bool AdminEvent::apply(base::Verdict& verdict) {
  base::dispose(verdict);
  const bool allows = verdict.kind == base::VerdictKind::allow;
  const bool denies = verdict.kind == base::VerdictKind::deny || verdict.kind == base::VerdictKind::drop;
  if (!allows && !denies) return false;
  decided = true;
  allowed = allows;
  return true;
}

}  // namespace patchbay::plugin_bridge
