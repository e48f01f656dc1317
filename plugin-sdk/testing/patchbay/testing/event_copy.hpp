// SPDX-License-Identifier: Apache-2.0
// A deep copy of any event into an arena: every text, every list. Fields are found by name, so a new struct of events.h
// needs nothing here unless it brings a new name.
#pragma once

#include <algorithm>

#include "patchbay/testing/view_arena.hpp"

namespace patchbay::testing {

/// Replaces the views of `event` by copies in `arena`.
template <typename Event>
void deepen(view_arena& arena, Event& event) {
#define PATCHBAY_VIEW(field)                                                   \
  if constexpr (requires { event.field.ptr; }) {                               \
    const auto copied = arena.copy_bytes(event.field.ptr, event.field.len);    \
    event.field.ptr = reinterpret_cast<decltype(event.field.ptr)>(copied.ptr); \
  }
  PATCHBAY_VIEW(listener_id)
  PATCHBAY_VIEW(first_bytes)
  PATCHBAY_VIEW(alpn)
  PATCHBAY_VIEW(server_name)
  PATCHBAY_VIEW(websocket_path)
  PATCHBAY_VIEW(websocket_subprotocol)
  PATCHBAY_VIEW(identity)
  PATCHBAY_VIEW(common_name)
  PATCHBAY_VIEW(subject)
  PATCHBAY_VIEW(serial)
  PATCHBAY_VIEW(fingerprint_sha256)
  PATCHBAY_VIEW(der)
  PATCHBAY_VIEW(protocol_name)
  PATCHBAY_VIEW(topic)
  PATCHBAY_VIEW(raw)
  PATCHBAY_VIEW(client_id)
  PATCHBAY_VIEW(username)
  PATCHBAY_VIEW(password)
  PATCHBAY_VIEW(certificate_der)
  PATCHBAY_VIEW(method)
  PATCHBAY_VIEW(data)
  PATCHBAY_VIEW(decided_by)
  PATCHBAY_VIEW(share_name)
  PATCHBAY_VIEW(user)
  PATCHBAY_VIEW(action)
  PATCHBAY_VIEW(object)
  PATCHBAY_VIEW(body_json)
  PATCHBAY_VIEW(topic_filter)
  PATCHBAY_VIEW(reason)
  PATCHBAY_VIEW(before)
  PATCHBAY_VIEW(after)
  PATCHBAY_VIEW(author)
  PATCHBAY_VIEW(details_json)
#undef PATCHBAY_VIEW
#define PATCHBAY_LIST(field, count, deepen_each)                                                   \
  if constexpr (requires {                                                                         \
                  event.field;                                                                     \
                  event.count;                                                                     \
                }) {                                                                               \
    if (event.count != 0) {                                                                        \
      using item = std::remove_cv_t<std::remove_pointer_t<decltype(event.field)>>;                 \
      auto* items = static_cast<item*>(arena.allocate(sizeof(item) * event.count, alignof(item))); \
      std::copy(event.field, event.field + event.count, items);                                    \
      for (std::size_t i = 0; i < event.count; ++i) deepen_each;                                   \
      event.field = items;                                                                         \
    }                                                                                              \
  }
  const auto text = [&](patchbay_str& each) {
    each = arena.copy_text({each.ptr == nullptr ? "" : each.ptr, each.len});
  };
  (void)text;
  PATCHBAY_LIST(alternative_names, alternative_name_count, text(items[i]))
  PATCHBAY_LIST(user_properties, user_property_count, (text(items[i].name), text(items[i].value)))
  PATCHBAY_LIST(members, member_count, text(items[i].client_id))
#undef PATCHBAY_LIST
}

}  // namespace patchbay::testing
