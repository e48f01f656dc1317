#include "access/access_control.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "access/event_filter.h"
#include "access_fixture.h"

using namespace patchbay;
using access::AuthorizeResult;
using access::ClientInfo;
using access::ClientInfoRef;
using access::PermissionRule;
using base::Counter;
using base::Verdict;
using mqtt::Qos;
using mqtt::ReasonCode;
using test::AccessFixture;
using test::ScriptedAuthorizer;

namespace {

ClientInfoRef client(bool peer_loopback = false, bool is_superuser = false) {
  access::ClientInfoFields fields = test::client_fields();
  fields.peer_loopback = peer_loopback;
  fields.is_superuser = is_superuser;
  return ClientInfo::create(fields);
}

ClientInfoRef client_with(std::vector<PermissionRule> rules) {
  access::AuthenticateResult result;
  result.permissions = std::make_unique<const access::PermissionSet>(*access::PermissionSet::compile(rules, {}));
  return access::admit(test::client_fields(), std::move(result));
}

PermissionRule rule(bool allow, std::string filter) {
  PermissionRule result;
  result.allow = allow;
  result.topic_filter = std::move(filter);
  return result;
}

struct Session : AccessFixture {
  explicit Session(access::AccessSettings settings = {}) : AccessFixture(settings) {}
  std::optional<AuthorizeResult> publish(const ClientInfoRef& who, std::string_view topic) {
    return control.authorize_publish(*who, topic, Qos::at_least_once, false, authorization);
  }
  std::optional<AuthorizeResult> subscribe(const ClientInfoRef& who, std::string_view filter,
                                           std::string_view share_name = {}) {
    return control.authorize_subscribe(*who, filter, Qos::exactly_once, authorization, share_name);
  }
};

}  // namespace

TEST_CASE("without authorizers ordinary topics are free, and nobody is asked or counted") {
  Session session;
  CHECK(session.publish(client(), "a/b")->allowed);
  CHECK(session.subscribe(client(), "a/#")->allowed);
  CHECK(session.subscribe(client(), "#")->allowed);
  CHECK(session.publish(client(), "$SYSTEM/own")->allowed);
  CHECK(session.shard.counted(Counter::authorization_deny) == 0);
}

TEST_CASE("without authorizers $SYS is for local eyes only, and nobody's to write") {
  Session session;
  for (const bool local : {false, true}) {
    for (const std::string_view filter : {"$SYS", "$SYS/#", "$SYS/brokers/+/version"}) {
      const auto result = session.subscribe(client(local), filter);
      REQUIRE(result.has_value());
      CHECK(result->allowed == local);
      CHECK(result->reason == (local ? ReasonCode::success : ReasonCode::not_authorized));
    }
    CHECK_FALSE(session.publish(client(local), "$SYS/brokers")->allowed);
    CHECK_FALSE(session.publish(client(local), "$SYS")->allowed);
    CHECK(session.subscribe(client(local), "$SYS/#", "group")->allowed == local);
  }
  CHECK(session.shard.counted(Counter::authorization_deny) > 0);
}

TEST_CASE("with authorizers and no opinion everything is denied") {
  Session session;
  ScriptedAuthorizer silent;
  session.use(silent);
  CHECK_FALSE(session.publish(client(), "a")->allowed);
  CHECK(silent.action == access::Action::publish);
  CHECK_FALSE(session.subscribe(client(true), "a", "g")->allowed);
  CHECK(silent.share_name == "g");
  CHECK(silent.action == access::Action::subscribe);
  CHECK(session.shard.counted(Counter::client_authorize) == 2);
  CHECK(session.shard.counted(Counter::authorization_deny) == 2);
}

TEST_CASE("an authorizer allows, denies with a reason, and may lower the QoS of a subscription") {
  Session session({.cache_ttl_ms = 0});
  ScriptedAuthorizer authorizer;
  session.use(authorizer);
  authorizer.answer = Verdict::allows();
  CHECK(session.publish(client(), "a")->allowed);
  CHECK(session.subscribe(client(), "a")->maximum_qos == Qos::exactly_once);
  authorizer.answer.argument = 1 + static_cast<uint64_t>(Qos::at_least_once);
  CHECK(session.subscribe(client(), "a")->maximum_qos == Qos::at_least_once);
  authorizer.answer.argument = 1;
  CHECK(session.subscribe(client(), "a")->maximum_qos == Qos::at_most_once);
  authorizer.answer = Verdict::denies(static_cast<uint8_t>(ReasonCode::quota_exceeded));
  CHECK(session.publish(client(), "a")->reason == ReasonCode::quota_exceeded);
  authorizer.answer = Verdict::denies(0);
  CHECK(session.publish(client(), "a")->reason == ReasonCode::not_authorized);
}

