#include "plugin_bridge/answers_table.h"

#include <catch2/catch.hpp>

#include "access/enhanced_authentication.h"
#include "support/shard_fixture.h"
#include "unit/plugin_bridge/support/bridge_fixture.h"

namespace patchbay::test {
namespace {

using plugin_bridge::Held;

patchbay_bytes bytes(std::string_view from) {
  return {reinterpret_cast<const uint8_t*>(from.data()), from.size()};
}

struct Answers {
  Answers() : plugin(fixture), host(plugin.host()), table(plugin.answers()) {}
  ~Answers() { CHECK(plugin.instance->held().value(Held::answers) == 0); }

  /// The argument behind a handle, as the core takes it out of a verdict.
  template <class T>
  std::unique_ptr<T> take(uint64_t handle) {
    REQUIRE(handle != 0);
    plugin.instance->held().remove(Held::answers);
    base::Verdict verdict;
    verdict.flags = base::Verdict::owns_argument;
    verdict.argument = handle;
    auto argument = base::take_argument<T>(verdict);
    REQUIRE(argument != nullptr);
    return argument;
  }

  BridgeFixture fixture;
  RecordingLog log;
  TestPlugin plugin;
  const patchbay_host* host;
  const patchbay_answers& table;
};

}  // namespace

TEST_CASE("Texts, data and messages become arguments of verdicts", "[plugin_bridge]") {
  Answers answers;
  CHECK(answers.take<hooks::ReplacementText>(answers.table.text(answers.host, text("a/b")))->text == "a/b");
  CHECK(answers.take<access::AuthenticationData>(answers.table.data(answers.host, bytes("xy")))->data ==
        std::vector<uint8_t>{'x', 'y'});
  const auto message = make_message();
  const patchbay_message* raw = plugin_bridge::to_abi(message.get());
  answers.host->message_ref(answers.host, raw);
  answers.host->message_ref(answers.host, raw);
  answers.host->message_ref(answers.host, raw);
  CHECK(answers.take<hooks::ReplacementMessage>(answers.table.message(answers.host, raw))->message == message);
  const patchbay_message* both[] = {raw, nullptr};
  CHECK(answers.take<hooks::RetainedExtra>(answers.table.messages(answers.host, both, 2))->messages.size() == 1);
  const auto kept = answers.take<hooks::RetainedAnswer>(answers.table.retained(answers.host, raw, 30));
  CHECK(kept->message == message);
  CHECK(kept->time_to_live_s == 30);
  CHECK(answers.plugin.instance->held().value(Held::message_references) == 0);
}

TEST_CASE("A grant carries identity, rules, attributes and an end", "[plugin_bridge]") {
  Answers answers;
  const patchbay_permission permissions[] = {
      {sizeof(patchbay_permission), 1, 1, 3, 2, text("a/#")},
      {sizeof(patchbay_permission), 0, 3, 7, 0, text("#")},
  };
  const patchbay_pair attributes[] = {{text("tenant"), text("blue")}};
  patchbay_grant grant{};
  grant.size = sizeof grant;
  grant.superuser = 1;
  grant.has_permissions = 1;
  grant.identity = text("alice");
  grant.permissions = permissions;
  grant.permission_count = 2;
  grant.attributes = attributes;
  grant.attribute_count = 1;
  grant.expires_at_unix_ms = 77;
  const auto taken = answers.take<access::AuthenticationGrant>(answers.table.grant(answers.host, &grant));
  CHECK(taken->identity == "alice");
  CHECK(taken->is_superuser);
  CHECK(taken->has_permissions);
  CHECK(taken->expires_at_unix_ms == 77);
  REQUIRE(taken->rules.size() == 2);
  CHECK(taken->rules[0].allow);
  CHECK(taken->rules[0].actions == access::PermissionRule::publish);
  CHECK(taken->rules[0].qos_mask == 3);
  CHECK(taken->rules[0].retain == access::PermissionRule::Retain::not_retained);
  CHECK(taken->rules[0].topic_filter == "a/#");
  CHECK_FALSE(taken->rules[1].allow);
  CHECK(taken->attributes == access::ClientAttributes{{"tenant", "blue"}});

  const auto enhanced =
      answers.take<access::EnhancedGrant>(answers.table.enhanced(answers.host, &grant, bytes("last")));
  CHECK(enhanced->grant.identity == "alice");
  CHECK(enhanced->data.size() == 4);
}

TEST_CASE("Fields for CONNECT, sessions, subscriptions, replies, limits and certificates", "[plugin_bridge]") {
  Answers answers;
  patchbay_connect_fields connect{};
  connect.size = sizeof connect;
  connect.present = PATCHBAY_CONNECT_CLIENT_ID | PATCHBAY_CONNECT_CLEAN_START | PATCHBAY_CONNECT_PASSWORD;
  connect.client_id = text("new");
  connect.username = text("ignored");
  connect.password = bytes("pw");
  const auto replaced = answers.take<hooks::ConnectReplacement>(answers.table.connect(answers.host, &connect));
  CHECK(replaced->client_id == "new");
  CHECK_FALSE(replaced->username.has_value());
  CHECK(replaced->clean_start == false);
  CHECK(replaced->password->text() == "pw");
  CHECK_FALSE(replaced->keep_alive_s.has_value());

  patchbay_session_fields session{};
  session.size = sizeof session;
  session.present = PATCHBAY_SESSION_RECEIVE_MAXIMUM | PATCHBAY_SESSION_SERVER_REFERENCE;
  session.receive_maximum = 9;
  session.server_reference = text("other:1883");
  session.moved = 1;
  const auto terms = answers.take<hooks::SessionGrant>(answers.table.session(answers.host, &session));
  CHECK(terms->terms.receive_maximum == 9);
  CHECK(terms->terms.server_reference == "other:1883");
  CHECK(terms->terms.moved);
  CHECK_FALSE(terms->terms.session_expiry_interval_s.has_value());

  const patchbay_subscription subscriptions[] = {{sizeof(patchbay_subscription), 1, 1, 0, 2, text("a/#")},
                                                 {sizeof(patchbay_subscription), 0, 0, 1, 0, text("b")}};
  const auto subscribed =
      answers.take<hooks::SubscribeReplacement>(answers.table.subscription(answers.host, subscriptions, 2));
  REQUIRE(subscribed->subscriptions.size() == 2);
  CHECK(subscribed->subscriptions[0].topic_filter == "a/#");
  CHECK(subscribed->subscriptions[0].no_local);
  CHECK(subscribed->subscriptions[0].retain_handling == 2);
  CHECK(subscribed->subscriptions[1].retain_as_published);

  patchbay_reply_fields reply{};
  reply.size = sizeof reply;
  reply.reason_string = text("because");
  const auto properties = answers.take<hooks::ReplyProperties>(answers.table.reply(answers.host, &reply));
  CHECK(properties->reason_string == "because");
  CHECK_FALSE(properties->reason.has_value());

  patchbay_limits limits{};
  limits.size = sizeof limits;
  limits.bytes_per_s = 100;
  limits.maximum_packet_size = 50;
  const auto allowance = answers.take<hooks::ConnectionLimits>(answers.table.limits(answers.host, &limits))->allowance;
  CHECK(allowance.bytes_per_s == 100);
  CHECK(allowance.maximum_packet_size == 50);

  patchbay_certificate_identity identity{};
  identity.size = sizeof identity;
  identity.username = text("device");
  CHECK(answers.take<hooks::CertificateIdentity>(answers.table.certificate(answers.host, &identity))->username ==
        "device");
}

TEST_CASE("What cannot be is 0, named in the log, and nothing is kept", "[plugin_bridge]") {
  Answers answers;
  CHECK(answers.table.text(answers.host, text("\xc0")) == 0);
  const std::string large(65'536, 'x');
  CHECK(answers.table.data(answers.host, bytes(large)) == 0);
  CHECK(answers.table.message(answers.host, nullptr) == 0);
  CHECK(answers.table.grant(answers.host, nullptr) == 0);
  patchbay_subscription bad{sizeof(patchbay_subscription), 3, 0, 0, 0, text("a")};
  CHECK(answers.table.subscription(answers.host, &bad, 1) == 0);
  CHECK(answers.table.subscription(answers.host, &bad, 0) == 0);
  patchbay_permission permission{sizeof(patchbay_permission), 1, 1, 3, 9, text("a")};
  patchbay_grant grant{};
  grant.size = sizeof grant;
  grant.permissions = &permission;
  grant.permission_count = 1;
  CHECK(answers.table.grant(answers.host, &grant) == 0);
  CHECK(answers.log.lines.size() == 7);
  CHECK(answers.log.lines[4] == "warning answers.subscription: a subscription's QoS is above 2 plugin=plugin1");
}

TEST_CASE("An answer that is not sent is given back", "[plugin_bridge]") {
  Answers answers;
  const uint64_t handle = answers.table.text(answers.host, text("a"));
  CHECK(answers.plugin.instance->held_back() == std::vector<std::string>{"1 answers"});
  answers.table.discard(answers.host, handle);
  answers.table.discard(answers.host, 0);
  CHECK(answers.plugin.instance->held_back().empty());
}

}  // namespace patchbay::test
