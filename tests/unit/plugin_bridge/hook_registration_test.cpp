#include <catch2/catch.hpp>

#include "support/shard_fixture.h"
#include "unit/plugin_bridge/support/bridge_fixture.h"

namespace patchbay::test {
namespace {

patchbay_verdict nothing(const void*, patchbay_token) {
  return answer(PATCHBAY_CONTINUE);
}

/// Registers with a filter of one topic filter.
patchbay_status add_filtered(TestPlugin& plugin, uint32_t hook, uint32_t phase, std::string_view topic_filter) {
  const patchbay_str wanted = text(topic_filter);
  patchbay_filter filter{};
  filter.size = sizeof filter;
  filter.topic_filters = &wanted;
  filter.topic_filter_count = 1;
  patchbay_hook options{};
  options.filter = &filter;
  return plugin.on(hook, phase, nothing, options);
}

}  // namespace

TEST_CASE("Registrations are checked against the table", "[plugin_bridge]") {
  BridgeFixture fixture;
  RecordingLog log;
  TestPlugin plugin(fixture);
  CHECK(plugin.on(4'000, PATCHBAY_PHASE_DECIDE, nothing) == PATCHBAY_UNSUPPORTED);
  CHECK(plugin.on(PATCHBAY_HOOK_publish_routed, PATCHBAY_PHASE_DECIDE, nothing) == PATCHBAY_INVALID);
  CHECK(plugin.on(PATCHBAY_HOOK_acl_publish, PATCHBAY_PHASE_TRANSFORM, nothing) == PATCHBAY_INVALID);
  CHECK(plugin.on(PATCHBAY_HOOK_acl_publish, 7, nothing) == PATCHBAY_INVALID);
  CHECK(plugin.on(PATCHBAY_HOOK_share_pick, PATCHBAY_PHASE_DECIDE, nothing) == PATCHBAY_OK);
  CHECK(plugin.on(PATCHBAY_HOOK_publish_accept, PATCHBAY_PHASE_DECIDE, nothing) == PATCHBAY_OK);
  CHECK(plugin.on(PATCHBAY_HOOK_publish_accept, PATCHBAY_PHASE_TRANSFORM, nothing) == PATCHBAY_OK);
  CHECK(plugin.on(PATCHBAY_HOOK_publish_accept, PATCHBAY_PHASE_DECIDE, nothing) == PATCHBAY_EXISTS);
  CHECK(plugin.instance->hooks().size() == 3);
  CHECK(log.lines.size() == 5);
}

TEST_CASE("Points that are called for each receiver need topic filters", "[plugin_bridge]") {
  const auto [hook, phase] = GENERATE(table<uint32_t, uint32_t>({
      {PATCHBAY_HOOK_deliver_before, PATCHBAY_PHASE_TRANSFORM},
      {PATCHBAY_HOOK_acl_deliver, PATCHBAY_PHASE_DECIDE},
  }));
  BridgeFixture fixture;
  TestPlugin plugin(fixture);
  CHECK(plugin.on(hook, phase, nothing) == PATCHBAY_INVALID);
  CHECK(add_filtered(plugin, hook, phase, "a/#/b") == PATCHBAY_INVALID);
  CHECK(add_filtered(plugin, hook, phase, "a/#") == PATCHBAY_OK);
}

TEST_CASE("Hooks are registered inside start() only", "[plugin_bridge]") {
  BridgeFixture fixture;
  TestPlugin plugin(fixture);
  plugin.start();
  CHECK(plugin.on(PATCHBAY_HOOK_publish_accept, PATCHBAY_PHASE_DECIDE, nothing) == PATCHBAY_CLOSED);
}

TEST_CASE("Proposals out of their range are refused", "[plugin_bridge]") {
  BridgeFixture fixture;
  TestPlugin plugin(fixture);
  const auto refused = [&](auto&& change) {
    patchbay_hook options{};
    change(options);
    return plugin.on(PATCHBAY_HOOK_publish_accept, PATCHBAY_PHASE_DECIDE, nothing, options) == PATCHBAY_INVALID;
  };
  CHECK(refused([](patchbay_hook& hook) { hook.deadline_ms = 600'001; }));
  CHECK(refused([](patchbay_hook& hook) { hook.fallback = 4; }));
  CHECK(refused([](patchbay_hook& hook) { hook.overflow = 3; }));
  CHECK(refused([](patchbay_hook& hook) { hook.batch_max = 65'537; }));
  CHECK(refused([](patchbay_hook& hook) { hook.queue_max = 10'000'001; }));
}

TEST_CASE("Either a function or a batch function, and batches for observers only", "[plugin_bridge]") {
  BridgeFixture fixture;
  TestPlugin plugin(fixture);
  patchbay_hook hook{};
  hook.size = sizeof hook;
  hook.hook = PATCHBAY_HOOK_publish_routed;
  hook.phase = PATCHBAY_PHASE_OBSERVE;
  CHECK(plugin.host()->add_hook(plugin.host(), &hook) == PATCHBAY_INVALID);
  hook.fn = [](void*, const void*, patchbay_token) { return patchbay_verdict{}; };
  hook.batch = [](void*, const patchbay_record*, size_t) {};
  CHECK(plugin.host()->add_hook(plugin.host(), &hook) == PATCHBAY_INVALID);
  hook.fn = nullptr;
  CHECK(plugin.host()->add_hook(plugin.host(), &hook) == PATCHBAY_OK);
  hook.hook = PATCHBAY_HOOK_publish_accept;
  hook.phase = PATCHBAY_PHASE_DECIDE;
  CHECK(plugin.host()->add_hook(plugin.host(), &hook) == PATCHBAY_INVALID);
}

TEST_CASE("An older plugin's smaller struct is read as far as it goes", "[plugin_bridge]") {
  BridgeFixture fixture;
  TestPlugin plugin(fixture);
  patchbay_hook hook{};
  hook.size = offsetof(patchbay_hook, batch);
  hook.hook = PATCHBAY_HOOK_publish_accept;
  hook.phase = PATCHBAY_PHASE_DECIDE;
  hook.fn = [](void*, const void*, patchbay_token) { return patchbay_verdict{}; };
  hook.batch = [](void*, const patchbay_record*, size_t) {};  // behind what it says it has
  CHECK(plugin.host()->add_hook(plugin.host(), &hook) == PATCHBAY_OK);
  CHECK(plugin.hook().registration().batch == nullptr);
  CHECK(plugin.hook().registration().deadline_ms == 2'000);
}

TEST_CASE("On workers, points where nobody can wait are refused with a sentence", "[plugin_bridge]") {
  BridgeFixture fixture;
  RecordingLog log;
  auto facts = TestPlugin::facts("blocking", 4);
  facts.worker_execution = true;
  TestPlugin plugin(fixture, facts);
  CHECK(plugin.on(PATCHBAY_HOOK_publish_rewrite, PATCHBAY_PHASE_TRANSFORM, nothing) == PATCHBAY_INVALID);
  REQUIRE(log.lines.size() == 1);
  CHECK(log.lines[0].find("publish.rewrite: the instance runs on workers") != std::string::npos);
  CHECK(plugin.on(PATCHBAY_HOOK_auth_authenticate, PATCHBAY_PHASE_DECIDE, nothing) == PATCHBAY_OK);
  CHECK(plugin.on(PATCHBAY_HOOK_publish_routed, PATCHBAY_PHASE_OBSERVE, nothing) == PATCHBAY_OK);
}

}  // namespace patchbay::test
