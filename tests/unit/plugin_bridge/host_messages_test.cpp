#include <catch2/catch.hpp>

#include "mqtt/codec/property_codec.h"
#include "support/shard_fixture.h"
#include "unit/plugin_bridge/support/bridge_fixture.h"

namespace patchbay::test {
namespace {

using plugin_bridge::Held;

patchbay_bytes bytes(std::string_view from) {
  return {reinterpret_cast<const uint8_t*>(from.data()), from.size()};
}
std::string text(patchbay_bytes from) {
  return std::string(plugin_bridge::as_text(plugin_bridge::bytes_of(from)));
}
using test::text;

struct Host {
  Host() : plugin(fixture, 3) {}

  const patchbay_message* create(const patchbay_message* base, patchbay_message_fields fields) {
    fields.size = sizeof fields;
    return plugin.host()->message_create(plugin.host(), base, &fields);
  }
  patchbay_message_view view_of(const patchbay_message* message) {
    patchbay_message_view view{};
    view.size = sizeof view;
    plugin.host()->message_view(plugin.host(), message, &view);
    return view;
  }
  void unref(const patchbay_message* message) { plugin.host()->message_unref(plugin.host(), message); }
  uint64_t references() { return plugin.instance->held().value(Held::message_references); }
  /// "8=reply" of the property at `index`; empty: there is none.
  std::string property(const patchbay_message* message, uint32_t index) {
    patchbay_property property{};
    property.size = sizeof property;
    if (plugin.host()->message_property_at(plugin.host(), message, index, &property) != PATCHBAY_OK) return {};
    const std::string name = text(property.name);
    return std::to_string(property.id) + "=" + (name.empty() ? "" : name + ":") + text(property.value) +
           (property.number != 0 ? std::to_string(property.number) : "");
  }

