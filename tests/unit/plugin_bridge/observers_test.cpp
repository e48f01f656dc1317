#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "unit/plugin_bridge/support/bridge_fixture.h"

namespace patchbay::test {
namespace {

using plugin_bridge::Hook;
using plugin_bridge::HookStatistics;

/// So many plugins that observe publish.routed on the shard: one is told otherwise than several.
struct Observers {
  explicit Observers(uint32_t count) {
    patchbay_hook options{};
    options.flags = PATCHBAY_HOOK_INLINE;
    for (uint32_t number = 1; number <= count; ++number) {
      plugins.push_back(std::make_unique<TestPlugin>(fixture, number));
      plugins.back()->on(
          PATCHBAY_HOOK_publish_routed, PATCHBAY_PHASE_OBSERVE,
          [this, number](const void* event, patchbay_token token) {
            CHECK(token.id == 0);
            met.push_back(static_cast<char>('0' + number));
            receivers = static_cast<const patchbay_publish_routed_event*>(event)->receivers;
            if (during) during(number);
            return said;
          },
          options);
      plugins.back()->start();
      instances.push_back(plugins.back()->instance.get());
    }
    REQUIRE(fixture.publish(instances));
  }
  ~Observers() { fixture.publish({}); }

  void tell(int times = 1, uint64_t origin_instance = 0) {
    const auto client = make_client();
    const auto message = make_message("a/b", "x", origin_instance);
    for (int i = 0; i < times; ++i) fixture.tell(0, fixture.points.publish_routed, {client.get(), message.get(), 3});
  }
  [[nodiscard]] HookStatistics of(size_t plugin) { return plugins[plugin]->hook().statistics(); }
  [[nodiscard]] const plugin_bridge::CallSite* crumb() { return fixture.bridge->places().at(0).site.load(); }

