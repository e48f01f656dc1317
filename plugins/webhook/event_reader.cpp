#include "event_reader.h"

#include <arpa/inet.h>

#include <utility>

#include <patchbay/base.hpp>

#include "reason_names.h"

namespace patchbay::webhook {

namespace {

constexpr uint8_t kFailure = 0x80;  // MQTT 5.0, 2.4: reason codes from here on

/// EMQX writes null where there is no name.
FieldValue text_or_null(patchbay_str value) {
  if (value.len == 0) return nullptr;
  return patchbay::text(value);
}

template <typename Raw>
const Raw& of(const void* event) {
  return *static_cast<const Raw*>(event);
}

}  // namespace

Event* EventReader::read(uint32_t hook, EventKind kind, const void* event, uint64_t at_unix_ms) {
  event_.clear();
  event_.kind = kind;
  event_.at_unix_ms = at_unix_ms;
  hook_ = hook;
  return fill(event) ? &event_ : nullptr;
}

bool EventReader::fill(const void* event) {
  switch (hook_) {
    case PATCHBAY_HOOK_auth_connect_rewrite:
      return connect(of<patchbay_connect_rewrite_event>(event));
    case PATCHBAY_HOOK_auth_result:
      return connack(of<patchbay_auth_result_event>(event));
    case PATCHBAY_HOOK_client_connected:
      return connected(of<patchbay_client_event>(event));
    case PATCHBAY_HOOK_client_disconnected:
      return disconnected(of<patchbay_client_event>(event));
    case PATCHBAY_HOOK_subscribe_rewrite:
      return subscribe(of<patchbay_subscribe_rewrite_event>(event));
    case PATCHBAY_HOOK_unsubscribe_rewrite:
      return unsubscribe(of<patchbay_unsubscribe_rewrite_event>(event));
    case PATCHBAY_HOOK_subscribe_done:
      return subscribed(of<patchbay_subscription_event>(event));
    case PATCHBAY_HOOK_unsubscribe_done:
      return unsubscribed(of<patchbay_subscription_event>(event));
    case PATCHBAY_HOOK_session_ended:
      return terminated(of<patchbay_session_event>(event));
    case PATCHBAY_HOOK_publish_routed:
      return routed(of<patchbay_publish_routed_event>(event));
    case PATCHBAY_HOOK_deliver_sent:
    case PATCHBAY_HOOK_deliver_acked:
    case PATCHBAY_HOOK_deliver_dropped:
    case PATCHBAY_HOOK_deliver_expired:
      return delivery(of<patchbay_delivery_event>(event));
    default:
      return false;
  }
}

const patchbay_client_view& EventReader::view_of(const patchbay_client* client) {
  if (client != nullptr && client == shown_) return client_;  // events of a client often come in a row
  client_ = {};
  client_.size = sizeof client_;
  shown_ = client;
  if (client != nullptr) host_->client_view(host_, client, &client_);
  return client_;
}

const char* EventReader::address_text(const uint8_t (&address)[16]) {
  bool mapped = address[10] == 0xFF && address[11] == 0xFF;
  for (int i = 0; i < 10; ++i) mapped = mapped && address[i] == 0;
  const char* const out =
      ::inet_ntop(mapped ? AF_INET : AF_INET6, mapped ? address + 12 : address, address_, sizeof address_);
  return out != nullptr ? out : "";
}

void EventReader::add_client(patchbay_str client_id, patchbay_str username) {
  event_.client_id = patchbay::text(client_id);
  add("clientid", event_.client_id);
  add("username", text_or_null(username));
}

const patchbay_client_view& EventReader::add_client(const patchbay_client* client) {
  const auto& view = view_of(client);
  add_client(view.client_id, view.username);
  return view;
}

void EventReader::add_connection(const patchbay_client_view& view, uint16_t keep_alive_s) {
  add("ipaddress", std::string_view(address_text(view.peer_address)));
  add("keepalive", int64_t{keep_alive_s});
  add("proto_ver", int64_t{view.protocol_version});
}

void EventReader::add_topic(patchbay_str topic) {
  event_.topic = patchbay::text(topic);
  add("topic", event_.topic);
}

void EventReader::add_options(std::string options) {
  options_ = std::move(options);
  add("opts", JsonText{options_});
}

bool EventReader::connect(const patchbay_connect_rewrite_event& event) {
  add_client(event.client_id, event.username);
  add_connection(view_of(event.client), event.keep_alive_s);
  return true;
}

bool EventReader::connack(const patchbay_auth_result_event& event) {
  const auto& view = add_client(event.client);
  add_connection(view, view.keep_alive_s);
  add("conn_ack", event.allowed != 0 ? "success" : reason_name(event.reason));
  return true;
}

bool EventReader::connected(const patchbay_client_event& event) {
  const auto& view = add_client(event.client);
  add_connection(view, view.keep_alive_s);
  add("connected_at", static_cast<int64_t>(view.connected_at_unix_ms));
  return true;
}

bool EventReader::disconnected(const patchbay_client_event& event) {
  add_client(event.client);
  add("reason", patchbay::text(event.reason));
  add("disconnected_at", static_cast<int64_t>(event_.at_unix_ms));
  return true;
}

bool EventReader::subscribe(const patchbay_subscribe_rewrite_event& event) {
  add_client(event.client);
  add_topic(event.topic_filter);
  add_options("{\"qos\":" + std::to_string(event.qos) + ",\"nl\":" + std::to_string(event.no_local) + ",\"rap\":" +
              std::to_string(event.retain_as_published) + ",\"rh\":" + std::to_string(event.retain_handling) + "}");
  return true;
}

bool EventReader::unsubscribe(const patchbay_unsubscribe_rewrite_event& event) {
  add_client(event.client);
  add_topic(event.topic_filter);
  add_options("{}");
  return true;
}

bool EventReader::subscribed(const patchbay_subscription_event& event) {
  if (event.reason >= kFailure) return false;
  add_client(event.client);
  add_topic(event.topic_filter);
  add_options("{\"qos\":" + std::to_string(event.granted_qos) +
              ",\"is_new\":" + (event.is_new != 0 ? "true" : "false") + "}");
  return true;
}

bool EventReader::unsubscribed(const patchbay_subscription_event& event) {
  if (event.reason != 0) return false;  // 0x11: there was no such subscription
  add_client(event.client);
  add_topic(event.topic_filter);
  return true;
}

bool EventReader::terminated(const patchbay_session_event& event) {
  add_client(event.client_id, view_of(event.client).username);
  add("reason", patchbay::text(event.reason));
  return true;
}

/// False: it is a message of the broker about itself.
bool EventReader::look_at(const patchbay_message* message) {
  message_ = {};
  message_.size = sizeof message_;
  host_->message_view(host_, message, &message_);
  return (message_.flags & PATCHBAY_MESSAGE_SYSTEM) == 0;
}

/// The fields that all events of messages share.
void EventReader::add_message(patchbay_str topic, patchbay_str from_username, uint8_t qos) {
  add("from_client_id", text_or_null(message_.publisher_client_id));
  add("from_username", text_or_null(from_username));
  add_topic(topic);
  add("qos", int64_t{qos});
  add("retain", message_.retain != 0);
  add("ts", static_cast<int64_t>(message_.received_at_unix_ms));
  event_.has_payload = true;
  event_.payload = patchbay::as_text(patchbay::span(message_.payload));
}

bool EventReader::routed(const patchbay_publish_routed_event& event) {
  const bool dropped = event_.kind == EventKind::message_dropped;
  if ((dropped && event.receivers > 0) || !look_at(event.message)) return false;
  add_message(event.topic, view_of(event.client).username, message_.qos);
  event_.client_id = patchbay::text(message_.publisher_client_id);
  if (dropped) add("reason", std::string_view("no_subscribers"));
  return true;
}

bool EventReader::delivery(const patchbay_delivery_event& event) {
  if (!look_at(event.message)) return false;
  add_client(event.client_id, view_of(event.client).username);
  add_message(event.topic, {nullptr, 0}, event.qos);
  if (hook_ == PATCHBAY_HOOK_deliver_dropped) add("reason", patchbay::text(event.reason));
  if (hook_ == PATCHBAY_HOOK_deliver_expired) add("reason", std::string_view("expired"));
  return true;
}

}  // namespace patchbay::webhook