TEST_CASE("an authorizer that fails denies, even if the operator's fallback is another one") {
  Session session;
  ScriptedAuthorizer authorizer;
  authorizer.answer = Verdict::fails();
  auto entry = access::authorizer_entry(authorizer, "broken");
  entry.fallback = base::Fallback::next;
  ScriptedAuthorizer second;
  second.answer = Verdict::allows();
  session.points.authorize_publish.swap({entry, access::authorizer_entry(second, "second")}, session.shard.epoch);
  CHECK_FALSE(session.publish(client(), "a")->allowed);
  CHECK(second.calls == 0);
  CHECK_FALSE(session.publish(client(), "a")->allowed);
  CHECK(authorizer.calls == 2);  // a failure isn't kept
}

TEST_CASE("who watches hears of each decision, and who made it") {
  struct Watcher {
    static void hear(void* self, access::AuthorizedEvent& event) noexcept {
      std::string line(event.action == access::Action::publish ? "publish " : "subscribe ");
      line.append(event.topic).append(event.result.allowed ? " allowed by " : " denied by ").append(event.decided_by);
      static_cast<Watcher*>(self)->heard.push_back(line);
    }
    std::vector<std::string> heard;
  } watcher;
  Session session;
  base::ChainEntry<access::AuthorizedEvent> entry;
  entry.tell = &Watcher::hear;
  entry.self = &watcher;
  entry.order.phase = base::Phase::observe;
  session.points.authorized.swap({entry}, session.shard.epoch);

  CHECK(session.publish(client(), "a/b")->allowed);
  CHECK(session.publish(client(false, true), "a/b")->allowed);
  CHECK(session.subscribe(client(false, true), "a/#")->allowed);
  const ClientInfoRef own = client_with({rule(true, "mine/#")});
  CHECK(session.publish(own, "mine/x")->allowed);
  CHECK(session.subscribe(own, "mine/+")->allowed);
  CHECK_FALSE(session.publish(own, "yours")->allowed);
  CHECK(watcher.heard ==
        std::vector<std::string>{"publish a/b allowed by built-in policy", "publish a/b allowed by superuser",
                                 "subscribe a/# allowed by superuser", "publish mine/x allowed by permissions",
                                 "subscribe mine/+ allowed by permissions", "publish yours denied by default"});

  watcher.heard.clear();
  ScriptedAuthorizer authorizer;
  session.use(authorizer);
  authorizer.answer = Verdict::allows();
  CHECK(session.publish(client(), "a/b")->allowed);
  CHECK(session.publish(client(), "a/b")->allowed);
  authorizer.answer = Verdict::denies();
  CHECK_FALSE(session.subscribe(client(), "b/#")->allowed);
  authorizer.answer = Verdict::proceeds();
  CHECK_FALSE(session.publish(client(), "c")->allowed);
  CHECK(watcher.heard == std::vector<std::string>{"publish a/b allowed by authorizer",
                                                  "publish a/b allowed by remembered",
                                                  "subscribe b/# denied by authorizer", "publish c denied by default"});

  watcher.heard.clear();
  session.points.authorized.swap({}, session.shard.epoch);
  CHECK_FALSE(session.publish(client(), "d")->allowed);
  CHECK(watcher.heard.empty());
}

TEST_CASE("a superuser isn't asked about") {
  Session session;
  ScriptedAuthorizer authorizer;
  session.use(authorizer);
  CHECK(session.publish(client(false, true), "a")->allowed);
  CHECK(session.subscribe(client(false, true), "$SYS/#")->allowed);
  CHECK(authorizer.calls == 0);
}

TEST_CASE("permissions of the client answer before anybody is asked") {
  Session session({.cache_ttl_ms = 0});
  ScriptedAuthorizer authorizer;
  authorizer.answer = Verdict::allows();
  session.use(authorizer);
  const ClientInfoRef who = client_with({rule(false, "a/secret"), rule(true, "a/#")});
  CHECK_FALSE(session.publish(who, "a/secret")->allowed);
  CHECK(session.publish(who, "a/x")->allowed);
  CHECK_FALSE(session.subscribe(who, "a/+")->allowed);
  CHECK(authorizer.calls == 0);
  CHECK(session.publish(who, "other")->allowed);
  CHECK(authorizer.calls == 1);
}

