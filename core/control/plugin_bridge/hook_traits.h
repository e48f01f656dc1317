#pragma once

#include "access/access_control.h"
#include "hooks/hook_points.h"
#include "patchbay/events.h"
#include "plugin_bridge/control_events.h"
#include "plugin_bridge/control_hooks.h"

namespace patchbay::plugin_bridge {

/// Where all points of the node hang.
struct AllPoints {
  hooks::HookPoints& flow;
  access::AccessPoints& access;
  ControlPoints& control;
};

// The core's event types, by the names that the table uses.
namespace table {
using namespace patchbay::hooks;  // NOLINT: the table names types without saying where they are from
using access::AuthenticateEvent;
using access::AuthorizeEvent;
using access::EnhancedAuthenticationEvent;
using plugin_bridge::AdminEvent;
using plugin_bridge::ControlEvent;
}  // namespace table

/// What belongs to one row of the hook table: the core's event, the ABI's, and the point.
template <hooks::HookId Id>
struct HookTraits;

#define PATCHBAY_HOOK(number, identifier, name, layer, kinds, heat, may_defer, deadline_ms, fallback, since, event, \
                      core_event)                                                                                   \
  template <>                                                                                                       \
  struct HookTraits<hooks::HookId::identifier> {                                                                    \
    using Event = table::core_event;                                                                                \
    using AbiEvent = patchbay_##event##_event;                                                                      \
    static constexpr hooks::Heat kHeat = hooks::Heat::heat;                                                         \
    static base::ChainPoint<Event>& point(const AllPoints& points) { return points.flow.identifier; }               \
  };
#define PATCHBAY_ACCESS_HOOK(number, identifier, name, layer, kinds, heat, may_defer, deadline_ms, fallback, since, \
                             event, core_event)                                                                     \
  template <>                                                                                                       \
  struct HookTraits<hooks::HookId::identifier> {                                                                    \
    using Event = table::core_event;                                                                                \
    using AbiEvent = patchbay_##event##_event;                                                                      \
    static constexpr hooks::Heat kHeat = hooks::Heat::heat;                                                         \
    static base::ChainPoint<Event>& point(const AllPoints& points);                                                 \
  };
#define PATCHBAY_CONTROL_HOOK(number, identifier, name, layer, kinds, heat, may_defer, deadline_ms, fallback, since, \
                              event, core_event)                                                                     \
  template <>                                                                                                        \
  struct HookTraits<hooks::HookId::identifier> {                                                                     \
    using Event = table::core_event;                                                                                 \
    using AbiEvent = patchbay_##event##_event;                                                                       \
    static constexpr hooks::Heat kHeat = hooks::Heat::heat;                                                          \
    static base::ChainPoint<Event>& point(const AllPoints& points) { return points.control.identifier; }             \
  };
#include "patchbay/hooks.def"

inline base::ChainPoint<access::AuthenticateEvent>& HookTraits<hooks::HookId::auth_authenticate>::point(
    const AllPoints& points) {
  return points.access.authenticate;
}
inline base::ChainPoint<access::EnhancedAuthenticationEvent>& HookTraits<hooks::HookId::auth_enhanced>::point(
    const AllPoints& points) {
  return points.access.enhanced_authentication;
}
inline base::ChainPoint<access::AuthorizeEvent>& HookTraits<hooks::HookId::acl_publish>::point(
    const AllPoints& points) {
  return points.access.authorize_publish;
}
inline base::ChainPoint<access::AuthorizeEvent>& HookTraits<hooks::HookId::acl_subscribe>::point(
    const AllPoints& points) {
  return points.access.authorize_subscribe;
}

template <hooks::HookId Id>
using EventOf = typename HookTraits<Id>::Event;
template <hooks::HookId Id>
using AbiEventOf = typename HookTraits<Id>::AbiEvent;

}  // namespace patchbay::plugin_bridge
