// What traces listen to: each observer asks which traces want the event, and hands over a copy.
#include <algorithm>

#include "access/authorize.h"
#include "access/client_info.h"
#include "access/ip_text.h"
#include "mqtt/packet_type.h"
#include "operations/core_entry.h"
#include "operations/trace_view.h"

namespace patchbay::operations {

namespace {

using hooks::HookId;

TraceEvent event_of(const TraceView& view, std::string_view what, std::string_view client_id,
                    const access::ClientInfo* client) {
  TraceEvent event;
  event.unix_ms = view.now_unix_ms();
  event.what = what;
  event.client_id = client_id;
  if (client == nullptr) return event;
  event.username = client->username();
  event.peer = client->peer_address_text() + ':' + std::to_string(client->peer_port());
  return event;
}

void add_message(TraceEvent& event, const mqtt::Message& message, mqtt::Qos qos) {
  event.details.emplace_back("topic", message.topic());
  event.details.emplace_back("qos", std::to_string(static_cast<int>(qos)));
  if (message.retain()) event.details.emplace_back("retain", "true");
  const auto payload = message.payload();
  event.has_payload = true;
  event.payload_size = payload.size();
  event.payload.assign(reinterpret_cast<const char*>(payload.data()), std::min(payload.size(), kTracePayloadMax));
}

std::string_view id_of(const access::ClientInfo* client) {
  return client == nullptr ? std::string_view{} : client->client_id();
}

base::Verdict on_connection(const TraceView& view, std::string_view what, const hooks::ConnectionEvent& event) {
  const auto traces = view.of_address(event.peer_address) | view.of_client(id_of(event.client), nullptr);
  if (traces == 0) return {};
  TraceEvent trace = event_of(view, what, id_of(event.client), nullptr);
  trace.peer = access::ip_text(event.peer_address) + ':' + std::to_string(event.peer_port);
  trace.details.emplace_back("listener", event.listener_id);
  trace.details.emplace_back("reason", event.reason);
  view.hand_over(traces, std::move(trace));
  return {};
}

base::Verdict on_opened(void* self, hooks::ConnectionEvent& event, base::Token) noexcept {
  return on_connection(*static_cast<const TraceView*>(self), "connection_opened", event);
}

base::Verdict on_closed(void* self, hooks::ConnectionEvent& event, base::Token) noexcept {
  return on_connection(*static_cast<const TraceView*>(self), "connection_closed", event);
}

base::Verdict on_packet(const TraceView& view, std::string_view what, const hooks::PacketEvent& event) {
  if (event.client == nullptr) return {};
  const auto traces = view.of_client(event.client->client_id(), event.client);
  if (traces == 0) return {};
  TraceEvent trace = event_of(view, what, event.client->client_id(), event.client);
  trace.details.emplace_back("packet", mqtt::packet_type_name(static_cast<mqtt::PacketType>(event.packet_type)));
  trace.details.emplace_back("topic", event.topic);
  if (event.packet_id != 0) trace.details.emplace_back("packet_id", std::to_string(event.packet_id));
  trace.details.emplace_back("size", std::to_string(event.packet_size));
  view.hand_over(traces, std::move(trace));
  return {};
}

base::Verdict on_packet_in(void* self, hooks::PacketEvent& event, base::Token) noexcept {
  return on_packet(*static_cast<const TraceView*>(self), "mqtt_packet_received", event);
}

base::Verdict on_packet_out(void* self, hooks::PacketEvent& event, base::Token) noexcept {
  return on_packet(*static_cast<const TraceView*>(self), "mqtt_packet_sent", event);
}

base::Verdict on_auth_result(void* self, hooks::AuthResultEvent& event, base::Token) noexcept {
  const auto& view = *static_cast<const TraceView*>(self);
  const auto traces = view.of_client(id_of(event.client), event.client);
  if (traces == 0) return {};
  TraceEvent trace = event_of(view, "authentication", id_of(event.client), event.client);
  trace.details.emplace_back("result", event.allowed ? "allowed" : "denied");
  trace.details.emplace_back("reason_code", std::to_string(static_cast<int>(event.reason)));
  trace.details.emplace_back("decided_by", event.decided_by.empty() ? "built-in policy" : event.decided_by);
  view.hand_over(traces, std::move(trace));
  return {};
}

void on_authorized(void* self, access::AuthorizedEvent& event) noexcept {
  const auto& view = *static_cast<const TraceView*>(self);
  const bool publishes = event.action == access::Action::publish;
  const auto traces = view.of_client(id_of(event.client), event.client) |
                      (publishes ? view.of_topic(event.topic) : view.of_filter(event.topic));
  if (traces == 0) return;
  TraceEvent trace = event_of(view, "authorization", id_of(event.client), event.client);
  trace.details.emplace_back("action", publishes ? "publish" : "subscribe");
  trace.details.emplace_back("topic", event.topic);
  if (!event.share_name.empty()) trace.details.emplace_back("share", event.share_name);
  trace.details.emplace_back("result", event.result.allowed ? "allowed" : "denied");
  trace.details.emplace_back("decided_by", event.decided_by);
  view.hand_over(traces, std::move(trace));
}

base::ChainEntry<access::AuthorizedEvent> decision_entry(const std::shared_ptr<TraceView>& view) {
  base::ChainEntry<access::AuthorizedEvent> entry;
  entry.tell = &on_authorized;
  entry.self = view.get();
  entry.order.phase = base::Phase::observe;
  entry.order.name = "core:trace";
  entry.keeps = view;
  return entry;
}

base::Verdict on_client(const TraceView& view, std::string_view what, const hooks::ClientEvent& event) {
  const auto traces = view.of_client(id_of(event.client), event.client);
  if (traces == 0) return {};
  TraceEvent trace = event_of(view, what, id_of(event.client), event.client);
  trace.details.emplace_back("reason", event.reason);
  view.hand_over(traces, std::move(trace));
  return {};
}

base::Verdict on_connected(void* self, hooks::ClientEvent& event, base::Token) noexcept {
  return on_client(*static_cast<const TraceView*>(self), "client_connected", event);
}

base::Verdict on_disconnected(void* self, hooks::ClientEvent& event, base::Token) noexcept {
  return on_client(*static_cast<const TraceView*>(self), "client_disconnected", event);
}

base::Verdict on_subscription(const TraceView& view, std::string_view what, const hooks::SubscriptionEvent& event) {
  const auto traces = view.of_client(id_of(event.client), event.client) | view.of_filter(event.topic_filter);
  if (traces == 0) return {};
  TraceEvent trace = event_of(view, what, id_of(event.client), event.client);
  trace.details.emplace_back("topic", event.topic_filter);
  trace.details.emplace_back("qos", std::to_string(static_cast<int>(event.granted_qos)));
  trace.details.emplace_back("reason_code", std::to_string(static_cast<int>(event.reason)));
  view.hand_over(traces, std::move(trace));
  return {};
}

base::Verdict on_subscribed(void* self, hooks::SubscriptionEvent& event, base::Token) noexcept {
  return on_subscription(*static_cast<const TraceView*>(self), "subscribe", event);
}

base::Verdict on_unsubscribed(void* self, hooks::SubscriptionEvent& event, base::Token) noexcept {
  return on_subscription(*static_cast<const TraceView*>(self), "unsubscribe", event);
}

base::Verdict on_routed(void* self, hooks::PublishRoutedEvent& event, base::Token) noexcept {
  const auto& view = *static_cast<const TraceView*>(self);
  const mqtt::Message& message = *event.message;
  const auto traces = view.of_client(message.publisher_client_id(), event.client) | view.of_topic(message.topic());
  if (traces == 0) return {};
  TraceEvent trace = event_of(view, "publish_received", message.publisher_client_id(), event.client);
  add_message(trace, message, message.qos());
  trace.details.emplace_back("receivers", std::to_string(event.receivers));
  view.hand_over(traces, std::move(trace));
  return {};
}

base::Verdict on_delivery(const TraceView& view, std::string_view what, const hooks::DeliveryEvent& event) {
  const auto traces = view.of_client(event.client_id, event.client) | view.of_topic(event.message->topic());
  if (traces == 0) return {};
  TraceEvent trace = event_of(view, what, event.client_id, event.client);
  trace.details.emplace_back("reason", event.reason);
  trace.details.emplace_back("from", event.message->publisher_client_id());
  add_message(trace, *event.message, event.qos);
  view.hand_over(traces, std::move(trace));
  return {};
}

base::Verdict on_delivered(void* self, hooks::DeliveryEvent& event, base::Token) noexcept {
  return on_delivery(*static_cast<const TraceView*>(self), "deliver_sent", event);
}

base::Verdict on_acknowledged(void* self, hooks::DeliveryEvent& event, base::Token) noexcept {
  return on_delivery(*static_cast<const TraceView*>(self), "deliver_acked", event);
}

base::Verdict on_undelivered(void* self, hooks::DeliveryEvent& event, base::Token) noexcept {
  return on_delivery(*static_cast<const TraceView*>(self), "deliver_dropped", event);
}

template <HookId Id>
void follow(plugin_bridge::ChainPublisher& chains, bool on, const std::shared_ptr<TraceView>& view,
            typename base::ChainEntry<plugin_bridge::EventOf<Id>>::Call call) {
  listen_at<Id>(chains, "trace", on, core_entry<Id>("trace", base::Phase::observe, call, view.get(), view));
}

}  // namespace

void TraceView::listen(const std::shared_ptr<TraceView>& view, plugin_bridge::ChainPublisher& chains) {
  const bool messages = !view->empty();
  const bool clients = view->follows_clients();
  follow<HookId::conn_opened>(chains, clients, view, &on_opened);
  follow<HookId::conn_closed>(chains, clients, view, &on_closed);
  follow<HookId::packet_in>(chains, clients, view, &on_packet_in);
  follow<HookId::packet_out>(chains, clients, view, &on_packet_out);
  follow<HookId::auth_result>(chains, clients, view, &on_auth_result);
  follow<HookId::client_connected>(chains, clients, view, &on_connected);
  follow<HookId::client_disconnected>(chains, clients, view, &on_disconnected);
  follow<HookId::subscribe_done>(chains, messages, view, &on_subscribed);
  follow<HookId::unsubscribe_done>(chains, messages, view, &on_unsubscribed);
  follow<HookId::publish_routed>(chains, messages, view, &on_routed);
  follow<HookId::deliver_sent>(chains, messages, view, &on_delivered);
  follow<HookId::deliver_acked>(chains, messages, view, &on_acknowledged);
  follow<HookId::deliver_dropped>(chains, messages, view, &on_undelivered);
  std::vector<base::ChainEntry<access::AuthorizedEvent>> decisions;
  if (messages) decisions.push_back(decision_entry(view));
  chains.observe_decisions(std::move(decisions));
}

}  // namespace patchbay::operations
