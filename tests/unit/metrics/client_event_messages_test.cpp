#include "metrics/client_event_messages.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace patchbay::metrics;  // NOLINT: test
using nlohmann::json;

namespace {

constexpr uint64_t kNow = 1'700'000'000'123;

ClientConnection connection() {
  return {"127.0.0.1:50000", 1883, "MQTT", 5, kNow - 1000};
}

}  // namespace

TEST_CASE("connected has EMQX's fields") {
  const SysMessage message =
      client_connected_message("n@h", {"sensor-1", "alice"}, connection(), {60, false, 7200}, kNow);
  CHECK(message.topic == "$SYS/brokers/n@h/clients/sensor-1/connected");
  CHECK_FALSE(message.retain);
  CHECK(json::parse(message.payload) == json{{"clientid", "sensor-1"},
                                             {"username", "alice"},
                                             {"protocol", "mqtt"},
                                             {"ipaddress", "127.0.0.1:50000"},
                                             {"sockport", 1883},
                                             {"proto_name", "MQTT"},
                                             {"proto_ver", 5},
                                             {"keepalive", 60},
                                             {"connack", 0},
                                             {"clean_start", false},
                                             {"expiry_interval", 7200},
                                             {"connected_at", kNow - 1000},
                                             {"ts", kNow}});
}

TEST_CASE("disconnected has the reason and the time") {
  const SysMessage message = client_disconnected_message("n@h", {"c", ""}, connection(), "keepalive_timeout", kNow);
  CHECK(message.topic == "$SYS/brokers/n@h/clients/c/disconnected");
  const json payload = json::parse(message.payload);
  CHECK(payload["reason"] == "keepalive_timeout");
  CHECK(payload["disconnected_at"] == kNow);
  CHECK(payload["connected_at"] == kNow - 1000);
  CHECK(payload["username"] == "undefined");
  CHECK_FALSE(payload.contains("keepalive"));
}

TEST_CASE("subscribed and unsubscribed name the filter") {
  const SysMessage on = client_subscribed_message("n@h", {"c", "u"}, {"a/+/#", 2, 1, true, false}, kNow);
  CHECK(on.topic == "$SYS/brokers/n@h/clients/c/subscribed");
  const json payload = json::parse(on.payload);
  CHECK(payload["topic"] == "a/+/#");
  CHECK(payload["subopts"] == json{{"qos", 2}, {"rh", 1}, {"rap", 1}, {"nl", 0}});
  const SysMessage off = client_unsubscribed_message("n@h", {"c", "u"}, "a/+/#", kNow);
  CHECK(off.topic == "$SYS/brokers/n@h/clients/c/unsubscribed");
  CHECK(json::parse(off.payload)["topic"] == "a/+/#");
  CHECK(json::parse(off.payload)["ts"] == kNow);
}

TEST_CASE("a client id with wildcards makes a valid topic name [MQTT-3.3.2-2]") {
  const SysMessage message = client_unsubscribed_message("n@h", {"a+/#b", ""}, "t", kNow);
  CHECK(message.topic == "$SYS/brokers/n@h/clients/a%2B/%23b/unsubscribed");
  CHECK(json::parse(message.payload)["clientid"] == "a+/#b");
}

TEST_CASE("what a client chose cannot break out of the JSON") {
  const SysMessage message = client_unsubscribed_message("n@h", {"a\",\"x\":\"b\n\xFF", "u\\"}, "t\"", kNow);
  const json payload = json::parse(message.payload);
  CHECK(payload["clientid"] == "a\",\"x\":\"b\n\xEF\xBF\xBD");
  CHECK(payload["username"] == "u\\");
  CHECK_FALSE(payload.contains("x"));
}