  BridgeFixture fixture;
  std::vector<std::unique_ptr<TestPlugin>> plugins;
  std::vector<plugin_bridge::Instance*> instances;
  std::function<void(uint32_t)> during;
  patchbay_verdict said{};
  std::string met;
  uint32_t receivers = 0;
};

}  // namespace

TEST_CASE("Observers are told in their order, each counted, and every 256th call is timed", "[plugin_bridge]") {
  for (const uint32_t count : {1U, 3U}) {
    Observers observers(count);
    observers.during = [&](uint32_t number) {
      CHECK(observers.crumb() == &observers.plugins[number - 1]->hook().site());
    };
    observers.tell();
    CHECK(observers.met == std::string("123").substr(0, count));
    CHECK(observers.receivers == 3);
    CHECK(observers.crumb() == nullptr);
    observers.tell(511);
    for (size_t i = 0; i < count; ++i) {
      CHECK(observers.of(i).calls == 512);
      CHECK(observers.of(i).latency.samples() == 2);
    }
  }
}

TEST_CASE("What an observer says is counted and otherwise nothing", "[plugin_bridge]") {
  for (const uint32_t count : {1U, 2U}) {
    Observers observers(count);
    observers.said.flags = PATCHBAY_VERDICT_FAILED | PATCHBAY_VERDICT_THREW;
    observers.tell(2);
    CHECK(observers.of(count - 1).faults == 2);
    CHECK(observers.of(count - 1).thrown == 2);
    CHECK(observers.crumb() == nullptr);
    observers.said = answer(PATCHBAY_DENY);
    observers.tell();
    CHECK(observers.of(count - 1).calls == 3);
    CHECK(observers.of(count - 1).faults == 2);
    observers.said = answer(99);  // no kind of any version
    observers.tell();
    CHECK(observers.of(count - 1).faults == 3);
    CHECK(observers.of(count - 1).thrown == 2);
    CHECK(observers.crumb() == nullptr);
  }
}

TEST_CASE("An observer's breaker keeps events from it alone", "[plugin_bridge]") {
  for (const uint32_t count : {1U, 2U}) {
    Observers observers(count);
    observers.plugins[0]->hook().set_breaker(Hook::kBreakerOpen);
    observers.tell();
    CHECK(observers.met == std::string("2").substr(0, count - 1));
    CHECK(observers.of(0).not_called == 1);
    CHECK(observers.of(0).calls == 0);
    observers.plugins[0]->hook().set_breaker(Hook::kBreakerProbing, 1);
    observers.tell(2);
    CHECK(observers.of(0).calls == 1);
    observers.plugins[0]->hook().set_breaker(0);
    observers.tell(2);
    CHECK(observers.of(0).calls == 3);
  }
}

TEST_CASE("Who has published a message isn't told of it, the others are", "[plugin_bridge]") {
  for (const uint32_t count : {1U, 2U}) {
    Observers observers(count);
    observers.tell(1, 1);
    CHECK(observers.met == std::string("2").substr(0, count - 1));
    observers.tell(1, 77);
    CHECK(observers.of(0).calls == 1);
  }
}

TEST_CASE("An observer within another's call leaves the outer breadcrumb as it was", "[plugin_bridge]") {
  for (const uint32_t count : {1U, 2U}) {
    Observers observers(count);
    const auto client = make_client();
    const auto message = make_message();
    int depth = 0;
    observers.during = [&](uint32_t number) {
      if (depth == 1) return;
      ++depth;
      hooks::observe(observers.fixture.points.publish_routed, {client.get(), message.get(), 1});
      CHECK(observers.crumb() == &observers.plugins[number - 1]->hook().site());
      --depth;
    };
    observers.tell();
    CHECK(observers.crumb() == nullptr);
    CHECK(observers.of(0).calls == 1 + count);
  }
}

TEST_CASE("Scratch memory is new with each call of an observer", "[plugin_bridge]") {
  Observers observers(2);
  size_t given = 0;
  observers.during = [&](uint32_t number) {
    const patchbay_host* host = observers.plugins[number - 1]->host();
    if (host->scratch(host, 4'096) != nullptr) ++given;
  };
  observers.tell(1'000);
  CHECK(given == 2'000);
}

TEST_CASE("One of the core's observers between two plugins' stays between them", "[plugin_bridge]") {
  Observers observers(2);
  base::ChainEntry<hooks::PublishRoutedEvent> own;
  own.call = [](void* self, hooks::PublishRoutedEvent&, base::Token) noexcept {
    static_cast<Observers*>(self)->met.push_back('c');
    return base::Verdict{};
  };
  own.self = &observers;
  own.order.phase = base::Phase::observe;
  own.order.list_index = observers.fixture.points.publish_routed.load()->entries()[0].order.list_index + 1;
  own.order.name = "core:test";
  observers.fixture.bridge->chains().set_core_entries<hooks::HookId::publish_routed>("test", {own});
  REQUIRE(observers.fixture.bridge->chains().republish(100));
  observers.tell();
  CHECK(observers.met == "1c2");
  observers.fixture.bridge->chains().set_core_entries<hooks::HookId::publish_routed>("test", {});
  REQUIRE(observers.fixture.bridge->chains().republish(100));
  observers.met.clear();
  observers.tell();
  CHECK(observers.met == "12");
}

TEST_CASE("Of several observers, each is told only what its filter lets through", "[plugin_bridge]") {
  BridgeFixture fixture;
  TestPlugin all(fixture, 1);
  TestPlugin some(fixture, 2);
  std::string met;
  const auto note = [&met](char who) {
    return [&met, who](const void*, patchbay_token) {
      met.push_back(who);
      return patchbay_verdict{};
    };
  };
  patchbay_hook options{};
  options.flags = PATCHBAY_HOOK_INLINE;
  all.on(PATCHBAY_HOOK_publish_routed, PATCHBAY_PHASE_OBSERVE, note('a'), options);
  const patchbay_str wanted = text("plant/+/state");
  patchbay_filter filter{};
  filter.size = sizeof filter;
  filter.topic_filters = &wanted;
  filter.topic_filter_count = 1;
  options.filter = &filter;
  some.on(PATCHBAY_HOOK_publish_routed, PATCHBAY_PHASE_OBSERVE, note('s'), options);
  REQUIRE(fixture.publish({all.instance.get(), some.instance.get()}));
  const auto client = make_client();
  for (const char* topic : {"plant/1/state", "plant/1/speed", "elsewhere/1", "p"}) {
    const auto message = make_message(topic);
    fixture.tell(0, fixture.points.publish_routed, {client.get(), message.get(), 0});
  }
  CHECK(met == "asaaa");
  CHECK(some.hook().statistics().calls == 1);
  REQUIRE(fixture.publish({}));
}

}  // namespace patchbay::test