  BridgeFixture fixture;
  TestPlugin plugin;
};

}  // namespace

TEST_CASE("Message references are counted for the instance that holds them", "[plugin_bridge]") {
  Host host;
  TestPlugin other(host.fixture, 4);
  const auto message = make_message();
  const patchbay_message* raw = plugin_bridge::to_abi(message.get());
  CHECK(host.plugin.host()->message_ref(host.plugin.host(), raw) == raw);
  CHECK(other.host()->message_ref(other.host(), raw) == raw);
  CHECK(message.use_count() == 3);
  CHECK(host.references() == 1);
  // Given back on a shard, taken elsewhere: the sum is what counts.
  host.fixture.turn(1, [&] { host.unref(raw); });
  CHECK(host.references() == 0);
  CHECK(other.instance->held_back() == std::vector<std::string>{"1 message references"});
  other.host()->message_unref(other.host(), raw);
  CHECK(message.use_count() == 1);
}

TEST_CASE("A view shows all of a message, and as much as the plugin's header knew", "[plugin_bridge]") {
  Host host;
  mqtt::MessageFields fields;
  fields.topic = "a/b";
  fields.payload = {reinterpret_cast<const uint8_t*>("xyz"), 3};
  fields.publisher_client_id = "c9";
  fields.qos = mqtt::Qos::at_least_once;
  fields.retain = true;
  fields.flags = mqtt::MessageFlags::will;
  fields.message_expiry_interval_s = 60;
  fields.received_at_unix_ms = 1'234;
  fields.publisher_handle = 77;
  const auto message = mqtt::Message::create(fields);
  const patchbay_message_view view = host.view_of(plugin_bridge::to_abi(message.get()));
  CHECK(text(view.topic) == "a/b");
  CHECK(text(view.payload) == "xyz");
  CHECK(text(view.publisher_client_id) == "c9");
  CHECK(view.qos == 1);
  CHECK(view.retain == 1);
  CHECK(view.flags == PATCHBAY_MESSAGE_WILL);
  CHECK(view.has_message_expiry_interval == 1);
  CHECK(view.message_expiry_interval_s == 60);
  CHECK(view.received_at_unix_ms == 1'234);
  CHECK(view.publisher_handle == 77);
  CHECK(view.origin_instance == 0);

  patchbay_message_view older{};
  older.size = offsetof(patchbay_message_view, payload);
  older.publisher_handle = 5;
  host.plugin.host()->message_view(host.plugin.host(), plugin_bridge::to_abi(message.get()), &older);
  CHECK(older.size == offsetof(patchbay_message_view, payload));
  CHECK(text(older.topic) == "a/b");
  CHECK(older.publisher_handle == 5);

  const auto own = make_message("t", "p", 3);
  const patchbay_message_view of_plugin = host.view_of(plugin_bridge::to_abi(own.get()));
  CHECK(of_plugin.origin_instance == 3);
  CHECK(of_plugin.publisher_handle == 0);
}

TEST_CASE("A message is made of nothing but its fields", "[plugin_bridge]") {
  Host host;
  const patchbay_pair user[] = {{text("k"), text("v1")}, {text("k"), text("v2")}};
  patchbay_message_fields fields{};
  fields.present = PATCHBAY_FIELD_TOPIC | PATCHBAY_FIELD_PAYLOAD | PATCHBAY_FIELD_QOS | PATCHBAY_FIELD_RETAIN |
                   PATCHBAY_FIELD_EXPIRY | PATCHBAY_FIELD_CONTENT_TYPE | PATCHBAY_FIELD_RESPONSE_TOPIC |
                   PATCHBAY_FIELD_CORRELATION_DATA | PATCHBAY_FIELD_PAYLOAD_FORMAT | PATCHBAY_FIELD_USER_PROPERTIES |
                   PATCHBAY_FIELD_PUBLISHER;
  fields.topic = text("t");
  fields.payload = bytes("p");
  fields.qos = 2;
  fields.retain = 1;
  fields.message_expiry_interval_s = 9;
  fields.content_type = text("text/plain");
  fields.response_topic = text("reply");
  fields.correlation_data = bytes("id");
  fields.payload_format_is_utf8 = 1;
  fields.user_properties = user;
  fields.user_property_count = 2;
  fields.publisher_client_id = text("me");
  const patchbay_message* message = host.create(nullptr, fields);
  REQUIRE(message != nullptr);
  CHECK(host.references() == 1);
  const patchbay_message_view view = host.view_of(message);
  CHECK(text(view.topic) == "t");
  CHECK(view.qos == 2);
  CHECK(view.retain == 1);
  CHECK(view.message_expiry_interval_s == 9);
  CHECK(text(view.publisher_client_id) == "me");
  CHECK(view.received_at_unix_ms == static_cast<int64_t>(host.fixture.clock.unix_ms()));
  CHECK(host.property(message, 0) == "1=1");
  CHECK(host.property(message, 1) == "3=text/plain");
  CHECK(host.property(message, 2) == "8=reply");
  CHECK(host.property(message, 3) == "9=id");
  CHECK(host.property(message, 4) == "38=k:v1");
  CHECK(host.property(message, 5) == "38=k:v2");
  CHECK(host.property(message, 6).empty());

  patchbay_message_fields change{};
  change.present = PATCHBAY_FIELD_RESPONSE_TOPIC | PATCHBAY_FIELD_USER_PROPERTIES;
  change.response_topic = text("elsewhere");
  const patchbay_message* changed = host.create(message, change);
  CHECK(text(host.view_of(changed).topic) == "t");
  CHECK(text(host.view_of(changed).payload) == "p");
  CHECK(host.property(changed, 2) == "9=id");
  CHECK(host.property(changed, 3) == "8=elsewhere");
  CHECK(host.property(changed, 4).empty());
  host.unref(message);
  host.unref(changed);
  CHECK(host.references() == 0);
}

TEST_CASE("Fields that no packet could carry are refused, and the log says which", "[plugin_bridge]") {
  const auto [present, change, why] =
      GENERATE(table<uint32_t, std::function<void(patchbay_message_fields&)>, std::string>({
          {PATCHBAY_FIELD_TOPIC, [](auto& fields) { fields.topic = text("a/+"); }, "the topic is no topic name"},
          {PATCHBAY_FIELD_TOPIC, [](auto& fields) { fields.topic = text("\xff"); }, "the topic is no UTF-8 text"},
          {PATCHBAY_FIELD_PAYLOAD, [](auto&) {}, "a message without a topic"},
          {PATCHBAY_FIELD_TOPIC | PATCHBAY_FIELD_QOS,
           [](auto& fields) {
             fields.topic = text("a");
             fields.qos = 3;
           },
           "a QoS above 2"},
          {PATCHBAY_FIELD_TOPIC | PATCHBAY_FIELD_RESPONSE_TOPIC,
           [](auto& fields) {
             fields.topic = text("a");
             fields.response_topic = text("b/#");
           },
           "the response topic is no topic name"},
      }));
  Host host;
  RecordingLog log;
  patchbay_message_fields fields{};
  fields.present = present;
  change(fields);
  CHECK(host.create(nullptr, fields) == nullptr);
  CHECK(host.references() == 0);
  REQUIRE(log.lines.size() == 1);
  CHECK(log.lines[0] == "warning message_create: " + why + " plugin=plugin3");
}

TEST_CASE("A payload that is handed over is given back exactly once", "[plugin_bridge]") {
  const bool valid = GENERATE(true, false);
  Host host;
  int freed = 0;
  patchbay_message_fields fields{};
  fields.present = PATCHBAY_FIELD_TOPIC | PATCHBAY_FIELD_PAYLOAD;
  fields.topic = text(valid ? "a" : "#");
  std::string payload = "mine";
  fields.payload = bytes(payload);
  fields.payload_free = [](void* count) { ++*static_cast<int*>(count); };
  fields.payload_arg = &freed;
  const patchbay_message* message = host.create(nullptr, fields);
  CHECK(freed == 1);
  CHECK((message != nullptr) == valid);
  payload = "gone";
  if (message != nullptr) CHECK(text(host.view_of(message).payload) == "mine");
  host.unref(message);
}

}  // namespace patchbay::test
