#include "plugin_services/service_directory.h"

#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "unit/plugin_services/services_fixture.h"

using namespace patchbay;
using namespace patchbay::plugin_services;
using patchbay::test::InstanceFixture;
using patchbay::test::ServicesFixture;
using plugin_bridge::GateState;
using plugin_bridge::Held;

namespace {

/// An instance that uses a service, and what it was told.
struct User {
  User(ServicesFixture& fixture, ServiceDirectory& with, std::string name, uint32_t number)
      : directory(with), instance(std::move(name), number, fixture.places, fixture.flow.clock, fixture.limits) {}

  static void on_up(void* self, uint64_t lease, const void* table, void*, uint32_t revision) {
    auto& user = *static_cast<User*>(self);
    user.told.push_back("up " + std::to_string(lease) + " revision " + std::to_string(revision));
    user.table = table;
  }
  static void on_down(void* self, uint64_t lease) {
    auto& user = *static_cast<User*>(self);
    user.told.push_back("down " + std::to_string(lease));
    user.table = nullptr;
    if (user.gives_back) CHECK(user.directory.release(user.account, lease, true) == PATCHBAY_OK);
  }
  uint64_t acquire(std::string_view service_id, std::string_view name = {}, uint32_t minimum_revision = 1) {
    uint64_t lease = 0;
    REQUIRE(directory.acquire(account, service_id, name, minimum_revision, &User::on_up, &User::on_down, this, lease) ==
            PATCHBAY_OK);
    return lease;
  }

  ServiceDirectory& directory;
  InstanceFixture instance;
  ServiceAccount& account = instance.account;
  std::vector<std::string> told;
  const void* table = nullptr;
  bool gives_back = true;
};

struct Directory : ServicesFixture {
  patchbay_status provide(ServiceAccount& provider, std::string_view name, const void* table, uint32_t revision = 1) {
    return directory.provide(provider, "svc.sink/1", name, revision, table, nullptr);
  }
  int wakes = 0;
  ServiceDirectory directory{[this] { ++wakes; }};
  InstanceFixture first{"sink-a", 1, places, flow.clock, limits};
  InstanceFixture second{"sink-b", 2, places, flow.clock, limits};
  InstanceFixture newer{"sink-a", 9, places, flow.clock, limits};
  User user{*this, directory, "rules", 20};
  const int table_of_first = 1;
  const int table_of_second = 2;
  const int table_of_newer = 3;
};

}  // namespace

TEST_CASE("a service is seen when its provider's start has returned, by those who waited for it") {
  Directory fixture;
  const uint64_t lease = fixture.user.acquire("svc.sink/1");
  CHECK(fixture.provide(fixture.first.account, "a", &fixture.table_of_first, 3) == PATCHBAY_OK);
  CHECK(fixture.user.told.empty());
  CHECK(fixture.directory.offers().empty());
  fixture.directory.publish(fixture.first.account);
  CHECK(fixture.user.told == std::vector<std::string>{"up " + std::to_string(lease) + " revision 3"});
  CHECK(fixture.user.table == &fixture.table_of_first);
  CHECK(fixture.first.holds(Held::leases) == 1);
  CHECK(fixture.user.instance.holds(Held::leases) == 1);
  REQUIRE(fixture.directory.offers().size() == 1);
  CHECK(fixture.directory.offers()[0].provider == "sink-a");
}

TEST_CASE("a service that is there is had at once; its name and revision must fit") {
  Directory fixture;
  REQUIRE(fixture.provide(fixture.first.account, "a", &fixture.table_of_first, 1) == PATCHBAY_OK);
  REQUIRE(fixture.provide(fixture.second.account, "b", &fixture.table_of_second, 2) == PATCHBAY_OK);
  fixture.directory.publish(fixture.first.account);
  fixture.directory.publish(fixture.second.account);
  fixture.user.acquire("svc.sink/1", "a");
  CHECK(fixture.user.table == &fixture.table_of_first);
  fixture.user.acquire("svc.sink/1", "", 2);
  CHECK(fixture.user.table == &fixture.table_of_second);
  fixture.user.told.clear();
  fixture.user.acquire("svc.sink/1", "c");
  fixture.user.acquire("svc.sink/1", "a", 2);
  fixture.user.acquire("svc.other/1");
  CHECK(fixture.user.told.empty());
}

