// SPDX-License-Identifier: Apache-2.0
// One binder for each row of hooks.def, and one for each short name: whether a class has the hook, and how to call it.
// Made from the table.
#pragma once

#include "patchbay/event.hpp"

namespace patchbay::detail {

/// A list of binders.
template <typename... Binders>
struct binder_list {};

// `PATCHBAY_BINDER(row, member)`: the binder `bind_<member>` calls on_<member> for the point of `row`.
#define PATCHBAY_BINDER(row, member)                                       \
  struct bind_##member : row_##row {                                       \
    static constexpr std::string_view member_name = "on_" #member;         \
    template <typename P>                                                  \
    static constexpr bool named = requires {                               \
      &P::on_##member;                                                     \
    };                                                                     \
    template <typename P>                                                  \
    static constexpr bool batch_named = requires {                         \
      &P::on_##member##_batch;                                             \
    };                                                                     \
    template <typename P>                                                  \
    static constexpr bool callable = requires(P & p, event<raw> e) {       \
      p.on_##member(e);                                                    \
    };                                                                     \
    template <typename P>                                                  \
    static constexpr bool batch_callable = requires(P & p, batch<raw> b) { \
      p.on_##member##_batch(b);                                            \
    };                                                                     \
    template <typename P>                                                  \
    static decltype(auto) call(P& p, event<raw> e) {                       \
      return p.on_##member(e);                                             \
    }                                                                      \
    template <typename P>                                                  \
    static void call_batch(P& p, batch<raw> b) {                           \
      p.on_##member##_batch(b);                                            \
    }                                                                      \
  };

#define PATCHBAY_HOOK(number_, identifier, name_, layer, kinds_, heat, may_defer_, deadline, fallback, since, event_, \
                      core)                                                                                           \
  struct row_##identifier {                                                                                           \
    using raw = patchbay_##event_##_event;                                                                            \
    static constexpr std::uint32_t number = number_;                                                                  \
    static constexpr std::string_view name = name_;                                                                   \
    static constexpr std::string_view kinds = kinds_;                                                                 \
    static constexpr bool may_defer = (may_defer_) != 0;                                                              \
  };                                                                                                                  \
  PATCHBAY_BINDER(identifier, identifier)
#include "patchbay/hooks.def"

// The short names. A class may use either name of a point, not both.
// clang-format off
#define PATCHBAY_SHORT_NAMES(NAME) \
  NAME(auth_authenticate, authenticate) NAME(publish_accept, publish) \
  NAME(publish_accept, publish_change) NAME(publish_routed, routed) \
  NAME(publish_unrouted, unrouted) NAME(acl_subscribe, subscribe) \
  NAME(subscribe_done, subscribed) NAME(unsubscribe_done, unsubscribed) \
  NAME(client_connected, connected) NAME(client_disconnected, disconnected) \
  NAME(deliver_before, deliver) NAME(retain_store, retain) \
  NAME(will_publish, will) NAME(conn_accept, accept) \
  NAME(auth_connect_rewrite, connect_rewrite)
// clang-format on
PATCHBAY_SHORT_NAMES(PATCHBAY_BINDER)

using all_binders = binder_list<
#define PATCHBAY_HOOK(number, identifier, ...) bind_##identifier,
#include "patchbay/hooks.def"
#define PATCHBAY_LISTED(row, member) bind_##member,
    PATCHBAY_SHORT_NAMES(PATCHBAY_LISTED)
#undef PATCHBAY_LISTED
        void>;

// Names that look like hooks and are none. A compiler can't list members, so these are asked for one by one.
#define PATCHBAY_NO_HOOK(P, wrong, right) \
  static_assert(                          \
      !requires { &P::wrong; }, #wrong " isn't a hook: you may mean " right);

/// Fails to compile where a class has a member that nearly is a hook.
template <typename P>
constexpr void check_names() {
  PATCHBAY_NO_HOOK(P, on_auth, "on_authenticate")
  PATCHBAY_NO_HOOK(P, on_authentication, "on_authenticate")
  PATCHBAY_NO_HOOK(P, on_authorize, "on_acl_publish or on_acl_subscribe")
  PATCHBAY_NO_HOOK(P, on_acl, "on_acl_publish or on_acl_subscribe")
  PATCHBAY_NO_HOOK(P, on_connect, "on_connected, or on_session_open to change what is granted")
  PATCHBAY_NO_HOOK(P, on_client_connect, "on_client_connected")
  PATCHBAY_NO_HOOK(P, on_disconnect, "on_disconnected")
  PATCHBAY_NO_HOOK(P, on_client_disconnect, "on_client_disconnected")
  PATCHBAY_NO_HOOK(P, on_message, "on_publish, or on_publish_routed to watch")
  PATCHBAY_NO_HOOK(P, on_message_publish, "on_publish")
  PATCHBAY_NO_HOOK(P, on_published, "on_publish_routed")
  PATCHBAY_NO_HOOK(P, on_publish_batch, "on_publish_routed_batch: a decision can't come in batches")
  PATCHBAY_NO_HOOK(P, on_unsubscribe, "on_unsubscribed")
  PATCHBAY_NO_HOOK(P, on_delivered, "on_deliver_acked")
  PATCHBAY_NO_HOOK(P, on_dropped, "on_deliver_dropped")
}
#undef PATCHBAY_NO_HOOK

}  // namespace patchbay::detail
