#include "hooks/delivery_events.h"

#include <utility>

#include "hooks/event_answers.h"

namespace patchbay::hooks {

using base::Verdict;
using base::VerdictKind;

bool DeliverBeforeEvent::apply(Verdict& verdict) {
  if (verdict.kind == VerdictKind::replace && take_message(verdict, message)) replaced = true;
  base::dispose(verdict);
  skip = verdict.kind == VerdictKind::drop || verdict.kind == VerdictKind::deny;
  return skip;
}

}  // namespace patchbay::hooks
