// The services that only pass on: alarms, settings, secrets, administration, the key-value store behind its interface.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "plugin_services/admin_service.h"
#include "plugin_services/alarm_service.h"
#include "plugin_services/kv_service.h"
#include "plugin_services/metric_service.h"
#include "plugin_services/settings_service.h"
#include "unit/plugin_services/services_fixture.h"

using namespace patchbay;
using namespace patchbay::plugin_services;
using patchbay::test::ServicesFixture;
using plugin_bridge::GateState;
using plugin_bridge::Held;

namespace {

class Board final : public AlarmBoard {
 public:
  bool raise(const plugin_bridge::InstanceFacts& instance, std::string_view name, std::string_view text) override {
    if (full) return false;
    active[instance.name + '/' + std::string(name)] = text;
    return true;
  }
  void clear(const plugin_bridge::InstanceFacts& instance, std::string_view name) override {
    active.erase(instance.name + '/' + std::string(name));
  }
  std::map<std::string, std::string> active;
  bool full = false;
};

class Resolver final : public SecretResolver {
 public:
  patchbay_status resolve(std::string_view reference, std::string& value) override {
    if (reference != "${env:TOKEN}") return PATCHBAY_DENIED;
    value = "hunter2";
    return PATCHBAY_OK;
  }
};

class Administration final : public InstanceAdministration {
 public:
  void list(const Visit& visit) override { visit("other", "started", "fine"); }
  [[nodiscard]] bool knows(std::string_view instance) const override { return instance != "nobody"; }
  void request_start(std::string_view author, std::string_view instance) override {
    asked.push_back("start " + std::string(instance) + " by " + std::string(author));
  }
  void request_stop(std::string_view author, std::string_view instance) override {
    asked.push_back("stop " + std::string(instance) + " by " + std::string(author));
  }
  std::vector<std::string> asked;
};

}  // namespace

TEST_CASE("alarms are raised, renewed and cleared under the instance's name, and end with it") {
  ServicesFixture fixture;
  Board board;
  AlarmService alarms(fixture.account, board);
  CHECK(alarms.raise("db", "down") == PATCHBAY_OK);
  CHECK(alarms.raise("db", "still down") == PATCHBAY_OK);
  CHECK(board.active == std::map<std::string, std::string>{{"probe/db", "still down"}});
  CHECK(alarms.clear("other") == PATCHBAY_NOT_FOUND);
  CHECK(alarms.clear("db") == PATCHBAY_OK);
  CHECK(board.active.empty());
  CHECK(alarms.clear("db") == PATCHBAY_NOT_FOUND);
  CHECK(alarms.raise("a", "1") == PATCHBAY_OK);
  CHECK(alarms.raise("b", "2") == PATCHBAY_OK);
  alarms.clear_all();
  CHECK(board.active.empty());
}

