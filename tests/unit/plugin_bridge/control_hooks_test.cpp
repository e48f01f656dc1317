#include "plugin_bridge/control_hooks.h"

#include <thread>

#include <catch2/catch.hpp>

#include "unit/plugin_bridge/support/bridge_fixture.h"

namespace patchbay::test {

TEST_CASE("Observers of the control plane are told at once, with the number of the point", "[plugin_bridge]") {
  BridgeFixture fixture;
  TestPlugin plugin(fixture);
  std::vector<std::string> seen;
  plugin.on(PATCHBAY_HOOK_alarm_raised, PATCHBAY_PHASE_OBSERVE, [&](const void* raw, patchbay_token) {
    const auto& event = *static_cast<const patchbay_control_event*>(raw);
    CHECK(event.hook == PATCHBAY_HOOK_alarm_raised);
    CHECK(event.at_unix_ms == fixture.clock.unix_ms());
    seen.push_back(text(event.object) + ":" + text(event.before) + ">" + text(event.after));
    // What an observer causes is told, too.
    plugin_bridge::ControlEvent next;
    next.object = "caused";
    if (seen.size() == 1) fixture.bridge->control_hooks().observe(hooks::HookId::alarm_raised, next);
    return answer(PATCHBAY_CONTINUE);
  });
  plugin.start();
  plugin_bridge::ControlEvent event;
  event.object = "disk";
  event.before = "ok";
  event.after = "full";
  fixture.bridge->control_hooks().observe(hooks::HookId::alarm_raised, event);
  CHECK(seen.empty());
  REQUIRE(fixture.publish({plugin.instance.get()}));
  fixture.bridge->control_hooks().observe(hooks::HookId::alarm_raised, event);
  CHECK(seen == std::vector<std::string>{"disk:ok>full", "caused:>"});
  fixture.bridge->control_hooks().observe(hooks::HookId::alarm_cleared, event);
  CHECK(seen.size() == 2);
  CHECK(plugin.hook().statistics().calls == 2);
  fixture.publish({});
}

TEST_CASE("A change is asked about, and what nobody decides depends on the point", "[plugin_bridge]") {
  const auto [kind, admin, before] = GENERATE(table<uint8_t, bool, bool>({
      {PATCHBAY_ALLOW, true, true},
      {PATCHBAY_DENY, false, false},
      {PATCHBAY_CONTINUE, false, true},
  }));
  BridgeFixture fixture;
  TestPlugin plugin(fixture);
  const auto says = [kind = kind](const void* raw, patchbay_token) {
    const auto& event = *static_cast<const patchbay_admin_event*>(raw);
    CHECK(text(event.user) == "root");
    CHECK(text(event.object) == "/clients/c1");
    return answer(kind);
  };
  plugin.on(PATCHBAY_HOOK_acl_admin, PATCHBAY_PHASE_DECIDE, says);
  plugin.on(PATCHBAY_HOOK_admin_before, PATCHBAY_PHASE_DECIDE, says);
  plugin.start();
  plugin_bridge::AdminEvent event;
  event.user = "root";
  event.action = "DELETE";
  event.object = "/clients/c1";
  auto& control = fixture.bridge->control_hooks();
  CHECK(control.ask(hooks::HookId::acl_admin, event));
  CHECK(control.ask(hooks::HookId::admin_before, event));
  fixture.publish({plugin.instance.get()});
  CHECK(control.ask(hooks::HookId::acl_admin, event) == admin);
  CHECK(control.ask(hooks::HookId::admin_before, event) == before);
  fixture.publish({});
}

TEST_CASE("A question of the control plane may be answered later, from another thread", "[plugin_bridge]") {
  BridgeFixture fixture;
  TestPlugin plugin(fixture);
  std::thread later;
  plugin.on(PATCHBAY_HOOK_admin_before, PATCHBAY_PHASE_DECIDE, [&](const void*, patchbay_token token) {
    CHECK(token.id != 0);
    later = std::thread([&plugin, token] {
      const patchbay_verdict deny = answer(PATCHBAY_DENY);
      plugin.host()->complete(plugin.host(), token, &deny);
    });
    return answer(PATCHBAY_DEFER);
  });
  plugin.start();
  fixture.publish({plugin.instance.get()});
  CHECK_FALSE(fixture.bridge->control_hooks().ask(hooks::HookId::admin_before, {}));
  later.join();
  CHECK(plugin.instance->open_tokens() == 0);
  fixture.publish({});
  CHECK(plugin.instance->held_back().empty());
}

}  // namespace patchbay::test
