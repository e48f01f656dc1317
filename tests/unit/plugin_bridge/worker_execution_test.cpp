#include <catch2/catch.hpp>

#include "unit/plugin_bridge/support/bridge_fixture.h"

namespace patchbay::test {
namespace {

/// An instance whose hooks all run on workers, asked at auth.authenticate.
struct OnWorkers {
  using Event = access::AuthenticateEvent;

  explicit OnWorkers(TestPlugin::Answer answers, plugin_bridge::BridgeOptions options = {}) : fixture(options) {
    auto facts = TestPlugin::facts("blocking", 2);
    facts.worker_execution = true;
    plugin = std::make_unique<TestPlugin>(fixture, facts);
    plugin->on(PATCHBAY_HOOK_auth_authenticate, PATCHBAY_PHASE_DECIDE, std::move(answers));
    plugin->start();
    fixture.publish({plugin->instance.get()});
  }
  ~OnWorkers() { fixture.publish({}); }

  /// True when it was answered at once.
  bool ask() {
    Event event;
    event.client = make_client();
    access::Credentials credentials;
    credentials.username = "alice";
    const std::string password = "secret";
    credentials.password.emplace(std::span(reinterpret_cast<const uint8_t*>(password.data()), password.size()));
    event.credentials = std::make_shared<const access::Credentials>(std::move(credentials));
    const bool complete = fixture.ask(0, fixture.access.authenticate, event, pending);
    if (complete) allowed = event.result.allowed;
    return complete;
  }

  BridgeFixture fixture;
  std::unique_ptr<TestPlugin> plugin;
  std::optional<bool> allowed;
  std::string identity;
  base::ChainPending<Event> pending{[](void* self, Event& event) {
                                      static_cast<OnWorkers*>(self)->allowed = event.result.allowed;
                                      static_cast<OnWorkers*>(self)->identity = event.result.identity;
                                    },
                                    this};
};

}  // namespace

TEST_CASE("Hooks of a blocking plugin run on workers, with copies, and the host does the deferring",
          "[plugin_bridge]") {
  std::string seen;
  OnWorkers* blocking = nullptr;
  OnWorkers instance([&](const void* raw, patchbay_token) {
    const auto& event = *static_cast<const patchbay_authenticate_event*>(raw);
    seen = text(event.username) + ":" + std::string(plugin_bridge::as_text(plugin_bridge::bytes_of(event.password)));
    CHECK(base::current_shard() == base::kNoShard);
    patchbay_grant grant{};
    grant.size = sizeof grant;
    grant.identity = text("known");
    const TestPlugin& plugin = *blocking->plugin;
    return answer_with(PATCHBAY_ALLOW, plugin.answers().grant(plugin.host(), &grant));
  });
  blocking = &instance;
  REQUIRE_FALSE(instance.ask());
  CHECK(seen.empty());
  CHECK(instance.plugin->instance->open_tokens() == 1);
  CHECK(instance.fixture.bridge->workers().run_pending() == 1);
  CHECK(seen == "alice:secret");
  CHECK_FALSE(instance.allowed.has_value());
  instance.fixture.turns();
  CHECK(instance.allowed == true);
  CHECK(instance.identity == "known");
  CHECK(instance.plugin->instance->open_tokens() == 0);
}

TEST_CASE("A blocking plugin may defer too, and complete later", "[plugin_bridge]") {
  patchbay_token kept{};
  OnWorkers blocking([&](const void*, patchbay_token token) {
    kept = token;
    return answer(PATCHBAY_DEFER);
  });
  REQUIRE_FALSE(blocking.ask());
  blocking.fixture.bridge->workers().run_pending();
  blocking.fixture.turns();
  CHECK_FALSE(blocking.allowed.has_value());
  const patchbay_verdict deny = answer(PATCHBAY_DENY);
  CHECK(blocking.plugin->host()->complete(blocking.plugin->host(), kept, &deny) == PATCHBAY_OK);
  blocking.fixture.turns();
  CHECK(blocking.allowed == false);
}

TEST_CASE("A worker's answer after the deadline is stale", "[plugin_bridge]") {
  OnWorkers blocking([&](const void*, patchbay_token) { return answer(PATCHBAY_ALLOW); });
  REQUIRE_FALSE(blocking.ask());
  blocking.fixture.after_ms(5'100);
  CHECK(blocking.allowed == false);
  blocking.fixture.bridge->workers().run_pending();
  CHECK(blocking.plugin->instance->stale() == 1);
  CHECK(blocking.plugin->hook().statistics().late == 1);
}

TEST_CASE("When no worker can take it, the fallback counts at once", "[plugin_bridge]") {
  plugin_bridge::BridgeOptions options;
  options.workers.queue_max = 0;
  OnWorkers blocking([&](const void*, patchbay_token) { return answer(PATCHBAY_ALLOW); }, options);
  CHECK(blocking.ask());
  CHECK(blocking.allowed == false);
  CHECK(blocking.plugin->hook().statistics().refused == 1);
  CHECK(blocking.fixture.bridge->workers().refused() == 1);
}

}  // namespace patchbay::test