TEST_CASE("alarms have bounds") {
  ServicesFixture fixture;
  fixture.limits.max_alarms = 1;
  Board board;
  AlarmService alarms(fixture.account, board);
  CHECK(alarms.raise("", "x") == PATCHBAY_INVALID);
  CHECK(alarms.raise("with space", "x") == PATCHBAY_INVALID);
  CHECK(alarms.raise(std::string(65, 'a'), "x") == PATCHBAY_INVALID);
  CHECK(alarms.raise("a", std::string(5'000, 'x')) == PATCHBAY_OK);
  CHECK(board.active["probe/a"].size() == AlarmService::kMaximumText);
  CHECK(alarms.raise("b", "x") == PATCHBAY_BUSY);
  board.full = true;
  CHECK(alarms.raise("a", "x") == PATCHBAY_BUSY);
  CHECK(fixture.account.refusals.value(Refusal::alarms) == 2);
  fixture.instance.gate.move_to(GateState::closed);
  CHECK(alarms.raise("a", "x") == PATCHBAY_CLOSED);
}

TEST_CASE("settings are what the host has set last") {
  SettingsService settings;
  CHECK(settings.current() == "{}");
  CHECK(settings.version() == 1);
  settings.set(R"({"url":"x","password":"******"})", 4);
  CHECK(settings.current() == R"({"url":"x","password":"******"})");
  CHECK(settings.version() == 4);
}

TEST_CASE("a secret is shown during the call, off the shards") {
  ServicesFixture fixture;
  Resolver resolver;
  SecretService secrets(fixture.account, resolver);
  std::string seen;
  const auto show = [](void* self, patchbay_bytes value) { *static_cast<std::string*>(self) = view_of(value); };
  CHECK(secrets.resolve("${env:TOKEN}", show, &seen) == PATCHBAY_OK);
  CHECK(seen == "hunter2");
  seen.clear();
  CHECK(secrets.resolve("${file:/etc/shadow}", show, &seen) == PATCHBAY_DENIED);
  CHECK(secrets.resolve("${env:TOKEN}", nullptr, &seen) == PATCHBAY_INVALID);
  CHECK(seen.empty());
  const base::ShardScope scope(0);
  CHECK(secrets.resolve("${env:TOKEN}", show, &seen) == PATCHBAY_WRONG_THREAD);
}

TEST_CASE("an instance may start and stop others, not itself") {
  ServicesFixture fixture;
  Administration administration;
  AdminService admin(fixture.account, administration);
  std::string listed;
  CHECK(admin.list([&](std::string_view instance, std::string_view state, std::string_view health) {
    listed = std::string(instance) + ' ' + std::string(state) + ' ' + std::string(health);
  }) == PATCHBAY_OK);
  CHECK(listed == "other started fine");
  CHECK(admin.start("other") == PATCHBAY_OK);
  CHECK(admin.stop("other") == PATCHBAY_OK);
  CHECK(admin.stop("probe") == PATCHBAY_DENIED);
  CHECK(admin.stop("nobody") == PATCHBAY_NOT_FOUND);
  CHECK(administration.asked == std::vector<std::string>{"start other by probe", "stop other by probe"});
  fixture.instance.gate.move_to(GateState::draining);
  CHECK(admin.stop("other") == PATCHBAY_CLOSED);
}

TEST_CASE("the store is opened when it is needed, refused on shards, and bounded") {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("patchbay_kvs_" + std::to_string(getpid()));
  std::filesystem::remove_all(folder);
  ServicesFixture fixture;
  KvDirectory directory(folder, 10);
  KvService kv(fixture.account, directory);
  CHECK_FALSE(std::filesystem::exists(folder));
  std::string value;
  CHECK(kv.get("a", value) == PATCHBAY_NOT_FOUND);
  CHECK(kv.put("a", "1") == PATCHBAY_OK);
  CHECK(kv.get("a", value) == PATCHBAY_OK);
  CHECK(value == "1");
  CHECK(kv.put("b", "0123456789") == PATCHBAY_BUSY);
  CHECK(fixture.account.refusals.value(Refusal::kv_bytes) == 1);
  CHECK(kv.put("", "1") == PATCHBAY_TOO_LARGE);
  CHECK(kv.remove("a") == PATCHBAY_OK);
  CHECK(kv.remove("a") == PATCHBAY_NOT_FOUND);
  CHECK(std::filesystem::exists(folder / "probe.sqlite"));
  {
    const base::ShardScope scope(0);
    CHECK(kv.get("a", value) == PATCHBAY_WRONG_THREAD);
    CHECK(kv.put("a", "1") == PATCHBAY_WRONG_THREAD);
  }
  fixture.instance.gate.move_to(GateState::draining);
  CHECK(kv.put("c", "1") == PATCHBAY_OK);  // what has been begun may be noted down
  fixture.instance.gate.move_to(GateState::closed);
  CHECK(kv.put("c", "2") == PATCHBAY_CLOSED);
  std::filesystem::remove_all(folder);
}

TEST_CASE("metrics are declared while the instance may begin something, counted with it, and withdrawn") {
  ServicesFixture fixture;
  fixture.limits.max_metrics = 2;
  MetricService metrics(fixture.account, 2);
  uint32_t metric = 0;
  CHECK(metrics.declare({"a", MetricKind::counter, "", {}}, metric) == PATCHBAY_OK);
  CHECK(metrics.declare({"a", MetricKind::counter, "", {}}, metric) == PATCHBAY_EXISTS);
  CHECK(metrics.declare({"-", MetricKind::counter, "", {}}, metric) == PATCHBAY_INVALID);
  CHECK(metrics.declare({"b", MetricKind::counter, "", {}}, metric) == PATCHBAY_OK);
  CHECK(metrics.declare({"c", MetricKind::counter, "", {}}, metric) == PATCHBAY_BUSY);
  CHECK(fixture.account.refusals.value(Refusal::metrics) == 1);
  CHECK(fixture.instance.holds(Held::metrics) == 2);
  fixture.instance.gate.move_to(GateState::draining);
  CHECK(metrics.declare({"d", MetricKind::counter, "", {}}, metric) == PATCHBAY_CLOSED);
  metrics.withdraw();
  metrics.withdraw();
  CHECK(fixture.instance.holds(Held::metrics) == 0);
}

TEST_CASE("every limit has a key of its own") {
  std::set<std::string_view> keys;
  for (size_t kind = 0; kind < kRefusalKinds; ++kind) {
    const std::string_view key = refusal_key(static_cast<Refusal>(kind));
    CHECK(key.starts_with("plugins.max_"));
    CHECK(keys.insert(key).second);
  }
}
