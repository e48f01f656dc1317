#pragma once

#include <type_traits>

#include "base/chain_run.h"
#include "base/deferral.h"
#include "hooks/events.h"
#include "hooks/hook_points.h"

/// How the session layer calls hook points. Every call costs one load and compare while nobody listens; test
/// `point.empty()` first where building the event costs something.
///
/// A PUBLISH meets: publish.rewrite, validation, access control, publish.accept, when replaced validation and access
/// control again, routing, publish.routed.
namespace patchbay::hooks {

template <class Event>
using HookPending = base::ChainPending<Event>;

/// Decisions and transformations that may be answered later. True: done, the outcome is in `event`. False: `event` was
/// moved away, and the pending's callback gets it, complete, on this shard. [shard]
template <base::ChainEvent Event>
[[nodiscard]] inline bool run(const base::ChainPoint<Event>& point, base::Deferrals& deferrals, Event& event,
                              HookPending<Event>& pending) {
  if (point.empty()) return true;
  return base::run_chain(point, deferrals, event, &pending);
}

/// The same where nobody waits: an entry that defers has failed to answer. [shard]
template <base::ChainEvent Event>
inline void transform(const base::ChainPoint<Event>& point, base::Deferrals& deferrals, Event& event) {
  if (point.empty()) return;
  static_cast<void>(base::run_chain(point, deferrals, event, static_cast<HookPending<Event>*>(nullptr)));
}

/// Tells observers. [shard]
template <class Event>
[[gnu::always_inline]] inline void observe(const base::ChainPoint<Event>& point, std::type_identity_t<Event> event) {
  base::observe_chain(point, event);
}

}  // namespace patchbay::hooks
