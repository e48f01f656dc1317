#include "package/service_order.h"

#include <catch2/catch.hpp>

#include "unit/package/temporary_folder.h"

using namespace patchbay::package;  // NOLINT: test

namespace {

using Names = std::vector<std::string>;

std::string names(const ServiceOrder& order) {
  std::string text;
  for (const auto& position : order.start) text += (text.empty() ? "" : " ") + position.instance;
  return text;
}

}  // namespace

TEST_CASE("without services the given order stays") {
  const ServiceOrder order = order_services({{"b", {}, {}, {}}, {"a", {"patchbay.publish/1"}, {}, {}}});
  CHECK(names(order) == "b a");
  CHECK(order.start[0].reason == "waits for nobody");
  CHECK(order.refused.empty());
}

TEST_CASE("providers start before those who need or want them") {
  const ServiceOrder order = order_services({{"user", {"svc.http/1"}, {"svc.sql/1"}, {}},
                                             {"sql", {}, {}, {"svc.sql/1"}},
                                             {"http", {}, {"svc.sql/1"}, {"svc.http/1"}}});
  CHECK(names(order) == "sql http user");
  CHECK(order.start[2].reason == "needs svc.http/1 of http, wants svc.sql/1 of sql");
}

TEST_CASE("who needs what nobody provides is refused, and all who need them") {
  const ServiceOrder order =
      order_services({{"c", {"svc.b/1"}, {}, {}}, {"b", {"svc.a/2"}, {}, {"svc.b/1"}}, {"a", {}, {}, {"svc.a/1"}}});
  CHECK(names(order) == "a");
  REQUIRE(order.refused.size() == 2);
  CHECK(order.refused[0].instance == "b");
  CHECK(order.refused[0].sentence == "needs svc.a/2, which no enabled plugin provides");
  CHECK(order.refused[1].sentence == "needs svc.b/1, which only b provides, which was refused itself");
}

TEST_CASE("wants of what isn't there change nothing") {
  CHECK(names(order_services({{"a", {}, {"svc.gone/1"}, {}}})) == "a");
}

TEST_CASE("a circle of needs is refused with all who are in it") {
  const ServiceOrder order = order_services(
      {{"a", {"s.b/1"}, {}, {"s.a/1"}}, {"b", {"s.a/1"}, {}, {"s.b/1"}}, {"c", {"s.a/1"}, {}, {}}, {"d", {}, {}, {}}});
  CHECK(names(order) == "d");
  REQUIRE(order.refused.size() == 3);
  CHECK(order.refused[0].sentence == "services in a circle: a needs s.b/1 of b, b needs s.a/1 of a");
  CHECK(order.refused[1].sentence == order.refused[0].sentence);
  CHECK(order.refused[2].instance == "c");
}

TEST_CASE("a circle through wants is no circle: the wants wait") {
  const ServiceOrder order = order_services({{"a", {}, {"s.b/1"}, {"s.a/1"}}, {"b", {"s.a/1"}, {}, {"s.b/1"}}});
  CHECK(names(order) == "a b");
  CHECK(order.refused.empty());
}

TEST_CASE("own services and second providers") {
  CHECK(names(order_services({{"a", {"s.a/1"}, {}, {"s.a/1"}}})) == "a");
  const ServiceOrder two = order_services(
      {{"user", {"s.x/1"}, {}, {"s.y/1"}}, {"needs-user", {"s.y/1"}, {}, {"s.x/1"}}, {"free", {}, {}, {"s.x/1"}}});
  CHECK(names(two) == "free user needs-user");
  CHECK(two.refused.empty());
}
