#include <catch2/catch.hpp>

#include "unit/plugin_bridge/support/bridge_fixture.h"

namespace patchbay::test {
namespace {

using plugin_bridge::Held;

struct Slots {
  Slots() {
    auto facts = TestPlugin::facts("stateful", 3);
    facts.client_slot = true;
    plugin = std::make_unique<TestPlugin>(fixture, facts);
    plugin->on(PATCHBAY_HOOK_publish_accept, PATCHBAY_PHASE_DECIDE,
               [](const void*, patchbay_token) { return answer(PATCHBAY_CONTINUE); });
    plugin->start();
    fixture.publish({plugin->instance.get()});
  }
  ~Slots() {
    fixture.bridge->end_client_slots(*plugin->instance);
    fixture.turns();
    fixture.publish({});
  }
  patchbay_status set(const access::ClientInfo& client, std::string value, uint32_t shard = 0) {
    patchbay_status status = PATCHBAY_FAILED;
    auto kept_value = std::make_unique<std::string>(std::move(value));
    fixture.turn(shard, [&] {
      status = plugin->host()->client_slot_set(
          plugin->host(), plugin_bridge::to_abi(&client), kept_value.get(),
          [](void* self, void* kept) {
            const std::unique_ptr<std::string> owned(static_cast<std::string*>(kept));
            static_cast<std::vector<std::string>*>(self)->push_back(*owned);
          },
          &destroyed);
    });
    if (status == PATCHBAY_OK) static_cast<void>(kept_value.release());
    return status;
  }
  std::string get(const access::ClientInfo& client, uint32_t shard = 0) {
    void* value = nullptr;
    fixture.turn(shard,
                 [&] { value = plugin->host()->client_slot_get(plugin->host(), plugin_bridge::to_abi(&client)); });
    return value == nullptr ? "" : *static_cast<std::string*>(value);
  }

  BridgeFixture fixture;
  std::unique_ptr<TestPlugin> plugin;
  std::vector<std::string> destroyed;
};

}  // namespace

TEST_CASE("A client is shown with everything that is known of it", "[plugin_bridge]") {
  BridgeFixture fixture;
  TestPlugin plugin(fixture);
  const auto client = make_client();
  patchbay_client_view view{};
  view.size = sizeof view;
  plugin.host()->client_view(plugin.host(), plugin_bridge::to_abi(client.get()), &view);
  CHECK(text(view.client_id) == "c1");
  CHECK(text(view.username) == "alice");
  CHECK(text(view.identity) == "alice@example");
  CHECK(text(view.listener_id) == "tcp:default");
  CHECK(text(view.protocol_name) == "MQTT");
  CHECK(view.protocol_version == 5);
  CHECK(view.peer_port == 4711);
  CHECK(view.handle == 7);
  CHECK(view.flags == PATCHBAY_CLIENT_CONNECTED);
  CHECK(view.expires_at_unix_ms == 99);
  REQUIRE(view.attribute_count == 1);
  patchbay_pair pair{};
  CHECK(plugin.host()->client_attribute_at(plugin.host(), plugin_bridge::to_abi(client.get()), 0, &pair) ==
        PATCHBAY_OK);
  CHECK(text(pair.name) + "=" + text(pair.value) == "tenant=blue");
  CHECK(plugin.host()->client_attribute_at(plugin.host(), plugin_bridge::to_abi(client.get()), 1, &pair) ==
        PATCHBAY_NOT_FOUND);
}

TEST_CASE("A slot is the instance's own, replaced with destruction, ended with the session", "[plugin_bridge]") {
  Slots slots;
  const auto client = make_client("c1", 7);
  const auto other = make_client("c2", 8);
  CHECK(slots.get(*client).empty());
  CHECK(slots.set(*client, "first") == PATCHBAY_OK);
  CHECK(slots.get(*client) == "first");
  CHECK(slots.get(*other).empty());
  CHECK(slots.set(*client, "second") == PATCHBAY_OK);
  CHECK(slots.destroyed == std::vector<std::string>{"first"});
  CHECK(slots.plugin->instance->held().value(Held::client_slots) == 1);
  hooks::SessionEvent ended;
  ended.client = client.get();
  slots.fixture.tell(0, slots.fixture.points.session_ended, ended);
  CHECK(slots.destroyed == std::vector<std::string>{"first", "second"});
  CHECK(slots.get(*client).empty());
  CHECK(slots.plugin->instance->held().value(Held::client_slots) == 0);
}

TEST_CASE("What a log-in leaves in its slot is there in the session", "[plugin_bridge]") {
  Slots slots;
  const auto logging_in = make_client("c1", 0);
  CHECK(slots.set(*logging_in, "token") == PATCHBAY_OK);
  const auto connected = make_client("c1", 7);
  CHECK(slots.get(*connected) == "token");
  CHECK(slots.destroyed.empty());
}

TEST_CASE("A log-in that fails leaves the session of that client id alone", "[plugin_bridge]") {
  Slots slots;
  const auto connected = make_client("c1", 7);
  CHECK(slots.set(*connected, "good") == PATCHBAY_OK);
  access::ClientInfoFields fields = connected->fields();
  fields.handle = 0;
  fields.peer_port = 6666;
  const auto intruder = access::ClientInfo::create(fields);
  CHECK(slots.set(*intruder, "bad") == PATCHBAY_OK);
  CHECK(slots.get(*connected) == "good");
  hooks::AuthResultEvent denied;
  denied.client = intruder.get();
  slots.fixture.tell(0, slots.fixture.points.auth_result, denied);
  CHECK(slots.destroyed == std::vector<std::string>{"bad"});
  CHECK(slots.get(*connected) == "good");
}

TEST_CASE("An instance that stops takes its slots along", "[plugin_bridge]") {
  Slots slots;
  const auto client = make_client("c1", 7);
  const auto on_other_shard = make_client("c2", 8);
  slots.set(*client, "a", 0);
  slots.set(*on_other_shard, "b", 1);
  CHECK(slots.plugin->instance->held().value(Held::client_slots) == 2);
  slots.fixture.bridge->end_client_slots(*slots.plugin->instance);
  slots.fixture.turns();
  CHECK(slots.destroyed == std::vector<std::string>{"a", "b"});
  CHECK(slots.plugin->instance->held().value(Held::client_slots) == 0);
}

TEST_CASE("Slots are for those that ask for them, on shards", "[plugin_bridge]") {
  BridgeFixture fixture;
  TestPlugin plain(fixture, 1);
  const auto client = make_client();
  const patchbay_client* raw = plugin_bridge::to_abi(client.get());
  fixture.turn(0, [&] {
    CHECK(plain.host()->client_slot_set(plain.host(), raw, nullptr, nullptr, nullptr) == PATCHBAY_DENIED);
  });
  Slots slots;
  const patchbay_host* host = slots.plugin->host();
  CHECK(host->client_slot_set(host, raw, nullptr, nullptr, nullptr) == PATCHBAY_WRONG_THREAD);
  CHECK(host->client_slot_get(host, raw) == nullptr);
  slots.plugin->instance->gate().move_to(plugin_bridge::GateState::draining);
  CHECK(slots.set(*client, "late") == PATCHBAY_CLOSED);
}

}  // namespace patchbay::test