TEST_CASE("one id and name has one provider; the next version of the same instance may stand beside it") {
  Directory fixture;
  CHECK(fixture.provide(fixture.first.account, "a", &fixture.table_of_first) == PATCHBAY_OK);
  CHECK(fixture.provide(fixture.first.account, "a", &fixture.table_of_first) == PATCHBAY_EXISTS);
  CHECK(fixture.provide(fixture.second.account, "a", &fixture.table_of_second) == PATCHBAY_EXISTS);
  CHECK(fixture.provide(fixture.newer.account, "a", &fixture.table_of_newer) == PATCHBAY_OK);
}

TEST_CASE("a provider that goes asks its users for their leases, and waits for them") {
  Directory fixture;
  REQUIRE(fixture.provide(fixture.first.account, "a", &fixture.table_of_first) == PATCHBAY_OK);
  fixture.directory.publish(fixture.first.account);
  fixture.user.gives_back = false;
  const uint64_t lease = fixture.user.acquire("svc.sink/1");
  CHECK(fixture.directory.users_of("sink-a") == std::vector<std::string>{"rules"});
  fixture.directory.withdraw(fixture.first.account);
  CHECK(fixture.user.told.back() == "down " + std::to_string(lease));
  CHECK_FALSE(fixture.directory.wait_until_returned(fixture.first.account, 1));
  REQUIRE(fixture.directory.graph().size() == 1);
  CHECK(fixture.directory.graph()[0].going);
  uint32_t released =
      PATCHBAY_NOT_FOUND;  // what a thread finds is looked at when it has ended: Catch counts for one thread
  std::thread elsewhere([&] { released = fixture.directory.release(fixture.user.account, lease, false); });
  CHECK(fixture.directory.wait_until_returned(fixture.first.account, 10'000));
  elsewhere.join();
  CHECK(released == PATCHBAY_OK);
  CHECK(fixture.first.holds(Held::leases) == 0);
  CHECK(fixture.user.instance.holds(Held::leases) == 0);
  CHECK(fixture.directory.release(fixture.user.account, lease, false) == PATCHBAY_NOT_FOUND);
  fixture.directory.end(fixture.first.account);
  CHECK(fixture.directory.graph().empty());
}

TEST_CASE("an upgrade moves users to the new provider") {
  Directory fixture;
  REQUIRE(fixture.provide(fixture.first.account, "a", &fixture.table_of_first) == PATCHBAY_OK);
  fixture.directory.publish(fixture.first.account);
  const uint64_t lease = fixture.user.acquire("svc.sink/1");
  REQUIRE(fixture.provide(fixture.newer.account, "a", &fixture.table_of_newer, 2) == PATCHBAY_OK);
  fixture.directory.publish(fixture.newer.account);
  CHECK(fixture.user.table == &fixture.table_of_first);  // until the old one goes
  fixture.directory.withdraw(fixture.first.account);
  CHECK(fixture.directory.wait_until_returned(fixture.first.account, 0));
  CHECK(fixture.user.told.back() == "up " + std::to_string(lease) + " revision 2");
  CHECK(fixture.user.table == &fixture.table_of_newer);
  CHECK(fixture.newer.holds(Held::leases) == 1);
  CHECK(fixture.wakes == 1);
}

TEST_CASE("a user that has given its lease back and waits is told of the next provider on the control thread") {
  Directory fixture;
  REQUIRE(fixture.provide(fixture.first.account, "a", &fixture.table_of_first) == PATCHBAY_OK);
  fixture.directory.publish(fixture.first.account);
  const uint64_t lease = fixture.user.acquire("svc.sink/1");
  fixture.user.told.clear();
  CHECK(fixture.directory.release(fixture.user.account, lease, true) == PATCHBAY_OK);
  CHECK(fixture.wakes == 1);
  CHECK(fixture.user.told.empty());  // not from within release()
  fixture.directory.deliver();
  CHECK(fixture.user.told.size() == 1);
}

TEST_CASE("the end of a user gives its leases back; nobody else can") {
  Directory fixture;
  REQUIRE(fixture.provide(fixture.first.account, "a", &fixture.table_of_first) == PATCHBAY_OK);
  fixture.directory.publish(fixture.first.account);
  const uint64_t lease = fixture.user.acquire("svc.sink/1");
  CHECK(fixture.directory.release(fixture.second.account, lease, false) == PATCHBAY_NOT_FOUND);
  fixture.directory.end(fixture.user.account);
  CHECK(fixture.first.holds(Held::leases) == 0);
  CHECK(fixture.user.instance.holds(Held::leases) == 0);
  CHECK(fixture.directory.graph().empty());
}

TEST_CASE("a lease that stays out keeps its provider counted, whose code must stay mapped") {
  Directory fixture;
  REQUIRE(fixture.provide(fixture.first.account, "a", &fixture.table_of_first) == PATCHBAY_OK);
  fixture.directory.publish(fixture.first.account);
  fixture.user.gives_back = false;
  const uint64_t lease = fixture.user.acquire("svc.sink/1");
  fixture.directory.withdraw(fixture.first.account);
  fixture.directory.end(fixture.first.account);
  CHECK(fixture.first.holds(Held::leases) == 1);
  CHECK(fixture.directory.release(fixture.user.account, lease, false) == PATCHBAY_OK);
  CHECK(fixture.first.holds(Held::leases) == 0);
}

TEST_CASE("plugins.max_leases bounds what one instance wants") {
  Directory fixture;
  fixture.limits.max_leases = 1;
  fixture.user.acquire("svc.sink/1");
  uint64_t lease = 0;
  CHECK(fixture.directory.acquire(fixture.user.account, "svc.sink/1", "", 1, &User::on_up, &User::on_down,
                                  &fixture.user, lease) == PATCHBAY_BUSY);
  CHECK(fixture.user.account.refusals.value(Refusal::leases) == 1);
}

TEST_CASE("an instance provides what its manifest names, while it starts, and acquires while it runs") {
  Directory fixture;
  RegistryService registry(fixture.first.account, fixture.directory, {"svc.sink/1"});
  uint64_t lease = 0;
  CHECK(registry.provide("svc.sink/1", "a", 1, &fixture.table_of_first, nullptr) == PATCHBAY_CLOSED);
  fixture.first.gate.move_to(GateState::starting);
  CHECK(registry.provide("svc.sink/1", "a", 1, nullptr, nullptr) == PATCHBAY_INVALID);
  CHECK(registry.provide("svc.source/1", "a", 1, &fixture.table_of_first, nullptr) == PATCHBAY_DENIED);
  CHECK(registry.provide("svc.sink/1", "a", 1, &fixture.table_of_first, nullptr) == PATCHBAY_OK);
  CHECK(registry.acquire("svc.sql/1", "", 1, nullptr, nullptr, nullptr, lease) == PATCHBAY_INVALID);
  CHECK(registry.acquire("svc.sql/1", "", 1, &User::on_up, &User::on_down, nullptr, lease) == PATCHBAY_OK);
  fixture.first.gate.move_to(GateState::draining);
  CHECK(registry.acquire("svc.sql/1", "", 1, &User::on_up, &User::on_down, nullptr, lease) == PATCHBAY_CLOSED);
  CHECK(registry.release(lease, true) == PATCHBAY_OK);
  CHECK(fixture.directory.graph().empty());  // who goes has no use for the next one
  const base::ShardScope scope(0);
  CHECK(registry.provide("svc.sink/1", "b", 1, &fixture.table_of_first, nullptr) == PATCHBAY_WRONG_THREAD);
}
