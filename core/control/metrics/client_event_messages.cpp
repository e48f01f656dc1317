#include "metrics/client_event_messages.h"

#include "base/escaped_text.h"

namespace patchbay::metrics {

namespace {

/// An object that is written member by member.
class JsonObject {
 public:
  void text(std::string_view name, std::string_view value) {
    key(name);
    base::append_json_string(out_, value);
  }
  void number(std::string_view name, uint64_t value) {
    key(name);
    out_ += std::to_string(value);
  }
  void flag(std::string_view name, bool value) {
    key(name);
    out_ += value ? "true" : "false";
  }
  void object(std::string_view name, const JsonObject& value) {
    key(name);
    out_ += value.finished();
  }
  [[nodiscard]] std::string finished() const { return out_ + '}'; }

 private:
  void key(std::string_view name) {
    if (out_.size() > 1) out_ += ',';
    base::append_json_string(out_, name);
    out_ += ':';
  }

  std::string out_ = "{";
};

JsonObject described(const ClientIdentity& client) {
  JsonObject json;
  json.text("clientid", client.client_id);
  json.text("username", client.user_name.empty() ? std::string_view("undefined") : client.user_name);
  json.text("protocol", client.protocol);
  return json;
}

JsonObject described(const ClientIdentity& client, const ClientConnection& connection, uint64_t now_ms) {
  JsonObject json = described(client);
  json.text("ipaddress", connection.address);
  json.number("sockport", connection.listener_port);
  json.text("proto_name", connection.protocol_name);
  json.number("proto_ver", connection.protocol_version);
  json.number("connected_at", connection.connected_at_ms);
  json.number("ts", now_ms);
  return json;
}

}  // namespace

// A topic name holds no wildcards [MQTT-3.3.2-2], but a client id may: they are written as in an address of the web. A
// slash stays, as with EMQX, and makes a further level.
std::string client_event_topic(std::string_view node, std::string_view client_id, std::string_view event) {
  std::string topic = "$SYS/brokers/" + std::string(node) + "/clients/";
  for (const char c : client_id) {
    if (c == '+') {
      topic += "%2B";
    } else if (c == '#') {
      topic += "%23";
    } else {
      topic += c;
    }
  }
  return topic + '/' + std::string(event);
}

SysMessage client_connected_message(std::string_view node, const ClientIdentity& client,
                                    const ClientConnection& connection, const ConnectedDetails& details,
                                    uint64_t now_ms) {
  JsonObject json = described(client, connection, now_ms);
  json.number("keepalive", details.keep_alive_s);
  json.number("connack", 0);
  json.flag("clean_start", details.clean_start);
  json.number("expiry_interval", details.session_expiry_interval_s);
  return {client_event_topic(node, client.client_id, "connected"), json.finished(), false};
}

SysMessage client_disconnected_message(std::string_view node, const ClientIdentity& client,
                                       const ClientConnection& connection, std::string_view reason, uint64_t now_ms) {
  JsonObject json = described(client, connection, now_ms);
  json.text("reason", reason);
  json.number("disconnected_at", now_ms);
  return {client_event_topic(node, client.client_id, "disconnected"), json.finished(), false};
}

SysMessage client_subscribed_message(std::string_view node, const ClientIdentity& client,
                                     const SubscribedDetails& details, uint64_t now_ms) {
  JsonObject options;
  options.number("qos", details.qos);
  options.number("rh", details.retain_handling);
  options.number("rap", details.retain_as_published ? 1 : 0);
  options.number("nl", details.no_local ? 1 : 0);
  JsonObject json = described(client);
  json.text("topic", details.topic_filter);
  json.object("subopts", options);
  json.number("ts", now_ms);
  return {client_event_topic(node, client.client_id, "subscribed"), json.finished(), false};
}

SysMessage client_unsubscribed_message(std::string_view node, const ClientIdentity& client,
                                       std::string_view topic_filter, uint64_t now_ms) {
  JsonObject json = described(client);
  json.text("topic", topic_filter);
  json.number("ts", now_ms);
  return {client_event_topic(node, client.client_id, "unsubscribed"), json.finished(), false};
}

}  // namespace patchbay::metrics
