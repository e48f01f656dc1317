#include <catch2/catch.hpp>

#include "support/shard_fixture.h"
#include "unit/plugin_bridge/support/bridge_fixture.h"

namespace patchbay::test {

TEST_CASE("The table says who is asking, and what time it is", "[plugin_bridge]") {
  BridgeFixture fixture;
  TestPlugin plugin(fixture, TestPlugin::facts("acl", 12));
  const patchbay_host* host = plugin.host();
  CHECK(host->size == sizeof(patchbay_host));
  CHECK(host->abi_major == PATCHBAY_ABI_MAJOR);
  CHECK(text(host->instance_name(host)) == "acl");
  CHECK(host->instance_number(host) == 12);
  CHECK(host->now_ms(host) == fixture.clock.steady_ms());
  CHECK(host->now_unix_ms(host) == fixture.clock.unix_ms());
  CHECK(host->shard_count(host) == BridgeFixture::kShards);
  CHECK(host->shard_index(host) == UINT32_MAX);
  fixture.turn(1, [&] { CHECK(host->shard_index(host) == 1); });
}

TEST_CASE("Interfaces are given by id, and with the permission that they need", "[plugin_bridge]") {
  BridgeFixture fixture;
  RecordingLog log;
  static const int kTable = 1;
  const auto give = [](void* context, plugin_bridge::Instance&) -> const void* { return context; };
  fixture.bridge->interfaces().offer("patchbay.free/1", "", give, const_cast<int*>(&kTable));
  fixture.bridge->interfaces().offer("patchbay.guarded/1", "fire", give, const_cast<int*>(&kTable));
  TestPlugin plugin(fixture);
  auto facts = TestPlugin::facts("granted", 2);
  facts.permissions.insert("fire");
  TestPlugin granted(fixture, facts);
  CHECK(plugin.host()->get(plugin.host(), "patchbay.free/1") == &kTable);
  CHECK(plugin.host()->get(plugin.host(), "patchbay.none/1") == nullptr);
  CHECK(plugin.host()->get(plugin.host(), nullptr) == nullptr);
  CHECK(log.lines.empty());
  CHECK(plugin.host()->get(plugin.host(), "patchbay.guarded/1") == nullptr);
  CHECK(log.lines.empty());  // a plugin may ask for what it can live without: told at debug only
  base::set_log_level(base::LogArea::plugin, base::LogLevel::debug);
  CHECK(plugin.host()->get(plugin.host(), "patchbay.guarded/1") == nullptr);
  base::set_log_level(base::LogArea::plugin, base::LogLevel::info);
  REQUIRE(log.lines.size() == 1);
  CHECK(log.lines[0].find("permission 'fire' has not been granted") != std::string::npos);
  CHECK(granted.host()->get(granted.host(), "patchbay.guarded/1") == &kTable);
  CHECK(fixture.bridge->interfaces().permission_of("patchbay.guarded/1") == "fire");
}

TEST_CASE("Log lines carry the instance's name, its own level, and a bound", "[plugin_bridge]") {
  BridgeFixture fixture;
  RecordingLog log;
  TestPlugin plugin(fixture);
  const patchbay_host* host = plugin.host();
  host->log(host, PATCHBAY_LOG_WARNING, text("low on fuel"));
  host->log(host, PATCHBAY_LOG_DEBUG, text("not shown"));
  CHECK(log.lines == std::vector<std::string>{"warning low on fuel plugin=plugin1"});
  CHECK(host->log_enabled(host, PATCHBAY_LOG_INFO) == 1);
  CHECK(host->log_enabled(host, PATCHBAY_LOG_DEBUG) == 0);
  plugin.instance->log().set_level(PATCHBAY_LOG_ERROR);
  CHECK(host->log_enabled(host, PATCHBAY_LOG_INFO) == 0);
  host->log(host, PATCHBAY_LOG_ERROR, text("on fire"));
  CHECK(log.lines.back() == "error on fire plugin=plugin1");

  log.lines.clear();
  for (int i = 0; i < 100; ++i) host->log(host, PATCHBAY_LOG_ERROR, text("again"));
  CHECK(log.lines.size() == plugin_bridge::InstanceLog::kLinesPerSecond - 2);
  CHECK(plugin.instance->log().suppressed() == 52);
  fixture.clock.advance_ms(1'000);
  log.lines.clear();
  host->log(host, PATCHBAY_LOG_ERROR, text("later"));
  CHECK(log.lines ==
        std::vector<std::string>{"warning lines suppressed plugin=plugin1 lines=52", "error later plugin=plugin1"});
}

TEST_CASE("Scratch memory lasts for the hook and has an end", "[plugin_bridge]") {
  BridgeFixture fixture;
  TestPlugin plugin(fixture);
  const patchbay_host* host = plugin.host();
  CHECK(host->scratch(host, 10) == nullptr);  // no hook runs
  void* first = nullptr;
  plugin.on(PATCHBAY_HOOK_publish_rewrite, PATCHBAY_PHASE_TRANSFORM, [&](const void*, patchbay_token) {
    void* memory = host->scratch(host, 100);
    REQUIRE(memory != nullptr);
    CHECK(reinterpret_cast<uintptr_t>(memory) % 16 == 0);
    if (first == nullptr) first = memory;
    CHECK(memory == first);  // the one before is over
    CHECK(host->scratch(host, 1) == static_cast<std::byte*>(memory) + 112);
    CHECK(host->scratch(host, 65'536) == nullptr);
    CHECK(host->scratch(host, 65'536 - 128) != nullptr);
    CHECK(host->scratch(host, 1) == nullptr);
    CHECK(host->scratch(host, SIZE_MAX) == nullptr);
    return answer(PATCHBAY_CONTINUE);
  });
  plugin.start();
  fixture.publish({plugin.instance.get()});
  const auto client = make_client();
  for (int i = 0; i < 2; ++i) {
    hooks::PublishRewriteEvent event;
    event.client = client.get();
    event.topic = "a";
    fixture.ask(0, fixture.points.publish_rewrite, event);
  }
  fixture.publish({});
}

TEST_CASE("Extensions belong to their instance and end with it, last one first", "[plugin_bridge]") {
  struct Extension final : plugin_bridge::InstanceExtension {
    Extension(std::string& ends, char letter) : ends_(ends), letter_(letter) {}
    ~Extension() override { ends_.push_back(letter_); }
    std::string& ends_;
    char letter_;
  };
  BridgeFixture fixture;
  static const size_t first = plugin_bridge::Instance::new_extension_key();
  static const size_t second = plugin_bridge::Instance::new_extension_key();
  std::string ends;
  {
    TestPlugin plugin(fixture, 1);
    TestPlugin other(fixture, 2);
    plugin.instance->set_extension(first, std::make_unique<Extension>(ends, '1'));
    plugin.instance->set_extension(second, std::make_unique<Extension>(ends, '2'));
    CHECK(static_cast<Extension*>(plugin.instance->extension(second))->letter_ == '2');
    CHECK(other.instance->extension(first) == nullptr);
  }
  CHECK(ends == "21");
}

}  // namespace patchbay::test
