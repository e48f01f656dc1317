#include <catch2/catch.hpp>
#include <patchbay/plugin.hpp>

#include "patchbay/testing/chaos.hpp"

// Detection of hooks by member name, phases by return type, batches, the fence, and every row of the table.

namespace {

using patchbay::testing::fake_host;
using patchbay::testing::hook_table;

struct counting final : patchbay::plugin<counting> {
  using plugin::plugin;
  verdict on_authenticate(auth_request a) {
    if (a.username() == "throw") throw std::runtime_error("no database");
    if (a.username() == "ann")
      return answer().allow(patchbay::grant().identity("Ann").allow_publish("ann/#").attribute("tenant", "t1"));
    return a.username() == "root" ? verdict::deny(0x86) : verdict::cont();
  }
  verdict on_publish(message m) { return m.topic() == "secret" ? verdict::drop() : verdict::cont(); }
  change on_publish_change(publish_request p) {
    if (p.topic() != "plain") return {};
    return answer().replace(
        patchbay::message_builder(p.message()).payload("changed").user_property("by", "test").build());
  }
  change on_publish_rewrite(patchbay::rewrite_request r) {
    return r.topic() == "old" ? answer().topic("new") : change::none();
  }
  void on_publish_routed_batch(patchbay::routed_batch batch) {
    for (auto each : batch) routed.emplace_back(each.topic());
    sizes.push_back(batch.size());
  }
  void on_client_connected(patchbay::client_event e) {
    connected.emplace_back(e.client().id());
    if (e.client().id() == "bad") throw 1;
  }
  void tune(patchbay::hook_options& o) {
    if (o.name() == "client.connected") o.on_shard();
    if (o.name() == "publish.routed") {
      o.topic_filters = {"a/#", "plain"};
      o.batch_max = 10;
      o.priority = 5;
    }
  }
  std::vector<std::string> routed;
  std::vector<std::size_t> sizes;
  std::vector<std::string> connected;
};

template <typename P>
P& object_of(fake_host& host) {
  return *static_cast<P*>(host.plugin()->self);
}

}  // namespace

TEST_CASE("members named after hooks are registered, each in its phase") {
  fake_host host;
  REQUIRE(host.start(patchbay::entry_of<counting>("{}")) == PATCHBAY_OK);
  CHECK(host.points.all().size() == 6);
  const auto accept = host.points.of_point(PATCHBAY_HOOK_publish_accept);
  REQUIRE(accept.size() == 2);
  CHECK(accept[0].raw.phase == PATCHBAY_PHASE_DECIDE);
  CHECK(accept[1].raw.phase == PATCHBAY_PHASE_TRANSFORM);
  const auto routed = host.points.of_point(PATCHBAY_HOOK_publish_routed);
  REQUIRE(routed.size() == 1);
  CHECK(routed[0].raw.batch != nullptr);
  CHECK(routed[0].topic_filters == std::vector<std::string>{"a/#", "plain"});
  CHECK(routed[0].raw.priority == 5);
  CHECK(host.points.of_point(PATCHBAY_HOOK_client_connected)[0].raw.flags == PATCHBAY_HOOK_INLINE);
  host.stop();
  CHECK(host.leaks().none());
}

TEST_CASE("verdicts come back with what they carry") {
  fake_host host;
  REQUIRE(host.start(patchbay::entry_of<counting>("{}")) == PATCHBAY_OK);
  CHECK(host.authenticate({.username = "bob"}).continued());
  const auto root = host.authenticate({.username = "root"});
  CHECK(root.denied());
  CHECK(root.reason() == 0x86);
  CHECK_FALSE(root.failed());
  const auto ann = host.authenticate({.username = "ann"});
  REQUIRE(ann.allowed());
  CHECK(ann.grant().identity == "Ann");
  CHECK(ann.grant().has_permissions);
  REQUIRE(ann.grant().permissions.size() == 1);
  CHECK(ann.grant().permissions[0].topic_filter == "ann/#");
  CHECK(ann.grant().permissions[0].actions == 1);
  CHECK(ann.grant().attributes.at("tenant") == "t1");
}

TEST_CASE("a decision ends the point, a change replaces the message") {
  fake_host host;
  REQUIRE(host.start(patchbay::entry_of<counting>("{}")) == PATCHBAY_OK);
  CHECK(host.publish({.topic = "secret"}).dropped());
  const auto changed = host.publish({.topic = "plain", .payload = "x", .qos = 1, .user_properties = {{"a", "b"}}});
  REQUIRE(changed.replaced());
  CHECK(changed.message().topic == "plain");
  CHECK(changed.message().payload == "changed");
  CHECK(changed.message().qos == 1);
  CHECK(changed.message().user_properties ==
        std::vector<std::pair<std::string, std::string>>{{"a", "b"}, {"by", "test"}});
  host.publish({.topic = "old"});
  CHECK(host.rewritten_topic() == "new");
  host.stop();
  CHECK(host.leaks().text() == "");
  CHECK(host.violations().empty());
}

