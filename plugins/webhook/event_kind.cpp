#include "event_kind.h"

#include <algorithm>

#include "patchbay/patchbay.h"

namespace patchbay::webhook {

namespace {

constexpr EventKindRow kRows[] = {
    {EventKind::client_connect, "client.connect", "client_connect", false},
    {EventKind::client_connack, "client.connack", "client_connack", false},
    {EventKind::client_connected, "client.connected", "client_connected", false},
    {EventKind::client_subscribe, "client.subscribe", "client_subscribe", true},
    {EventKind::session_subscribed, "session.subscribed", "session_subscribed", true},
    {EventKind::message_publish, "message.publish", "message_publish", true},
    {EventKind::message_delivered, "message.delivered", "message_delivered", true},
    {EventKind::message_acked, "message.acked", "message_acked", true},
    {EventKind::message_dropped, "message.dropped", "message_dropped", true},
    {EventKind::client_unsubscribe, "client.unsubscribe", "client_unsubscribe", true},
    {EventKind::session_unsubscribed, "session.unsubscribed", "session_unsubscribed", true},
    {EventKind::client_disconnected, "client.disconnected", "client_disconnected", false},
    {EventKind::session_terminated, "session.terminated", "session_terminated", false},
    {EventKind::test, "test", "webhook_test", false},
};

}  // namespace

const EventKindRow& row_of(EventKind kind) {
  return kRows[static_cast<size_t>(kind)];
}

std::optional<EventKind> event_kind_of(std::string_view name) {
  const auto* const found =
      std::find_if(std::begin(kRows), std::end(kRows), [&](const EventKindRow& row) { return row.name == name; });
  if (found == std::end(kRows) || found->kind == EventKind::test) return {};
  return found->kind;
}

const std::vector<EventSource>& event_sources() {
  static const std::vector<EventSource> sources = {
      {EventKind::client_connect, PATCHBAY_HOOK_auth_connect_rewrite},
      {EventKind::client_connack, PATCHBAY_HOOK_auth_result},
      {EventKind::client_connected, PATCHBAY_HOOK_client_connected},
      {EventKind::client_subscribe, PATCHBAY_HOOK_subscribe_rewrite},
      {EventKind::session_subscribed, PATCHBAY_HOOK_subscribe_done},
      {EventKind::message_publish, PATCHBAY_HOOK_publish_routed},
      {EventKind::message_delivered, PATCHBAY_HOOK_deliver_sent},
      {EventKind::message_acked, PATCHBAY_HOOK_deliver_acked},
      {EventKind::message_dropped, PATCHBAY_HOOK_publish_routed},  // the ones with no receiver
      {EventKind::message_dropped, PATCHBAY_HOOK_deliver_dropped},
      {EventKind::message_dropped, PATCHBAY_HOOK_deliver_expired},
      {EventKind::client_unsubscribe, PATCHBAY_HOOK_unsubscribe_rewrite},
      {EventKind::session_unsubscribed, PATCHBAY_HOOK_unsubscribe_done},
      {EventKind::client_disconnected, PATCHBAY_HOOK_client_disconnected},
      {EventKind::session_terminated, PATCHBAY_HOOK_session_ended},
  };
  return sources;
}

}  // namespace patchbay::webhook