TEST_CASE("permissions without an answer, and nobody to ask: denied") {
  Session session;
  const ClientInfoRef who = client_with({rule(true, "a/#")});
  CHECK(session.publish(who, "a/x")->allowed);
  CHECK_FALSE(session.publish(who, "b")->allowed);
  CHECK_FALSE(session.subscribe(who, "#")->allowed);
  CHECK_FALSE(session.publish(client_with({}), "a")->allowed);
}

TEST_CASE("an answer that comes later reaches the session, and only its question waits") {
  Session session;
  ScriptedAuthorizer authorizer;
  session.use(authorizer);
  authorizer.answer = Verdict::defers();
  const ClientInfoRef who = client();
  {
    const std::string topic = "a topic that is longer than any small string";
    CHECK_FALSE(session.publish(who, topic).has_value());
  }
  CHECK(session.authorization.waiting());
  session.complete(authorizer.token, Verdict::allows());
  REQUIRE(session.answers.size() == 1);
  CHECK(session.answers[0].allowed);
  CHECK(session.shard.counted(Counter::authorization_allow) == 1);
  // It was kept under the topic's own copy.
  CHECK(session.publish(who, "a topic that is longer than any small string")->allowed);
  CHECK(authorizer.calls == 1);
}

TEST_CASE("no answer in time: denied by default and not kept; allowed when the operator says so") {
  for (const base::Fallback fallback : {base::Fallback::deny, base::Fallback::next, base::Fallback::allow}) {
    Session session;
    ScriptedAuthorizer authorizer;
    authorizer.answer = Verdict::defers();
    auto entry = access::authorizer_entry(authorizer, "slow");
    entry.fallback = fallback;
    session.points.authorize_publish.swap({entry}, session.shard.epoch);
    const ClientInfoRef who = client();
    CHECK_FALSE(session.publish(who, "a").has_value());
    session.shard.after_ms(2'100);
    REQUIRE(session.answers.size() == 1);
    CHECK(session.answers[0].allowed == (fallback == base::Fallback::allow));
    authorizer.answer = Verdict::allows();
    CHECK(session.publish(who, "a")->allowed);
    CHECK(authorizer.calls == 2);
  }
}

TEST_CASE("decisions are kept for their time, for each client, and can be made void at once") {
  Session session({.cache_ttl_ms = 1'000, .cache_max_entries = 4});
  ScriptedAuthorizer authorizer;
  session.use(authorizer);
  authorizer.answer = Verdict::denies();
  const ClientInfoRef who = client();
  CHECK_FALSE(session.publish(who, "a")->allowed);
  authorizer.answer = Verdict::allows();
  CHECK_FALSE(session.publish(who, "a")->allowed);
  CHECK(authorizer.calls == 1);
  session.shard.after_ms(999);
  CHECK_FALSE(session.publish(who, "a")->allowed);
  session.shard.after_ms(1);
  CHECK(session.publish(who, "a")->allowed);
  CHECK(authorizer.calls == 2);
  authorizer.answer = Verdict::denies();
  session.control.invalidate_caches();
  CHECK_FALSE(session.publish(who, "a")->allowed);
  CHECK(authorizer.calls == 3);
  session.authorization.clear_cache();
  CHECK_FALSE(session.publish(who, "a")->allowed);
  CHECK(authorizer.calls == 4);
}

TEST_CASE("who answered a question is counted: one of superuser, permissions, authorizer, nobody, and the cache") {
  Session session({.cache_ttl_ms = 1'000, .cache_max_entries = 4});
  const auto counted = [&session](Counter counter) { return session.shard.counted(counter); };
  CHECK(session.subscribe(client(), "a")->allowed);  // nobody is there to ask
  CHECK(counted(Counter::authorization_nomatch) == 1);
  CHECK(counted(Counter::authorization_cache_miss) == 0);
  ScriptedAuthorizer authorizer;
  session.use(authorizer);
  authorizer.answer = Verdict::allows();
  for (int i = 0; i < 3; ++i) CHECK(session.publish(client(), "a")->allowed);
  CHECK(counted(Counter::authorization_matched_allow) == 1);
  CHECK(counted(Counter::authorization_cache_miss) == 1);
  CHECK(counted(Counter::authorization_cache_hit) == 2);
  authorizer.answer = Verdict::denies();
  CHECK_FALSE(session.publish(client(), "b")->allowed);
  CHECK_FALSE(session.publish(client_with({rule(false, "c")}), "c")->allowed);
  CHECK(counted(Counter::authorization_matched_deny) == 2);
  CHECK(session.publish(client(false, true), "b")->allowed);
  CHECK(session.subscribe(client(false, true), "b")->allowed);
  CHECK(counted(Counter::authorization_superuser) == 2);
  authorizer.answer = Verdict::proceeds();  // no opinion
  CHECK_FALSE(session.publish(client(), "d")->allowed);
  CHECK(counted(Counter::authorization_nomatch) == 2);
  CHECK(counted(Counter::client_authorize) == 9);
  CHECK(counted(Counter::authorization_allow) + counted(Counter::authorization_deny) == 9);
  CHECK(counted(Counter::authorization_superuser) + counted(Counter::authorization_matched_allow) +
            counted(Counter::authorization_matched_deny) + counted(Counter::authorization_nomatch) +
            counted(Counter::authorization_cache_hit) ==
        9);
}

TEST_CASE("without a cache nothing is a hit or a miss") {
  Session session({.cache_ttl_ms = 0});
  ScriptedAuthorizer authorizer;
  session.use(authorizer);
  authorizer.answer = Verdict::allows();
  for (int i = 0; i < 2; ++i) CHECK(session.publish(client(), "a")->allowed);
  CHECK(session.shard.counted(Counter::authorization_cache_hit) == 0);
  CHECK(session.shard.counted(Counter::authorization_cache_miss) == 0);
  CHECK(session.shard.counted(Counter::authorization_matched_allow) == 2);
}

TEST_CASE("a filter of listeners, protocols and topics keeps questions from an authorizer") {
  Session session({.cache_ttl_ms = 0});
  ScriptedAuthorizer factory;
  ScriptedAuthorizer rest;
  factory.answer = Verdict::denies();
  rest.answer = Verdict::allows();
  auto entry = access::authorizer_entry(factory, "factory", 0);
  access::set_filter(entry, {{"factory/#"}, {"tcp:default"}, {"MQTT"}});
  session.points.authorize_publish.swap({entry, access::authorizer_entry(rest, "rest", 1)}, session.shard.epoch);
  CHECK_FALSE(session.publish(client(), "factory/1")->allowed);
  CHECK(session.publish(client(), "home/1")->allowed);
  CHECK(factory.calls == 1);
  access::ClientInfoFields fields = test::client_fields();
  fields.listener_id = "ws:default";
  CHECK(session.publish(ClientInfo::create(fields), "factory/1")->allowed);
  fields = test::client_fields();
  fields.protocol_name = "STOMP";
  CHECK(session.publish(ClientInfo::create(fields), "factory/1")->allowed);
  CHECK(factory.calls == 1);
}

TEST_CASE("a session that goes away takes its question along") {
  AccessFixture access;
  ScriptedAuthorizer authorizer;
  access.use(authorizer);
  authorizer.answer = Verdict::defers();
  {
    access::AuthorizationPending pending([](void*, AuthorizeResult) { FAIL("called back"); }, nullptr);
    CHECK_FALSE(access.control.authorize_publish(*client(), "a", Qos::at_most_once, false, pending).has_value());
  }
  access.complete(authorizer.token, Verdict::allows());
  CHECK(access.deferrals.open_count() == 0);
}

TEST_CASE("where an authorizer is missing that should be there, what nobody else allows is denied") {
  Session session;
  session.points.authorizer_absent = true;
  CHECK_FALSE(session.control.may_publish_unasked(*client(), "a/b"));
  CHECK_FALSE(session.publish(client(), "a/b")->allowed);
  CHECK_FALSE(session.subscribe(client(), "a/#")->allowed);
  CHECK_FALSE(session.subscribe(client(true), "$SYS/#")->allowed);
  CHECK(session.publish(client(false, true), "a/b")->allowed);               // a superuser
  CHECK(session.publish(client_with({rule(true, "a/#")}), "a/b")->allowed);  // by the client's own permissions
  ScriptedAuthorizer other;
  other.answer = base::Verdict::allows();
  session.use(other);
  CHECK(session.publish(client(), "a/b")->allowed);
  Session again;
  again.points.authorizer_absent = true;
  CHECK_FALSE(again.publish(client(), "a/b")->allowed);
  again.points.authorizer_absent = false;
  CHECK(again.publish(client(), "a/b")->allowed);  // nothing of the outage is remembered
}