TEST_CASE("observers get batches, in order") {
  fake_host host;
  REQUIRE(host.start(patchbay::entry_of<counting>("{}")) == PATCHBAY_OK);
  host.publish({.topic = "a/1"});
  host.publish({.topic = "secret"});
  patchbay_publish_routed_event event{};
  event.topic = patchbay::testing::str("a/2");
  host.points.call_batch(PATCHBAY_HOOK_publish_routed, std::vector<patchbay_publish_routed_event>(3, event));
  auto& plugin = object_of<counting>(host);
  CHECK(plugin.routed == std::vector<std::string>{"a/1", "a/2", "a/2", "a/2"});
  CHECK(plugin.sizes == std::vector<std::size_t>{1, 3});
}

TEST_CASE("what a hook throws is a failed answer and a line, and nothing else") {
  fake_host host;
  REQUIRE(host.start(patchbay::entry_of<counting>("{}")) == PATCHBAY_OK);
  const auto failed = host.authenticate({.username = "throw"});
  CHECK(failed.failed());
  CHECK((failed.verdict().flags & PATCHBAY_VERDICT_THREW) != 0);
  CHECK(host.logged("on_authenticate threw: no database"));
  host.connected("bad");
  host.connected("good");
  CHECK(object_of<counting>(host).connected == std::vector<std::string>{"bad", "good"});
  CHECK(host.logged("on_client_connected"));
  CHECK(host.violations().empty());
}

TEST_CASE("a host that refuses a hook makes start fail with the hook's name") {
  fake_host host;
  host.create(patchbay::entry_of<counting>("{}"));
  host.configure("{}");
  host.fail_after(3, PATCHBAY_UNSUPPORTED);
  CHECK(host.start_created() == PATCHBAY_UNSUPPORTED);
  CHECK(host.errors().find("hook ") != std::string::npos);
}

// One plugin with every member that the table makes, found by a class that has a template for each.
namespace {

struct everything final : patchbay::plugin<everything> {
  using plugin::plugin;
  int calls = 0;
#define EVERY_HOOK(identifier, kinds_)                                     \
  template <typename Event>                                                \
  auto on_##identifier(Event e) {                                          \
    ++calls;                                                               \
    static_cast<void>(e->size);                                            \
    if constexpr (std::string_view(kinds_) != "O") return verdict::cont(); \
  }
#define PATCHBAY_HOOK(number, identifier, name, layer, kinds, ...) EVERY_HOOK(identifier, kinds)
#include "patchbay/hooks.def"
  void tune(patchbay::hook_options& o) {
    if (o.name() == "acl.deliver" || o.name() == "deliver.before") o.topic_filters = {"#"};
  }
};

}  // namespace

TEST_CASE("every row of the table can be a member, and is called with its event") {
  fake_host host;
  REQUIRE(host.start(patchbay::entry_of<everything>("{}")) == PATCHBAY_OK);
  CHECK(host.points.all().size() == hook_table().size());
#define PATCHBAY_HOOK(number, identifier, name, layer, kinds, heat, defer, deadline, fallback, since, event, \
                      core_event)                                                                            \
  {                                                                                                          \
    const int before = object_of<everything>(host).calls;                                                    \
    CHECK(host.call(number, patchbay_##event##_event{}).continued());                                        \
    CHECK(object_of<everything>(host).calls == before + 1);                                                  \
  }
#include "patchbay/hooks.def"
  CHECK(host.violations().empty());
}

TEST_CASE("views and clients are good during the call only") {
  struct keeping final : patchbay::plugin<keeping> {
    using plugin::plugin;
    void on_client_connected(patchbay::client_event e) { kept = e.client().raw(), text = e->reason.ptr; }
    const patchbay_client* kept = nullptr;
    const char* text = nullptr;
  };
  fake_host host;
  REQUIRE(host.start(patchbay::entry_of<keeping>("{}")) == PATCHBAY_OK);
  host.client_event(PATCHBAY_HOOK_client_connected, "c", "why not");
  auto& plugin = object_of<keeping>(host);
  CHECK(static_cast<unsigned char>(*plugin.text) == 0xDD);
  CHECK(patchbay::client(&host.shared.table, plugin.kept).id().empty());
  REQUIRE(host.violations().size() == 1);
  CHECK(host.violations()[0].find("outside the call") != std::string::npos);
}

TEST_CASE("a value is kept with each client, and goes with its session") {
  static int alive;
  alive = 0;
  struct counter_value {
    counter_value() { ++alive; }
    ~counter_value() { --alive; }
    int seen = 0;
  };
  struct slotted final : patchbay::plugin<slotted> {
    using plugin::plugin;
    verdict on_publish(publish_request p) {
      auto* value = slot.get(p.client());
      return value != nullptr && ++value->seen > 2 ? verdict::deny() : verdict::cont();
    }
    patchbay::client_slot<counter_value> slot;
  };
  fake_host host;
  REQUIRE(host.start(patchbay::entry_of<slotted>("{}")) == PATCHBAY_OK);
  CHECK(host.publish({.client_id = "a"}).continued());
  CHECK(host.publish({.client_id = "a"}).continued());
  CHECK(host.publish({.client_id = "b"}).continued());
  CHECK(host.publish({.client_id = "a"}).denied());
  CHECK(alive == 2);
  host.all_clients.end_session(host.client("a"));
  CHECK(alive == 1);
  host.stop();
  CHECK(alive == 0);
  CHECK(host.leaks().none());
}
