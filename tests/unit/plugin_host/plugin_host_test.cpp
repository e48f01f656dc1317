#include "plugin_host/plugin_host.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <future>

#include "package/sha256.h"
#include "unit/plugin_host/host_fixture.h"

using namespace patchbay::plugin_host;           // NOLINT: test
using namespace patchbay::plugin_host::testing;  // NOLINT: test
namespace config = patchbay::config;

namespace {

std::vector<std::string> states(const InstanceStatus& status) {
  std::vector<std::string> names;
  for (const PluginTransition& transition : status.transitions) names.emplace_back(plugin_state_name(transition.state));
  return names;
}

std::string sha256_of_file(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  patchbay::package::Sha256 hash;
  hash.add(bytes.data(), bytes.size());
  return hash.finish();
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("an instance goes up and down through all its states, and its code is unmapped") {
  HostFixture fixture;
  fixture.with("gate_v1", "gate");
  REQUIRE(fixture.boot());
  InstanceStatus status = fixture.status("gate");
  CHECK(status.state == PluginState::started);
  CHECK(states(status) == std::vector<std::string>{"verified", "loaded", "configured", "started"});
  CHECK(status.plugin_id == "org.example.gate");
  CHECK(status.version == "1.0.0");
  CHECK(status.number != 0);
  CHECK(status.settings_version == 1);
  CHECK(contains(status.settings, R"("deny":"mallory")"));
  REQUIRE(status.hooks.size() == 2);
  CHECK(status.hooks[0].hook == "auth.authenticate");
  CHECK(status.hooks[1].phase == "transform");
  CHECK(fixture.mapped() == 1);

  const Outcome outcome = fixture.disable("gate");
  CHECK(outcome.ok);
  CHECK(fixture.mapped() == 0);
  status = fixture.status("gate");
  CHECK(status.state == PluginState::unloaded);
  CHECK(status.hooks.empty());
  CHECK(fixture.services.lives() == std::vector<std::string>{"gate 1.0.0: attach", "gate 1.0.0: opened",
                                                             "gate 1.0.0: draining", "gate 1.0.0: stopping",
                                                             "gate 1.0.0: stopped"});
  CHECK(fixture.alarms().active().empty());
  CHECK(fixture.host().leaving().empty());
}

TEST_CASE("what cannot run says why in a sentence, with an alarm that ends when it runs") {
  HostFixture fixture;
  fixture.with("fault_bad_start", "bad");
  fixture.with("gate_v1", "gate");
  REQUIRE(fixture.boot());
  CHECK(fixture.status("gate").state == PluginState::started);
  const InstanceStatus bad = fixture.status("bad");
  CHECK(bad.state == PluginState::failed);
  CHECK(bad.reason == "start() answered FAILED: the licence has run out");
  CHECK(fixture.alarms().is_active("plugin/bad"));
  CHECK(fixture.eventually([&] { return fixture.mapped() == 1; }));
  fixture.put("fault_none", "bad.so");
  CHECK(fixture.enable("bad").ok);
  CHECK_FALSE(fixture.alarms().is_active("plugin/bad"));
}

TEST_CASE("a required plugin that does not run refuses the start") {
  HostFixture fixture;
  config::PluginConfig required;
  required.boot = config::PluginBoot::required;
  fixture.with("fault_bad_start", "bad", required);
  const auto booted = fixture.boot();
  REQUIRE_FALSE(booted);
  CHECK(contains(booted.error(), "plugin.bad: boot is \"required\", and it does not run: start() answered FAILED"));
}

TEST_CASE("an upgrade hands the state over, swaps, and unmaps the old version") {
  HostFixture fixture;
  fixture.with("gate_v1", "gate");
  fixture.put("gate_v2", "new.so");
  REQUIRE(fixture.boot());
  const uint32_t number = fixture.status("gate").number;
  const Outcome outcome = fixture.upgrade("gate", "new.so");
  CHECK(outcome.ok);
  CHECK(outcome.sentence == "version 2.0.0 took over from 1.0.0");
  CHECK(fixture.status("gate").version == "2.0.0");
  CHECK(fixture.status("gate").number != number);
  CHECK(fixture.eventually([&] { return fixture.mapped() == 1 && fixture.host().leaving().empty(); }));
  CHECK(fixture.status("gate").state == PluginState::started);
  const std::vector<std::string> lives = fixture.services.lives();
  const auto place = [&](const std::string& what) {
    return std::find(lives.begin(), lives.end(), what) - lives.begin();
  };
  CHECK(place("gate 2.0.0: opened") < place("gate 1.0.0: draining"));
}

TEST_CASE("an upgrade that fails leaves everything as it was") {
  HostFixture fixture;
  fixture.with("gate_v1", "gate");
  fixture.put("fault_bad_start", "new.so");
  fixture.put("fault_magic", "magic.so");
  REQUIRE(fixture.boot());
  CHECK_FALSE(fixture.upgrade("gate", "new.so").ok);
  CHECK_FALSE(fixture.upgrade("gate", "magic.so").ok);
  CHECK_FALSE(fixture.upgrade("gate", "nothing.so").ok);
  CHECK_FALSE(fixture.upgrade("nobody", "new.so").ok);
  CHECK(fixture.status("gate").version == "1.0.0");
  CHECK(fixture.status("gate").state == PluginState::started);
  CHECK(fixture.eventually([&] { return fixture.mapped() == 1; }));
}

TEST_CASE("within the soak time a version that is down is rolled back, and its file is not tried again") {
  HostFixture fixture;
  fixture.with("fault_none", "fault");
  fixture.instances["fault"].soak_s = 60;
  REQUIRE(fixture.boot());
  fixture.put("fault_down", "fault.so");
  CHECK(fixture.upgrade("fault", "").ok);
  CHECK(fixture.eventually([&] { return fixture.alarms().is_active("plugin/fault/rollback"); }));
  CHECK(fixture.eventually([&] { return fixture.host().leaving().empty() && fixture.mapped() == 1; }));
  const InstanceStatus status = fixture.status("fault");
  CHECK(status.state == PluginState::started);
  CHECK(contains(status.reason, "rolled back from version 2.0.0, since its health is down: the database is gone"));
  const std::string sha256 = status.sha256;
  CHECK(fixture.reload().ok);
  CHECK(fixture.status("fault").sha256 == sha256);
}

TEST_CASE("a step that does not return is named; the host goes on without it") {
  HostFixture fixture;
  fixture.limits.start.limit_ms = 50;
  fixture.limits.stop.limit_ms = 50;
  fixture.with("fault_hang_start", "hang");
  fixture.with("fault_slow_stop", "slow");
  fixture.with("gate_v1", "gate");
  REQUIRE(fixture.boot());
  CHECK(fixture.status("hang").state == PluginState::failed);
  CHECK(contains(fixture.status("hang").reason, "start() has not returned within 50 ms"));
  CHECK(fixture.alarms().is_active("plugin/hang/start"));
  CHECK(fixture.status("gate").state == PluginState::started);
  const Outcome outcome = fixture.disable("slow");
  CHECK_FALSE(outcome.ok);
  CHECK(outcome.sentence == "stop() has not returned in time");
  CHECK(fixture.status("slow").state == PluginState::zombie);
  CHECK(fixture.alarms().is_active("plugin/slow/zombie"));
  CHECK(fixture.disable("gate").ok);
  CHECK(fixture.host().leaving().size() == 2);
}

TEST_CASE("code that stays mapped is a zombie, and so is one whose thread lives on") {
  HostFixture fixture;
  fixture.with("fault_thread", "thread");
  fixture.instances["thread"].drain_s = 0;
  fixture.loader.stubborn = false;
  REQUIRE(fixture.boot());
  const Outcome thread = fixture.disable("thread");
  CHECK_FALSE(thread.ok);
  CHECK(contains(thread.sentence, "after stop() there is still thread "));
  fixture.loader.stubborn = true;
  fixture.put("gate_v1", "gate.so");
  CHECK(fixture.enable("gate").ok);
  const Outcome stubborn = fixture.disable("gate");
  CHECK_FALSE(stubborn.ok);
  CHECK(stubborn.sentence == "it is still mapped after dlclose");
  CHECK(fixture.status("gate").state == PluginState::zombie);
  // A zombie doesn't stand in the way of a new start.
  fixture.loader.stubborn = false;
  CHECK(fixture.enable("gate").ok);
}

TEST_CASE("settings have versions, a dry run, a guard against lost updates, and a way back") {
  HostFixture fixture;
  fixture.with("gate_v1", "gate");
  fixture.instances["gate"].settings = R"({"deny":"eve","secret":"s3cret"})";
  REQUIRE(fixture.boot());
  const auto configure = [&](const std::string& settings, bool dry_run = false,
                             std::optional<uint64_t> expected = std::nullopt) {
    return wait_for([&](Done done) {
      fixture.host().configure("gate", {settings, "admin", "", expected, dry_run}, std::move(done));
    });
  };
  CHECK(contains(fixture.status("gate").settings, "\"secret\":\"••••\""));
  CHECK(configure(R"({"deny":"trudy"})", true).sentence == "the settings would do");
  CHECK(fixture.status("gate").settings_version == 1);
  const Outcome wrong = configure(R"({"deny":1,"colour":"red"})");
  CHECK_FALSE(wrong.ok);
  CHECK(wrong.details.size() == 2);
  CHECK(contains(configure(R"({"refuse":true})").sentence, "/refuse: found true; allowed: false"));
  CHECK(configure(R"({"deny":"trudy","secret":"••••"})", false, 1).ok);
  CHECK(fixture.status("gate").settings_version == 2);
  CHECK(contains(fixture.status("gate").settings, "trudy"));
  const Outcome late = configure("{}", false, 1);
  CHECK_FALSE(late.ok);
  CHECK(contains(late.sentence, "found version 2"));
  // A setting that is marked x-restart takes a new instance, and no file.
  const uint32_t number = fixture.status("gate").number;
  CHECK(configure(R"({"mark":"m"})").ok);
  CHECK(fixture.status("gate").number != number);
  const auto versions = fixture.host().versions("gate");
  REQUIRE(versions.size() == 3);
  CHECK(versions[0].author == "admin");
  CHECK(versions[2].author == "file");
  CHECK(wait_for([&](Done done) { fixture.host().roll_back("gate", 1, "admin", std::move(done)); }).ok);
  CHECK(contains(fixture.status("gate").settings, "eve"));
  CHECK(fixture.status("gate").settings_version == 4);
  // What was said last holds after a restart; the file counts again when its text changes.
  CHECK(configure(R"({"deny":"oscar"})").ok);
  fixture.end_host();
  REQUIRE(fixture.boot());
  CHECK(contains(fixture.status("gate").settings, "oscar"));
  fixture.instances["gate"].settings = R"({"deny":"peggy"})";
  CHECK(fixture.reload().ok);
  CHECK(contains(fixture.status("gate").settings, "peggy"));
}

TEST_CASE("what the operator enables, disables and places at run time holds after a restart") {
  HostFixture fixture;
  fixture.with("gate_v1", "one");
  fixture.with("gate_v1", "two");
  fixture.put("gate_v2", "three.so");
  REQUIRE(fixture.boot());
  CHECK(fixture.enable("three").ok);
  CHECK(fixture.disable("one").ok);
  CHECK(wait_for([&](Done done) { fixture.host().reorder("two", "before:three", std::move(done)); }).ok);
  CHECK_FALSE(wait_for([&](Done done) { fixture.host().reorder("two", "before:nobody", std::move(done)); }).ok);
  CHECK_FALSE(wait_for([&](Done done) { fixture.host().reorder("two", "sideways", std::move(done)); }).ok);
  fixture.end_host();
  REQUIRE(fixture.boot());
  CHECK(fixture.status("one").state == PluginState::installed);
  CHECK(fixture.status("two").state == PluginState::started);
  CHECK(fixture.status("three").state == PluginState::started);
  const auto order = fixture.host().order();
  REQUIRE(order.size() == 2);
  CHECK(order[0].hook == "auth.authenticate");
  REQUIRE(order[0].positions.size() == 2);
  CHECK(order[0].positions[0].instance == "two");
  CHECK(order[0].positions[0].reason == "operator: before:three");
  // The file says something new about one of them: the file counts.
  fixture.plugins.enabled = {"two"};
  CHECK(fixture.reload().ok);
  CHECK(fixture.status("three").state == PluginState::started);
  fixture.plugins.enabled = {"one", "two", "three"};
  CHECK(fixture.reload().ok);
  CHECK(fixture.status("one").state == PluginState::started);
}

TEST_CASE("the order of one hook can be given in full, and taken back") {
  HostFixture fixture;
  fixture.with("gate_v1", "a");
  fixture.with("gate_v1", "b");
  fixture.with("gate_v1", "c");
  REQUIRE(fixture.boot());
  const auto names = [&] {
    std::vector<std::string> result;
    const auto order = fixture.host().order();
    for (const auto& position : order[0].positions) result.push_back(position.instance);
    return result;
  };
  CHECK(names() == std::vector<std::string>{"a", "b", "c"});
  CHECK(wait_for([&](Done done) { fixture.host().order_hook("auth.authenticate", {"c", "a"}, std::move(done)); }).ok);
  CHECK(names() == std::vector<std::string>{"c", "a", "b"});
  CHECK(wait_for([&](Done done) { fixture.host().order_hook("auth.authenticate", {}, std::move(done)); }).ok);
  CHECK(names() == std::vector<std::string>{"a", "b", "c"});
  CHECK_FALSE(wait_for([&](Done done) { fixture.host().order_hook("no.hook", {}, std::move(done)); }).ok);
}

TEST_CASE("a reload enables, disables, upgrades and leaves alone what has not changed") {
  HostFixture fixture;
  fixture.with("gate_v1", "stays");
  fixture.with("gate_v1", "goes");
  fixture.with("gate_v1", "changes");
  REQUIRE(fixture.boot());
  const uint32_t number = fixture.status("stays").number;
  fixture.put("gate_v2", "changes.so");
  fixture.put("gate_v2", "comes.so");
  fixture.plugins.enabled = {"stays", "changes", "comes"};
  const Outcome outcome = fixture.reload();
  CHECK(outcome.ok);
  CHECK(fixture.status("stays").number == number);
  CHECK(fixture.status("changes").version == "2.0.0");
  CHECK(fixture.status("comes").state == PluginState::started);
  CHECK(fixture.eventually([&] { return fixture.status("goes").state == PluginState::unloaded; }));
  CHECK(fixture.eventually([&] { return fixture.mapped() == 3; }));
}

TEST_CASE("a file is installed only with its own hash, and runs from the host's folder") {
  HostFixture fixture;
  REQUIRE(fixture.boot());
  const std::string file = std::string(PATCHBAY_TEST_PLUGINS) + "/gate_v1.so";
  const std::string sha256 = sha256_of_file(file);
  const auto install = [&](const std::string& expected) {
    return wait_for([&](Done done) { fixture.host().install({file, expected, {}, {}}, std::move(done)); });
  };
  CHECK_FALSE(install(std::string(64, 'a')).ok);
  const Outcome installed = install(sha256);
  INFO(installed.sentence);
  REQUIRE(installed.ok);
  config::PluginConfig gate;
  gate.file = std::filesystem::path(installed.sentence).filename().string();
  gate.sha256 = sha256;
  CHECK(fixture.enable("gate", gate).ok);
  CHECK(fixture.status("gate").sha256 == sha256);
}

TEST_CASE(
    "a file that comes in as an instance is known, runs when it is told to, outlives a restart, and can be forgotten") {
  HostFixture fixture;
  REQUIRE(fixture.boot());
  const std::string file = std::string(PATCHBAY_TEST_PLUGINS) + "/gate_v1.so";
  const InstallRequest request{file, sha256_of_file(file), "gate", {"kv"}};
  const auto install = [&](const InstallRequest& one) {
    return wait_for([&](Done done) { fixture.host().install(one, std::move(done)); });
  };
  const auto forget = [&](const std::string& name) {
    return wait_for([&](Done done) { fixture.host().forget(name, std::move(done)); });
  };
  InstallRequest bad_name = request;
  bad_name.instance = "../gate";
  CHECK(contains(install(bad_name).sentence, "allowed: letters, digits"));
  const Outcome installed = install(request);
  REQUIRE(installed.ok);
  const InstanceStatus known = fixture.status("gate");
  CHECK(known.state == PluginState::installed);
  CHECK_FALSE(known.enabled);
  CHECK(known.version == "1.0.0");
  CHECK(known.plugin_id == "org.example.gate");
  REQUIRE(fixture.host().settings_schema("gate"));
  CHECK(contains(*fixture.host().settings_schema("gate"), "\"deny\""));
  CHECK_FALSE(fixture.host().settings_schema("nobody"));
  CHECK(fixture.mapped() == 0);

  CHECK(wait_for([&](Done done) { fixture.host().enable("gate", std::nullopt, std::move(done)); }).ok);
  const InstanceStatus running = fixture.status("gate");
  CHECK(running.state == PluginState::started);
  CHECK(std::find(running.permissions.begin(), running.permissions.end(), "kv") != running.permissions.end());
  CHECK(contains(install(request).sentence, "'gate' runs; upgrade it, or stop it first"));
  CHECK(contains(forget("gate").sentence, "'gate' runs; stop it first"));

  fixture.end_host();
  REQUIRE(fixture.boot());
  CHECK(fixture.status("gate").state == PluginState::started);
  CHECK(fixture.disable("gate").ok);
  CHECK(std::filesystem::exists(installed.sentence));
  CHECK(forget("gate").ok);
  CHECK_FALSE(std::filesystem::exists(installed.sentence));
  CHECK_FALSE(fixture.host().status("gate"));
  CHECK_FALSE(forget("gate").ok);
}

TEST_CASE("an authenticator that is enabled and does not run is told of, until it runs or is no longer wanted") {
  HostFixture fixture;
  config::PluginConfig bad;
  bad.settings = R"({"deny": 5})";
  fixture.with("gate_v1", "gate", bad);
  REQUIRE(fixture.boot());
  CHECK(fixture.status("gate").state == PluginState::failed);
  CHECK(fixture.authenticator_absent);
  CHECK_FALSE(fixture.authorizer_absent);
  fixture.instances["gate"].settings = "{}";
  CHECK(fixture.enable("gate", fixture.instances["gate"]).ok);
  CHECK(fixture.eventually([&] { return !fixture.authenticator_absent; }));
}

TEST_CASE("a plugin that decides nothing about who connects may fail without a word about access") {
  HostFixture fixture;
  fixture.with("fault_bad_start", "bad");
  REQUIRE(fixture.boot());
  CHECK(fixture.status("bad").state == PluginState::failed);
  CHECK_FALSE(fixture.authenticator_absent);
  CHECK_FALSE(fixture.authorizer_absent);
}

TEST_CASE("what the configuration file names is not forgotten") {
  HostFixture fixture;
  fixture.with("gate_v1", "gate");
  REQUIRE(fixture.boot());
  CHECK(fixture.disable("gate").ok);
  const Outcome outcome = wait_for([&](Done done) { fixture.host().forget("gate", std::move(done)); });
  CHECK_FALSE(outcome.ok);
  CHECK(contains(outcome.sentence, "named in the configuration file"));
}

TEST_CASE("breakers can be forced, and operations that make no sense are refused") {
  HostFixture fixture;
  fixture.with("gate_v1", "gate");
  REQUIRE(fixture.boot());
  const auto force = [&](const std::string& name, const std::string& hook, bool open) {
    return wait_for([&](Done done) { fixture.host().force_breaker(name, hook, open, std::move(done)); });
  };
  CHECK(force("gate", "auth.authenticate", true).ok);
  CHECK(fixture.status("gate").hooks[0].breaker == patchbay::plugin_bridge::Breaker::State::quarantined);
  CHECK(fixture.status("gate").state == PluginState::started);
  CHECK(fixture.alarms().active().empty());
  CHECK(force("gate", "", false).ok);
  CHECK(fixture.status("gate").hooks[0].breaker == patchbay::plugin_bridge::Breaker::State::closed);
  CHECK_FALSE(force("gate", "acl.publish", true).ok);
  CHECK_FALSE(force("nobody", "", true).ok);
  CHECK_FALSE(fixture.enable("gate").ok);
  CHECK_FALSE(fixture.enable("../gate").ok);
  CHECK_FALSE(fixture.disable("nobody").ok);
  fixture.host().stop();
  CHECK(fixture.disable("gate").sentence == "the plugin host has stopped");
}

TEST_CASE("settings of an older form are migrated by the plugin, at an upgrade and at a start") {
  HostFixture fixture;
  fixture.with("gate_v1", "gate");
  fixture.instances["gate"].settings = R"({"deny":"eve"})";
  REQUIRE(fixture.boot());
  fixture.put("gate_v3", "gate.so");
  CHECK(fixture.upgrade("gate", "").ok);
  CHECK(contains(fixture.status("gate").settings, R"("deny":"eve","mark":"-migrated")"));
  CHECK(fixture.status("gate").settings_version == 2);
  CHECK(fixture.host().versions("gate")[0].author == "migration");
  CHECK(fixture.host().versions("gate")[0].config_version == 2);
}

TEST_CASE("observers of the control plane are told, and are asked before a change") {
  const CollectedLog log;
  HostFixture fixture;
  fixture.with("watcher", "watcher");
  REQUIRE(fixture.boot());
  fixture.put("gate_v1", "gate.so");
  CHECK(fixture.enable("gate").ok);
  const auto ask = [&](const std::string& object) {
    std::promise<bool> answer;
    fixture.host().ask(patchbay::hooks::HookId::admin_before, {"admin", "POST", object, "{}"},
                       [&](bool allowed) { answer.set_value(allowed); });
    return answer.get_future().get();
  };
  CHECK(ask("clients"));
  CHECK_FALSE(ask("forbidden"));
  fixture.stop();
  CHECK(log.says("saw hook 53: gate: installed -> verified"));
  CHECK(log.says("saw hook 53: gate: configured -> started"));
}

TEST_CASE("a hundred upgrades leave nothing behind") {
  HostFixture fixture;
  fixture.with("gate_v1", "gate");
  fixture.put("gate_v2", "two.so");
  fixture.put("gate_v1", "one.so");
  REQUIRE(fixture.boot());
  for (int times = 0; times < 50; ++times) {
    REQUIRE(fixture.upgrade("gate", "two.so").ok);
    REQUIRE(fixture.upgrade("gate", "one.so").ok);
  }
  CHECK(fixture.eventually([&] { return fixture.host().leaving().empty(); }));
  CHECK(fixture.mapped() == 1);
  size_t copies = 0;
  for (const auto& entry : std::filesystem::directory_iterator(fixture.folder() / "data" / "plugins" / ".loaded"))
    copies += entry.is_regular_file() ? 1 : 0;
  CHECK(copies == 1);
}
