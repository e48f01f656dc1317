#include "package/hook_order.h"

#include <catch2/catch.hpp>

#include "unit/package/temporary_folder.h"

using namespace patchbay::package;  // NOLINT: test

namespace {

constexpr const char* kHook = "auth.authenticate";

/// An instance `name` of plugin "x.<name>".
OrderedInstance instance(const std::string& name, std::vector<std::string> before = {},
                         std::vector<std::string> after = {}, int32_t priority = 0, std::string role = "") {
  HookProposal proposal;
  proposal.hook = kHook;
  proposal.before = std::move(before);
  proposal.after = std::move(after);
  proposal.priority = priority;
  return {name, "x." + name, std::move(role), {proposal}};
}

HookOrder order(const std::vector<OrderedInstance>& instances, const std::vector<std::string>& list = {}) {
  auto result = order_hook(kHook, instances, list);
  if (!result) FAIL(result.error());
  return std::move(*result);
}

std::string names(const HookOrder& hook_order) {
  std::string text;
  for (const HookPosition& position : hook_order.positions) text += (text.empty() ? "" : " ") + position.instance;
  return text;
}

std::string reason(const HookOrder& hook_order, const std::string& name) {
  for (const HookPosition& position : hook_order.positions) {
    if (position.instance == name) return position.reason;
  }
  return "";
}

std::string cycle(const std::vector<OrderedInstance>& instances) {
  const auto result = order_hook(kHook, instances, {});
  return result ? "" : result.error();
}

}  // namespace

TEST_CASE("without anything else the id decides, whatever the order of loading") {
  CHECK(names(order({instance("b"), instance("a"), instance("c")})) == "a b c");
  CHECK(reason(order({instance("b"), instance("a")}), "a") == "id");
  CHECK(reason(order({instance("b")}), "b") == "the only one");
}

TEST_CASE("priority comes before the id, lower first") {
  const HookOrder result = order({instance("a"), instance("b", {}, {}, -5), instance("c", {}, {}, 10)});
  CHECK(names(result) == "b a c");
  CHECK(reason(result, "b") == "priority -5");
  CHECK(reason(result, "c") == "priority 10");
}

TEST_CASE("before and after come before priority") {
  const HookOrder result = order({instance("a", {}, {"x.b"}, -100), instance("b"), instance("c", {"x.b"}, {}, 100)});
  CHECK(names(result) == "c b a");
  CHECK(reason(result, "a") == "b before a (manifest of a)");
  CHECK(reason(result, "c") == "c before b (manifest of c)");
  CHECK(reason(result, "b") == "b before a (manifest of a), c before b (manifest of c)");
}

TEST_CASE("roles may be named instead of ids") {
  const HookOrder result = order({instance("a", {}, {"role:blocklist"}), instance("y", {}, {}, 0, "blocklist"),
                                  instance("z", {}, {}, 0, "blocklist")});
  CHECK(names(result) == "y z a");
  CHECK(reason(result, "a") == "y before a (manifest of a), z before a (manifest of a)");
}

TEST_CASE("names of plugins that aren't there are no constraint") {
  CHECK(names(order({instance("b", {"x.gone"}, {"role:gone"}), instance("a")})) == "a b");
}

TEST_CASE("instances of one plugin are ordered by name, and don't constrain each other") {
  OrderedInstance second = instance("a2", {"x.a"}, {}, 0, "authn");
  OrderedInstance first = instance("a1", {"x.a", "role:authn"}, {}, 0, "authn");
  first.id = second.id = "x.a";
  const HookOrder result = order({second, first});
  CHECK(names(result) == "a1 a2");
  CHECK(reason(result, "a1") == "name of the instance");
}

TEST_CASE("the operator's list comes first, by name of the instance, id or role") {
  const std::vector<OrderedInstance> instances = {instance("a", {}, {}, 50), instance("b"), instance("c"),
                                                  instance("d", {}, {}, 0, "authn")};
  const HookOrder result = order(instances, {"role:authn", "x.c", "gone", "b", "x.b"});
  CHECK(names(result) == "d c b a");
  CHECK(reason(result, "d") == "operator's list");
  CHECK(reason(result, "a") == "priority 50");
}

