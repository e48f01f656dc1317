// What plugins answer at the access and session points, through the C tables, as clients see it.

#include <catch2/catch.hpp>

#include "unit/plugin_bridge/support/flow_fixture.h"

namespace patchbay::test {
namespace {

using mqtt::PacketType;
using mqtt::Qos;
using mqtt::ReasonCode;

ConnectOptions as(std::string client_id, std::string user_name = "") {
  ConnectOptions options;
  options.client_id = std::move(client_id);
  options.user_name = std::move(user_name);
  return options;
}

patchbay_verdict no_opinion(const void*, patchbay_token) {
  return answer(PATCHBAY_CONTINUE);
}

}  // namespace

TEST_CASE("auth.authenticate: a grant's identity and permissions, and a denial's reason", "[plugin_bridge][flow]") {
  FlowFixture flow;
  flow.on(PATCHBAY_HOOK_auth_authenticate, PATCHBAY_PHASE_DECIDE, [&](const void* raw, patchbay_token) {
    const auto& event = *static_cast<const patchbay_authenticate_event*>(raw);
    if (text(event.username) != "alice") return answer(PATCHBAY_DENY, 0x86);
    const patchbay_permission permission{sizeof permission, 1, 1, 7, 0, text("up/${clientid}/#")};
    patchbay_grant grant{};
    grant.size = sizeof grant;
    grant.has_permissions = 1;
    grant.permissions = &permission;
    grant.permission_count = 1;
    grant.identity = text("known");
    return answer_with(PATCHBAY_ALLOW, flow.answers().grant(flow.host(), &grant));
  });
  flow.start();
  TestClient stranger(flow.harness);
  CHECK(stranger.connect(as("c1", "mallory")).reason == ReasonCode::bad_user_name_or_password);
  CHECK(stranger.closed());
  TestClient alice(flow.harness);
  CHECK(alice.connect(as("c1", "alice")).reason == ReasonCode::success);
  alice.publish("up/c1/x", "1", Qos::at_least_once, false, 1);
  CHECK(mqtt::is_failure(alice.next_packet().reason) == false);
  alice.publish("up/c2/x", "1", Qos::at_least_once, false, 2);
  CHECK(alice.next_packet().reason == ReasonCode::not_authorized);
  CHECK(flow.plugin->instance->held().value(plugin_bridge::Held::answers) == 0);
}

TEST_CASE("auth.authenticate: a log-in waits for its answer, or for its deadline", "[plugin_bridge][flow]") {
  FlowFixture flow;
  patchbay_token token{};
  flow.on(PATCHBAY_HOOK_auth_authenticate, PATCHBAY_PHASE_DECIDE, [&](const void*, patchbay_token given) {
    token = given;
    return answer(PATCHBAY_DEFER);
  });
  flow.start();
  TestClient client(flow.harness);
  client.send_connect(as("c1"));
  CHECK_FALSE(client.has_packets());
  CHECK(flow.complete(token, answer(PATCHBAY_ALLOW)) == PATCHBAY_OK);
  CHECK(client.next_packet().reason == ReasonCode::success);
  TestClient late(flow.harness);
  late.send_connect(as("c2"));
  flow.harness.advance_ms(5'100);
  CHECK(late.next_packet().reason == ReasonCode::not_authorized);
  CHECK(flow.complete(token, answer(PATCHBAY_ALLOW)) == PATCHBAY_STALE);
  CHECK(flow.plugin->cancelled.size() == 1);
}

TEST_CASE("auth.connect_rewrite and auth.enrich: the client as the plugin wants it", "[plugin_bridge][flow]") {
  FlowFixture flow;
  flow.on(PATCHBAY_HOOK_auth_connect_rewrite, PATCHBAY_PHASE_TRANSFORM, [&](const void* raw, patchbay_token) {
    const auto& event = *static_cast<const patchbay_connect_rewrite_event*>(raw);
    const std::string prefixed = "tenant/" + text(event.client_id);
    patchbay_connect_fields fields{};
    fields.size = sizeof fields;
    fields.present = PATCHBAY_CONNECT_CLIENT_ID;
    fields.client_id = text(std::string_view(prefixed));
    return answer_with(PATCHBAY_REPLACE, flow.answers().connect(flow.host(), &fields));
  });
  flow.on(PATCHBAY_HOOK_auth_enrich, PATCHBAY_PHASE_TRANSFORM, [&](const void*, patchbay_token) {
    const patchbay_pair attribute{text("tenant"), text("blue")};
    patchbay_grant grant{};
    grant.size = sizeof grant;
    grant.attributes = &attribute;
    grant.attribute_count = 1;
    return answer_with(PATCHBAY_REPLACE, flow.answers().grant(flow.host(), &grant));
  });
  std::string attribute;
  flow.on(PATCHBAY_HOOK_client_connected, PATCHBAY_PHASE_OBSERVE, [&](const void* raw, patchbay_token) {
    const auto* client = static_cast<const patchbay_client_event*>(raw)->client;
    patchbay_pair pair{};
    REQUIRE(flow.host()->client_attribute_at(flow.host(), client, 0, &pair) == PATCHBAY_OK);
    attribute = text(pair.name) + "=" + text(pair.value);
    return answer(PATCHBAY_CONTINUE);
  });
  flow.start();
  TestClient client(flow.harness);
  CHECK(client.connect(as("c1")).reason == ReasonCode::success);
  CHECK(flow.harness.find_session("tenant/c1") != nullptr);
  CHECK(flow.harness.find_session("c1") == nullptr);
  CHECK(attribute == "tenant=blue");
}

TEST_CASE("auth.enhanced: data goes to and fro until the plugin is content", "[plugin_bridge][flow]") {
  FlowFixture flow;
  flow.on(PATCHBAY_HOOK_auth_enhanced, PATCHBAY_PHASE_DECIDE, [&](const void* raw, patchbay_token) {
    const auto& event = *static_cast<const patchbay_enhanced_event*>(raw);
    CHECK(text(event.method) == "PLAIN");
    if (event.step == 0) {
      const std::string_view challenge = "who?";
      return answer_with(PATCHBAY_REPLACE,
                         flow.answers().data(flow.host(), {reinterpret_cast<const uint8_t*>(challenge.data()), 4}));
    }
    patchbay_grant grant{};
    grant.size = sizeof grant;
    grant.identity = text("me");
    return answer_with(PATCHBAY_ALLOW, flow.answers().enhanced(flow.host(), &grant, {nullptr, 0}));
  });
  flow.start();
  TestClient client(flow.harness);
  ConnectOptions options = as("c1");
  options.authentication_method = "PLAIN";
  options.authentication_data = "hello";
  client.send_connect(options);
  const ReceivedPacket challenge = client.next_packet();
  CHECK(challenge.type == PacketType::auth);
  CHECK(challenge.properties.authentication_data == "who?");
  mqtt::Auth auth;
  auth.reason_code = ReasonCode::continue_authentication;
  auth.properties.set(mqtt::PropertyId::authentication_method, std::string_view("PLAIN"));
  auth.properties.set(mqtt::PropertyId::authentication_data, std::string_view("me"));
  client.send(auth);
  CHECK(client.next_packet().reason == ReasonCode::success);
}

TEST_CASE("acl.publish, acl.subscribe: a denial, and the greatest QoS", "[plugin_bridge][flow]") {
  FlowFixture flow;
  flow.on(PATCHBAY_HOOK_acl_publish, PATCHBAY_PHASE_DECIDE, [](const void* raw, patchbay_token) {
    const auto& event = *static_cast<const patchbay_authorize_event*>(raw);
    return answer(text(event.topic) == "secret" ? PATCHBAY_DENY : PATCHBAY_ALLOW);
  });
  flow.on(PATCHBAY_HOOK_acl_subscribe, PATCHBAY_PHASE_DECIDE, [](const void* raw, patchbay_token) {
    const auto& event = *static_cast<const patchbay_authorize_event*>(raw);
    if (text(event.topic) == "secret/#") return answer(PATCHBAY_DENY);
    patchbay_verdict verdict = answer(PATCHBAY_ALLOW);
    verdict.arg = 1 + 1;  // at most QoS 1
    return verdict;
  });
  flow.start();
  TestClient client(flow.harness);
  client.connect(as("c1"));
  CHECK(client.subscribe("a/#").reason_codes == std::vector<uint8_t>{1});
  CHECK(client.subscribe("secret/#").reason_codes == std::vector<uint8_t>{0x87});
  client.publish("secret", "x", Qos::at_least_once, false, 1);
  CHECK(client.next_packet().reason == ReasonCode::not_authorized);
  client.publish("a/b", "x");
  CHECK(client.one_publish().topic == "a/b");
}

TEST_CASE("session.open and session.conflict: what is granted, and who stays", "[plugin_bridge][flow]") {
  FlowFixture flow;
  flow.on(PATCHBAY_HOOK_session_open, PATCHBAY_PHASE_TRANSFORM, [&](const void* raw, patchbay_token) {
    const auto& event = *static_cast<const patchbay_session_open_event*>(raw);
    CHECK(event.keep_alive_s == 60);
    patchbay_session_fields fields{};
    fields.size = sizeof fields;
    fields.present = PATCHBAY_SESSION_RECEIVE_MAXIMUM;
    fields.receive_maximum = 3;
    return answer_with(PATCHBAY_REPLACE, flow.answers().session(flow.host(), &fields));
  });
  flow.on(PATCHBAY_HOOK_session_conflict, PATCHBAY_PHASE_DECIDE, [&](const void* raw, patchbay_token) {
    const auto& event = *static_cast<const patchbay_session_conflict_event*>(raw);
    patchbay_client_view existing{};
    existing.size = sizeof existing;
    flow.host()->client_view(flow.host(), event.existing, &existing);
    CHECK(text(existing.client_id) == "c1");
    return answer(PATCHBAY_DENY, 0x97);
  });
  flow.start();
  TestClient first(flow.harness);
  CHECK(first.connect(as("c1")).properties.receive_maximum == 3);
  TestClient second(flow.harness);
  CHECK(second.connect(as("c1")).reason == ReasonCode::quota_exceeded);
  CHECK_FALSE(first.closed());
}

TEST_CASE("subscribe.rewrite, unsubscribe.rewrite and reply.out", "[plugin_bridge][flow]") {
  FlowFixture flow;
  flow.on(PATCHBAY_HOOK_subscribe_rewrite, PATCHBAY_PHASE_TRANSFORM, [&](const void* raw, patchbay_token) {
    const auto& event = *static_cast<const patchbay_subscribe_rewrite_event*>(raw);
    if (text(event.topic_filter) == "none") return answer(PATCHBAY_DENY, 0x8F);
    const std::string mounted = "mount/" + text(event.topic_filter);
    const patchbay_subscription subscription{sizeof subscription, 1, 0, 0, 0, text(std::string_view(mounted))};
    return answer_with(PATCHBAY_REPLACE, flow.answers().subscription(flow.host(), &subscription, 1));
  });
  flow.on(PATCHBAY_HOOK_unsubscribe_rewrite, PATCHBAY_PHASE_TRANSFORM, [&](const void* raw, patchbay_token) {
    const auto& event = *static_cast<const patchbay_unsubscribe_rewrite_event*>(raw);
    const std::string mounted = "mount/" + text(event.topic_filter);
    return answer_with(PATCHBAY_REPLACE, flow.answers().text(flow.host(), text(std::string_view(mounted))));
  });
  flow.on(PATCHBAY_HOOK_reply_out, PATCHBAY_PHASE_TRANSFORM, [&](const void*, patchbay_token) {
    patchbay_reply_fields fields{};
    fields.size = sizeof fields;
    fields.reason_string = text("as you wish");
    return answer_with(PATCHBAY_REPLACE, flow.answers().reply(flow.host(), &fields));
  });
  flow.start();
  TestClient client(flow.harness);
  client.connect(as("c1"));
  const ReceivedPacket suback = client.subscribe("a");
  CHECK(suback.reason_codes == std::vector<uint8_t>{1});
  CHECK(suback.properties.reason_string == "as you wish");
  CHECK(client.subscribe("none").reason_codes == std::vector<uint8_t>{0x8F});
  client.publish("mount/a", "x");
  CHECK(client.one_publish().topic == "mount/a");
  CHECK(client.unsubscribe("a").reason_codes == std::vector<uint8_t>{0});
  client.publish("mount/a", "x");
  CHECK(client.publishes().empty());
}

TEST_CASE("A client's slot goes with it from log-in to the end of its session", "[plugin_bridge][flow]") {
  FlowFixture flow;
  auto facts = TestPlugin::facts("stateful", 2);
  facts.client_slot = true;
  flow.plugin = std::make_unique<TestPlugin>(*flow.bridge, facts);
  std::string destroyed;
  flow.on(PATCHBAY_HOOK_auth_authenticate, PATCHBAY_PHASE_DECIDE, [&](const void* raw, patchbay_token) {
    const auto& event = *static_cast<const patchbay_authenticate_event*>(raw);
    static std::string kept = "from login";
    CHECK(flow.host()->client_slot_set(
              flow.host(), event.client, &kept,
              [](void* self, void* value) {
                *static_cast<std::string*>(self) += *static_cast<std::string*>(value) + ";";
              },
              &destroyed) == PATCHBAY_OK);
    return answer(text(event.username) == "bad" ? PATCHBAY_DENY : PATCHBAY_ALLOW);
  });
  std::string seen;
  flow.on(PATCHBAY_HOOK_publish_accept, PATCHBAY_PHASE_DECIDE, [&](const void* raw, patchbay_token) {
    const auto& event = *static_cast<const patchbay_publish_accept_event*>(raw);
    void* value = flow.host()->client_slot_get(flow.host(), event.client);
    if (value != nullptr) seen = *static_cast<std::string*>(value);
    return answer(PATCHBAY_CONTINUE);
  });
  flow.start();
  TestClient client(flow.harness);
  client.connect(as("c1", "good"));
  client.publish("a", "x");
  CHECK(seen == "from login");
  CHECK(destroyed.empty());
  TestClient intruder(flow.harness);
  intruder.connect(as("c1", "bad"));
  CHECK(destroyed == "from login;");
  client.disconnect();
  flow.harness.settle();
  CHECK(destroyed == "from login;from login;");
  CHECK(flow.plugin->instance->held().value(plugin_bridge::Held::client_slots) == 0);
}

TEST_CASE("Observers of sessions and clients are told", "[plugin_bridge][flow]") {
  FlowFixture flow;
  std::string told;
  const auto tell = [&](std::string what) {
    return [&told, what](const void*, patchbay_token) {
      told += what + " ";
      return answer(PATCHBAY_CONTINUE);
    };
  };
  flow.on(PATCHBAY_HOOK_auth_result, PATCHBAY_PHASE_OBSERVE, tell("result"));
  flow.on(PATCHBAY_HOOK_session_created, PATCHBAY_PHASE_OBSERVE, tell("created"));
  flow.on(PATCHBAY_HOOK_client_connected, PATCHBAY_PHASE_OBSERVE, tell("connected"));
  flow.on(PATCHBAY_HOOK_subscribe_done, PATCHBAY_PHASE_OBSERVE, tell("subscribed"));
  flow.on(PATCHBAY_HOOK_client_disconnected, PATCHBAY_PHASE_OBSERVE, tell("disconnected"));
  flow.on(PATCHBAY_HOOK_session_ended, PATCHBAY_PHASE_OBSERVE, tell("ended"));
  flow.on(PATCHBAY_HOOK_session_open, PATCHBAY_PHASE_TRANSFORM, no_opinion);
  flow.start();
  {
    TestClient client(flow.harness);
    client.connect(as("c1"));
    client.subscribe("a");
    client.disconnect();
  }
  flow.harness.settle();
  CHECK(told.find("result created connected subscribed ") == 0);
  CHECK(told.find("disconnected") != std::string::npos);
  CHECK(told.find("ended") != std::string::npos);
}

}  // namespace patchbay::test
