#include "event_reader.h"

#include <arpa/inet.h>

#include <patchbay/base.hpp>

#include "json_text.h"
#include "reason_names.h"

namespace patchbay::webhook {

namespace {

constexpr uint8_t kFailure = 0x80;  // MQTT 5.0, 2.4: reason codes from here on

std::string copy(patchbay_str value) {
  return std::string(patchbay::text(value));
}

/// EMQX writes null where there is no name.
FieldValue text_or_null(patchbay_str value) {
  if (value.len == 0) return nullptr;
  return copy(value);
}

std::string address_text(const uint8_t (&address)[16]) {
  char out[INET6_ADDRSTRLEN] = {};
  bool mapped = address[10] == 0xFF && address[11] == 0xFF;
  for (int i = 0; i < 10; ++i) mapped = mapped && address[i] == 0;
  ::inet_ntop(mapped ? AF_INET : AF_INET6, mapped ? address + 12 : address, out, sizeof out);
  return out;
}

class Reader {
 public:
  Reader(const patchbay_host* host, uint32_t hook, EventKind kind, uint64_t at_unix_ms) : host_(host), hook_(hook) {
    out_.kind = kind;
    out_.at_unix_ms = at_unix_ms;
  }

  std::optional<Event> read(const void* event) {
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
        return {};
    }
  }

 private:
  template <typename Raw>
  static const Raw& of(const void* event) {
    return *static_cast<const Raw*>(event);
  }
  void add(std::string_view name, FieldValue value) { out_.fields.emplace_back(name, std::move(value)); }
  patchbay_client_view view_of(const patchbay_client* client) const {
    patchbay_client_view out{};
    out.size = sizeof out;
    if (client != nullptr) host_->client_view(host_, client, &out);
    return out;
  }
  void add_client(patchbay_str client_id, patchbay_str username) {
    out_.client_id = copy(client_id);
    add("clientid", out_.client_id);
    add("username", text_or_null(username));
  }
  patchbay_client_view add_client(const patchbay_client* client) {
    const auto view = view_of(client);
    add_client(view.client_id, view.username);
    return view;
  }
  void add_connection(const patchbay_client_view& view, uint16_t keep_alive_s) {
    add("ipaddress", address_text(view.peer_address));
    add("keepalive", int64_t{keep_alive_s});
    add("proto_ver", int64_t{view.protocol_version});
  }
  void add_topic(patchbay_str topic, std::string options) {
    out_.topic = copy(topic);
    add("topic", out_.topic);
    if (!options.empty()) add("opts", JsonText{std::move(options)});
  }

  std::optional<Event> connect(const patchbay_connect_rewrite_event& event) {
    add_client(event.client_id, event.username);
    add_connection(view_of(event.client), event.keep_alive_s);
    return std::move(out_);
  }
  std::optional<Event> connack(const patchbay_auth_result_event& event) {
    const auto view = add_client(event.client);
    add_connection(view, view.keep_alive_s);
    add("conn_ack", std::string(event.allowed != 0 ? "success" : reason_name(event.reason)));
    return std::move(out_);
  }
  std::optional<Event> connected(const patchbay_client_event& event) {
    const auto view = add_client(event.client);
    add_connection(view, view.keep_alive_s);
    add("connected_at", static_cast<int64_t>(view.connected_at_unix_ms));
    return std::move(out_);
  }
  std::optional<Event> disconnected(const patchbay_client_event& event) {
    add_client(event.client);
    add("reason", copy(event.reason));
    add("disconnected_at", static_cast<int64_t>(out_.at_unix_ms));
    return std::move(out_);
  }
  std::optional<Event> subscribe(const patchbay_subscribe_rewrite_event& event) {
    add_client(event.client);
    add_topic(event.topic_filter,
              "{\"qos\":" + std::to_string(event.qos) + ",\"nl\":" + std::to_string(event.no_local) + ",\"rap\":" +
                  std::to_string(event.retain_as_published) + ",\"rh\":" + std::to_string(event.retain_handling) + "}");
    return std::move(out_);
  }
  std::optional<Event> unsubscribe(const patchbay_unsubscribe_rewrite_event& event) {
    add_client(event.client);
    add_topic(event.topic_filter, "{}");
    return std::move(out_);
  }
  std::optional<Event> subscribed(const patchbay_subscription_event& event) {
    if (event.reason >= kFailure) return {};
    add_client(event.client);
    add_topic(event.topic_filter, "{\"qos\":" + std::to_string(event.granted_qos) +
                                      ",\"is_new\":" + (event.is_new != 0 ? "true" : "false") + "}");
    return std::move(out_);
  }
  std::optional<Event> unsubscribed(const patchbay_subscription_event& event) {
    if (event.reason != 0) return {};  // 0x11: there was no such subscription
    add_client(event.client);
    add_topic(event.topic_filter, {});
    return std::move(out_);
  }
  std::optional<Event> terminated(const patchbay_session_event& event) {
    add_client(event.client_id, view_of(event.client).username);
    add("reason", copy(event.reason));
    return std::move(out_);
  }

  /// The fields that all events of messages share. False: a message of the broker about itself.
  bool add_message(const patchbay_message* message, patchbay_str topic, patchbay_str from_username, uint8_t qos) {
    view_.size = sizeof view_;
    host_->message_view(host_, message, &view_);
    if ((view_.flags & PATCHBAY_MESSAGE_SYSTEM) != 0) return false;
    add("from_client_id", text_or_null(view_.publisher_client_id));
    add("from_username", text_or_null(from_username));
    add_topic(topic, {});
    add("qos", int64_t{qos});
    add("retain", view_.retain != 0);
    add("ts", view_.received_at_unix_ms);
    out_.has_payload = true;
    out_.payload = patchbay::as_text(patchbay::span(view_.payload));
    return true;
  }
  std::optional<Event> routed(const patchbay_publish_routed_event& event) {
    const bool dropped = out_.kind == EventKind::message_dropped;
    if (dropped && event.receivers > 0) return {};
    const auto publisher = view_of(event.client);
    patchbay_message_view shown{};
    shown.size = sizeof shown;
    host_->message_view(host_, event.message, &shown);
    if (!add_message(event.message, event.topic, publisher.username, shown.qos)) return {};
    out_.client_id = copy(shown.publisher_client_id);
    if (dropped) add("reason", std::string("no_subscribers"));
    return std::move(out_);
  }
  std::optional<Event> delivery(const patchbay_delivery_event& event) {
    add_client(event.client_id, view_of(event.client).username);
    if (!add_message(event.message, event.topic, {nullptr, 0}, event.qos)) return {};
    if (hook_ == PATCHBAY_HOOK_deliver_dropped) add("reason", copy(event.reason));
    if (hook_ == PATCHBAY_HOOK_deliver_expired) add("reason", std::string("expired"));
    return std::move(out_);
  }

  const patchbay_host* host_;
  uint32_t hook_;
  Event out_;
  patchbay_message_view view_{};
};

}  // namespace

std::optional<Event> read_event(const patchbay_host* host, uint32_t hook, EventKind kind, const void* event,
                                uint64_t at_unix_ms) {
  return Reader(host, hook, kind, at_unix_ms).read(event);
}

}  // namespace patchbay::webhook