TEST_CASE("a constraint yields to the operator, and the reason says so") {
  const HookOrder inside = order({instance("a", {"x.b"}), instance("b")}, {"b", "a"});
  CHECK(names(inside) == "b a");
  CHECK(reason(inside, "b") == "operator's list, against a before b (manifest of a)");
  CHECK(reason(inside, "a") == "operator's list");
  const HookOrder outside = order({instance("a", {"x.b"}), instance("b")}, {"b"});
  CHECK(names(outside) == "b a");
  CHECK(reason(outside, "a") == "behind the operator's list, against a before b (manifest of a)");
}

TEST_CASE("a circle is printed with who wanted what") {
  CHECK(cycle({instance("a", {"x.b"}), instance("b", {"x.a"})}) ==
        "auth.authenticate: a before b (manifest of a), b before a (manifest of b)");
  const std::string three = cycle({instance("a", {"x.b"}), instance("b", {"x.c"}), instance("c", {}, {}),
                                   instance("d", {}, {"x.c"}), instance("a2", {}, {"x.c"}), instance("c2")});
  CHECK(three.empty());
  const std::string mixed =
      cycle({instance("a", {"x.b"}), instance("b", {"x.c"}), instance("c", {"x.a"}), instance("d")});
  CHECK(contains(mixed, "a before b (manifest of a)"));
  CHECK(contains(mixed, "b before c (manifest of b)"));
  CHECK(contains(mixed, "c before a (manifest of c)"));
  CHECK_FALSE(contains(mixed, " d "));
}

TEST_CASE("somebody behind a circle is no part of it") {
  const std::string text = cycle({instance("z", {}, {"x.a"}), instance("a", {"x.b"}), instance("b", {"x.a"})});
  CHECK_FALSE(contains(text, "z"));
  CHECK(contains(text, "a before b"));
}

TEST_CASE("the operator may break a circle by naming one of it") {
  const std::vector<OrderedInstance> instances = {instance("a", {"x.b"}), instance("b", {"x.a"})};
  CHECK(names(order(instances, {"b"})) == "b a");
}

TEST_CASE("each hook has an order of its own, and all circles are told") {
  OrderedInstance a = instance("a", {"x.b"});
  OrderedInstance b = instance("b", {"x.a"});
  HookProposal other;
  other.hook = "publish.routed";
  a.hooks.push_back(other);
  const auto one_cycle = order_hooks({a, b}, {});
  REQUIRE_FALSE(one_cycle.has_value());
  CHECK(one_cycle.error().size() == 1);
  const auto orders = order_hooks({a, b}, {{kHook, {"a"}}});
  REQUIRE(orders.has_value());
  REQUIRE(orders->size() == 2);
  CHECK((*orders)[0].hook == kHook);
  CHECK(names((*orders)[1]) == "a");
  CHECK(order_hooks({}, {})->empty());
}

TEST_CASE("every constraint holds in a large order") {
  std::vector<OrderedInstance> instances;
  for (int index = 0; index < 60; ++index) {
    std::vector<std::string> after;
    if (index >= 7) after.push_back("x.p" + std::to_string(index - 7));
    if (index % 3 == 1) after.push_back("x.p" + std::to_string(index / 3));
    instances.push_back(instance("p" + std::to_string(index), {}, after, index));
  }
  const HookOrder result = order(instances);
  REQUIRE(result.positions.size() == 60);
  std::map<std::string, size_t> places;
  for (size_t place = 0; place < 60; ++place) places[result.positions[place].instance] = place;
  for (const OrderedInstance& each : instances) {
    for (const std::string& after : each.hooks[0].after) {
      if (after == each.id) continue;
      CHECK(places[after.substr(2)] < places[each.instance]);
    }
  }
}
