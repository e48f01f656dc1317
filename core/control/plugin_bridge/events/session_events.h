#pragma once

#include "hooks/events.h"
#include "patchbay/events.h"
#include "plugin_bridge/abi_views.h"

/// The session layer's events as the ABI shows them. Views of the core's event, valid as long as it.
namespace patchbay::plugin_bridge {

[[nodiscard]] inline patchbay_session_open_event show(const hooks::SessionOpenEvent& event) {
  patchbay_session_open_event abi{};
  abi.size = sizeof abi;
  abi.session_expiry_interval_s = event.session_expiry_interval_s;
  abi.client = to_abi(event.client);
  abi.maximum_packet_size = event.maximum_packet_size;
  abi.receive_maximum = event.receive_maximum;
  abi.keep_alive_s = event.keep_alive_s;
  abi.clean_start = event.clean_start ? 1 : 0;
  return abi;
}

[[nodiscard]] inline patchbay_session_conflict_event show(const hooks::SessionConflictEvent& event) {
  patchbay_session_conflict_event abi{};
  abi.size = sizeof abi;
  abi.existing = to_abi(event.existing);
  abi.client = to_abi(event.client);
  return abi;
}

[[nodiscard]] inline patchbay_session_event show(const hooks::SessionEvent& event) {
  patchbay_session_event abi{};
  abi.size = sizeof abi;
  abi.subscriptions = event.subscriptions;
  abi.client = to_abi(event.client);
  abi.client_id = view(event.client_id);
  abi.reason = view(event.reason);
  abi.queued_messages = event.queued_messages;
  return abi;
}

[[nodiscard]] inline patchbay_client_event show(const hooks::ClientEvent& event) {
  patchbay_client_event abi{};
  abi.size = sizeof abi;
  abi.session_present = event.session_present ? 1 : 0;
  abi.client = to_abi(event.client);
  abi.reason = view(event.reason);
  abi.duration_ms = event.duration_ms;
  return abi;
}

[[nodiscard]] inline patchbay_subscribe_rewrite_event show(const hooks::SubscribeRewriteEvent& event) {
  patchbay_subscribe_rewrite_event abi{};
  abi.size = sizeof abi;
  abi.qos = static_cast<uint8_t>(event.qos);
  abi.no_local = event.no_local ? 1 : 0;
  abi.retain_as_published = event.retain_as_published ? 1 : 0;
  abi.retain_handling = event.retain_handling;
  abi.client = to_abi(event.client);
  abi.topic_filter = view(event.topic_filter);
  return abi;
}

[[nodiscard]] inline patchbay_subscription_event show(const hooks::SubscriptionEvent& event) {
  patchbay_subscription_event abi{};
  abi.size = sizeof abi;
  abi.granted_qos = static_cast<uint8_t>(event.granted_qos);
  abi.reason = static_cast<uint8_t>(event.reason);
  abi.is_new = event.is_new ? 1 : 0;
  abi.client = to_abi(event.client);
  abi.topic_filter = view(event.topic_filter);
  return abi;
}

[[nodiscard]] inline patchbay_unsubscribe_rewrite_event show(const hooks::UnsubscribeRewriteEvent& event) {
  patchbay_unsubscribe_rewrite_event abi{};
  abi.size = sizeof abi;
  abi.client = to_abi(event.client);
  abi.topic_filter = view(event.topic_filter);
  return abi;
}

[[nodiscard]] inline patchbay_queue_overflow_event show(const hooks::QueueOverflowEvent& event) {
  patchbay_queue_overflow_event abi{};
  abi.size = sizeof abi;
  abi.queued_messages = event.queued_messages;
  abi.client = to_abi(event.client);
  abi.client_id = view(event.client_id);
  abi.message = to_abi(event.message);
  return abi;
}

[[nodiscard]] inline patchbay_will_publish_event show(const hooks::WillPublishEvent& event) {
  patchbay_will_publish_event abi{};
  abi.size = sizeof abi;
  abi.client = to_abi(event.client);
  abi.message = to_abi(event.message.get());
  abi.topic = view(event.message->topic());
  return abi;
}

[[nodiscard]] inline patchbay_reply_out_event show(const hooks::ReplyOutEvent& event) {
  patchbay_reply_out_event abi{};
  abi.size = sizeof abi;
  abi.packet_type = static_cast<uint8_t>(event.packet_type);
  abi.reason = static_cast<uint8_t>(event.reason);
  abi.packet_id = event.packet_id;
  abi.client = to_abi(event.client);
  return abi;
}

}  // namespace patchbay::plugin_bridge
