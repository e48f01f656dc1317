#pragma once

#include <vector>

#include "hooks/router_events.h"
#include "patchbay/events.h"
#include "plugin_bridge/abi_views.h"

/// The router layer's events as the ABI shows them. Views of the core's event, valid as long as it. What is called for
/// each message is filled field by field: a few stores.
namespace patchbay::plugin_bridge {

[[nodiscard]] inline patchbay_publish_rewrite_event show(const hooks::PublishRewriteEvent& event) {
  patchbay_publish_rewrite_event abi;
  abi.size = sizeof abi;
  abi.qos = static_cast<uint8_t>(event.qos);
  abi.retain = event.retain ? 1 : 0;
  abi.reserved = 0;
  abi.client = to_abi(event.client);
  abi.topic = view(event.topic);
  return abi;
}

[[nodiscard]] inline patchbay_publish_accept_event show(const hooks::PublishAcceptEvent& event) {
  patchbay_publish_accept_event abi;
  abi.size = sizeof abi;
  abi.qos = static_cast<uint8_t>(event.message->qos());
  abi.retain = event.message->retain() ? 1 : 0;
  abi.reserved = 0;
  abi.client = to_abi(event.client);
  abi.message = to_abi(event.message.get());
  abi.topic = view(event.message->topic());
  return abi;
}

[[nodiscard]] inline patchbay_publish_routed_event show(const hooks::PublishRoutedEvent& event) {
  patchbay_publish_routed_event abi;
  abi.size = sizeof abi;
  abi.receivers = event.receivers;
  abi.client = to_abi(event.client);
  abi.message = to_abi(event.message);
  abi.topic = view(event.message->topic());
  return abi;
}

[[nodiscard]] inline patchbay_publish_unrouted_event show(const hooks::PublishUnroutedEvent& event) {
  patchbay_publish_unrouted_event abi;
  abi.size = sizeof abi;
  abi.reserved = 0;
  abi.client = to_abi(event.client);
  abi.message = to_abi(event.message.get());
  abi.topic = view(event.message->topic());
  return abi;
}

/// With the array that the struct refers to.
struct ShownSharePick : patchbay_share_pick_event {
  std::vector<patchbay_share_member> shown_members;
};

[[nodiscard]] inline ShownSharePick show(const hooks::SharePickEvent& event) {
  ShownSharePick abi{};
  abi.size = sizeof(patchbay_share_pick_event);
  abi.message = to_abi(event.message);
  abi.topic = view(event.message->topic());
  abi.share_name = view(event.share_name);
  abi.topic_filter = view(event.topic_filter);
  const auto members = event.members();
  abi.shown_members.reserve(members.size());
  for (const hooks::ShareMember& member : members) {
    abi.shown_members.push_back({view(member.client_id), member.handle, member.online ? 1U : 0U, 0});
  }
  abi.members = abi.shown_members.data();
  abi.member_count = abi.shown_members.size();
  return abi;
}

[[nodiscard]] inline patchbay_retain_store_event show(const hooks::RetainStoreEvent& event) {
  patchbay_retain_store_event abi{};
  abi.size = sizeof abi;
  abi.client = to_abi(event.client);
  abi.message = to_abi(event.message.get());
  abi.topic = view(event.message->topic());
  return abi;
}

[[nodiscard]] inline patchbay_retain_lookup_event show(const hooks::RetainLookupEvent& event) {
  patchbay_retain_lookup_event abi{};
  abi.size = sizeof abi;
  abi.client = to_abi(event.client);
  abi.topic_filter = view(event.topic_filter);
  return abi;
}

}  // namespace patchbay::plugin_bridge
