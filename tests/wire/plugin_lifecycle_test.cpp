#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <set>

#include "wire/plugin_broker.h"
#include "wire/support/mqtt_client.h"

using namespace patchbay::wire;  // NOLINT: test

namespace {

/// The reason code with which a CONNECT in this name is answered.
uint8_t connect_as(uint16_t port, const std::string& user_name) {
  MqttClient client(port, {.client_id = "try-" + user_name, .user_name = user_name, .password = "p"});
  return client.connect().reason_code;
}

constexpr const char* kGate = "enabled = [\"gate\"]\n[plugin.gate]\nsoak_s = 0\n";

constexpr const char* kTakenOver = "the configuration of plugins has been taken over";

/// How many files of plugins are mapped into the broker.
size_t mapped_plugins(PluginBroker& broker) {
  std::ifstream maps("/proc/" + std::to_string(broker.process().id()) + "/maps");
  std::set<std::string> files;
  for (std::string line; std::getline(maps, line);) {
    const size_t path = line.find("/plugins/.loaded/");
    if (path != std::string::npos) files.insert(line.substr(path));
  }
  return files.size();
}

}  // namespace

TEST_CASE("plugins: a file from the configuration decides who connects and changes what is published") {
  PluginBroker broker(kGate);
  broker.put("gate_v1", "gate.so");
  broker.start();
  CHECK(connect_as(broker.port(), "alice") == 0);
  CHECK(connect_as(broker.port(), "mallory") == 0x87);
  MqttClient client = MqttClient::connected(broker.port(), {.client_id = "c"});
  client.subscribe({{"#", 2}});
  client.publish("stamp/a", "hello", 1);
  CHECK(client.receive().payload == "1:1:hello");
  client.publish("plain/a", "hello", 1);
  CHECK(client.receive().payload == "hello");
  CHECK(mapped_plugins(broker) == 1);
  CHECK(broker.stop() == 0);
}

TEST_CASE("plugins: SIGHUP enables and disables, and unmaps the code, while clients stay") {
  PluginBroker broker;
  broker.put("gate_v1", "gate.so");
  broker.start();
  MqttClient client = MqttClient::connected(broker.port(), {.client_id = "c"});
  client.subscribe({{"stamp/#", 2}});
  client.publish("stamp/a", "1", 2);
  CHECK(client.receive().payload == "1");
  for (int times = 0; times < 3; ++times) {
    broker.configure(kGate);
    broker.reload_until("after=started");
    CHECK(mapped_plugins(broker) == 1);
    client.publish("stamp/a", "2", 2);
    CHECK(client.receive().payload == "1:1:2");
    CHECK(connect_as(broker.port(), "mallory") == 0x87);
    broker.configure("");
    broker.reload_until("after=unloaded");
    CHECK(mapped_plugins(broker) == 0);
    client.publish("stamp/a", "3", 2);
    CHECK(client.receive().payload == "3");
    CHECK(connect_as(broker.port(), "mallory") == 0);
  }
  client.ping();
  CHECK(broker.stop() == 0);
}

TEST_CASE("plugins: a changed file is upgraded to at SIGHUP, with its state, while clients stay") {
  PluginBroker broker(kGate);
  broker.put("gate_v1", "gate.so");
  broker.start();
  MqttClient client = MqttClient::connected(broker.port(), {.client_id = "c"});
  client.subscribe({{"stamp/#", 2}});
  client.publish("stamp/a", "x", 1);
  CHECK(client.receive().payload == "1:1:x");
  broker.put("gate_v2", "gate.so");
  broker.reload_until("plugin unmapped");
  client.publish("stamp/a", "x", 1);
  CHECK(client.receive().payload == "2:2:x");
  CHECK(mapped_plugins(broker) == 1);
  broker.put("gate_v1", "gate.so");
  broker.reload_until("plugin unmapped");
  client.publish("stamp/a", "x", 1);
  CHECK(client.receive().payload == "1:3:x");
  client.ping();
  CHECK(broker.stop() == 0);
}

TEST_CASE("plugins: changed settings are taken over at SIGHUP; wrong ones are refused and nothing changes") {
  PluginBroker broker(std::string(kGate) + "settings = { deny = \"eve\" }\n");
  broker.put("gate_v1", "gate.so");
  broker.start();
  CHECK(connect_as(broker.port(), "eve") == 0x87);
  CHECK(connect_as(broker.port(), "mallory") == 0);
  broker.configure(std::string(kGate) + "settings = { deny = \"mallory\" }\n");
  broker.reload_until("settings version 2 is in force");
  CHECK(connect_as(broker.port(), "eve") == 0);
  CHECK(connect_as(broker.port(), "mallory") == 0x87);

  broker.configure(std::string(kGate) + "settings = { deny = 3 }\n");
  broker.reload_until("reload refused, what runs stays");
  CHECK(connect_as(broker.port(), "mallory") == 0x87);
  broker.configure(std::string(kGate) + "settings = { deny = \"eve\", refuse = true }\n");
  broker.reload_until("/refuse: found true; allowed: false");
  CHECK(connect_as(broker.port(), "mallory") == 0x87);

  // A setting that needs a new instance: made beside the old one, and swapped.
  broker.configure(std::string(kGate) + "settings = { deny = \"eve\", mark = \"-new\" }\n");
  broker.reload_until("plugin unmapped");
  MqttClient client = MqttClient::connected(broker.port(), {.client_id = "c"});
  client.subscribe({{"stamp/#", 2}});
  client.publish("stamp/a", "x", 1);
  CHECK(client.receive().payload == "1-new:1:x");
  CHECK(connect_as(broker.port(), "eve") == 0x87);
  CHECK(broker.stop() == 0);
}

TEST_CASE("plugins: what is wrong with a file is one sentence, nothing of it is loaded, and what runs is untouched") {
  PluginBroker broker(kGate);
  broker.put("gate_v1", "gate.so");
  broker.start();
  MqttClient client = MqttClient::connected(broker.port(), {.client_id = "c"});
  client.subscribe({{"stamp/#", 2}});
  const auto refuse = [&](const std::string& table, const std::string& sentence) {
    INFO(table);
    broker.configure("enabled = [\"gate\", \"bad\"]\n[plugin.gate]\nsoak_s = 0\n[plugin.bad]\n" + table);
    broker.reload_until(kTakenOver);
    INFO(broker.process().error());
    CHECK(broker.says(sentence));
    CHECK(mapped_plugins(broker) == 1);
    client.publish("stamp/a", "x", 1);
    CHECK(client.receive().payload.ends_with(":x"));
    broker.configure(kGate);
    broker.reload_until(kTakenOver);
  };
  for (const auto& [plugin, sentence] : std::vector<std::pair<std::string, std::string>>{
           {"fault_magic", "found magic 0x0badc0de in its entry; allowed: 0x31424350"},
           {"fault_major", "is built for SDK 7, this host speaks SDK 1.0"},
           {"fault_needs", "needs patchbay.teleport/1, which this host does not offer; offered are: patchbay."},
           {"fault_unresolved",
            "leaves nobody_defines_this to be given by somebody else, but none of the libraries that it names ("},
           {"fault_unresolved", ") does, and the host exports nothing"},
           {"fault_manifest_differs", "differs from the one in section .patchbay.manifest; allowed: the same"},
           {"fault_bad_start", "the licence has run out"},
           {"fault_big_manifest", "its manifest is too large: found 1100000 bytes, at most 1048576 are allowed"},
           {"thrower", "start() answered FAILED"}}) {
    broker.put(plugin, "bad.so");
    refuse("", sentence);
  }
  const std::string outside = ": lies outside of the allowed folders (plugins.dirs), which are: " + broker.plugins();
  refuse("file = \"nothing.so\"\n", "nothing.so: cannot be found: No such file");
  refuse("file = \"/etc/passwd\"\n", "/etc/passwd" + outside);
  refuse("file = \"../patchbay.toml\"\n", "patchbay.toml)" + outside);
  broker.folder().write("plugins/text.so", "no plugin at all");
  refuse("file = \"text.so\"\n",
         "text.so: not an ELF file: found 16 bytes without the ELF magic at the start; allowed: shared objects");
  broker.put("gate_v2", "open.so");
  ::chmod((broker.plugins() + "/open.so").c_str(), 0777);
  refuse("file = \"open.so\"\n", "open.so: has mode 0777, so others may write to it; allowed are modes without");
  broker.put("gate_v2", "bad.so");
  refuse("settings = { colour = \"red\" }\n", "/colour: is unknown, expected one of ");
  refuse("sha256 = \"" + std::string(64, '0') + "\"\n", ", expected 0000");
  refuse("id = \"org.example.other\"\n", "allowed: org.example.other");
  CHECK(broker.stop() == 0);
}

TEST_CASE("plugins: an upgrade that fails leaves the old version alone") {
  PluginBroker broker(kGate);
  broker.put("gate_v1", "gate.so");
  broker.start();
  MqttClient client = MqttClient::connected(broker.port(), {.client_id = "c"});
  client.subscribe({{"stamp/#", 2}});
  broker.put("fault_bad_start", "gate.so");
  broker.reload_until("the licence has run out");
  client.publish("stamp/a", "x", 1);
  CHECK(client.receive().payload == "1:1:x");
  CHECK(broker.stop() == 0);
}

TEST_CASE("plugins: one that fails at the start is left out, unless the operator says that it is required") {
  PluginBroker broker("enabled = [\"gate\", \"bad\"]\n");
  broker.put("gate_v1", "gate.so");
  broker.put("fault_bad_start", "bad.so");
  broker.start();
  CHECK(broker.says("alarm raised"));
  CHECK(broker.says("the licence has run out"));
  CHECK(connect_as(broker.port(), "mallory") == 0x87);
  CHECK(broker.stop() == 0);

  broker.configure("enabled = [\"gate\", \"bad\"]\n[plugin.bad]\nboot = \"required\"\n");
  broker.launch();
  const auto code = broker.process().wait_exit();
  REQUIRE(code);
  CHECK(*code == 1);
  CHECK(broker.says("plugin.bad: boot is \"required\", and it does not run: start() answered FAILED: the licence"));
}

TEST_CASE("plugins: code that cannot be unmapped is never called again, and said to be there") {
  PluginBroker broker("enabled = [\"wanderer\"]\n[plugin.wanderer]\ndrain_s = 0\n");
  broker.put("fault_thread", "wanderer.so");
  broker.start();
  MqttClient client = MqttClient::connected(broker.port(), {.client_id = "c"});
  broker.configure("");
  broker.reload_until("after=zombie");
  CHECK(broker.says("after stop() there is still thread"));
  CHECK(mapped_plugins(broker) == 1);
  client.publish("a", "x", 1);
  client.ping();
  CHECK(broker.stop() == 0);
}

TEST_CASE("plugins: message references that are not given back are counted by name") {
  PluginBroker broker("enabled = [\"leaker\"]\n[plugin.leaker]\ndrain_s = 0\n");
  broker.put("fault_leak", "leaker.so");
  broker.start();
  MqttClient client = MqttClient::connected(broker.port(), {.client_id = "c"});
  client.publish("a", "x", 1);
  broker.configure("");
  broker.reload_until("after=zombie");
  CHECK(broker.says("1 message reference"));
  CHECK(broker.stop() == 0);
}

TEST_CASE("plugins: a question that is answered twice, or never, holds up nobody else") {
  PluginBroker broker("enabled = [\"twice\", \"never\"]\n");
  broker.put("fault_twice", "twice.so");
  broker.put("fault_defer", "never.so");
  broker.start();
  MqttClient slow = MqttClient::connected(broker.port(), {.client_id = "slow"});
  slow.subscribe({{"a", 1}});
  slow.publish("a", "x", 1);  // the deadline of 300 ms passes, and the operator's fallback lets it through
  CHECK(slow.receive().payload == "x");
  broker.configure("");
  broker.reload_until("after=unloaded");
  slow.ping();
  CHECK(broker.stop() == 0);
}

TEST_CASE("plugins: an upgrade that does badly is rolled back within its soak time") {
  PluginBroker broker("enabled = [\"fault\"]\n[plugin.fault]\nsoak_s = 60\n");
  broker.put("fault_none", "fault.so");
  broker.start();
  MqttClient client = MqttClient::connected(broker.port(), {.client_id = "c"});
  broker.put("fault_down", "fault.so");
  broker.reload_until("was rolled back");
  CHECK(broker.says("its health is down: the database is gone"));
  // The same file is not tried again.
  broker.reload_until(kTakenOver);
  client.ping();
  CHECK(broker.stop() == 0);
}

TEST_CASE("plugins: one that crashes the broker twice is left out at the third start") {
  PluginBroker broker("enabled = [\"crash\", \"gate\"]\n");
  broker.put("fault_crash", "crash.so");
  broker.put("gate_v1", "gate.so");
  for (int times = 0; times < 2; ++times) {
    broker.start();
    MqttClient client = MqttClient::connected(broker.port(), {.client_id = "c"});
    try {
      client.publish("a", "x", 1);
    } catch (const std::exception&) {
      // The connection ends with the broker.
    }
    REQUIRE(broker.process().wait_exit());
    CHECK(broker.says("plugin 'crash'"));
  }
  broker.start();
  CHECK(broker.says("its code was running at two crashes within ten minutes"));
  MqttClient client = MqttClient::connected(broker.port(), {.client_id = "c"});
  client.publish("a", "x", 1);
  CHECK(connect_as(broker.port(), "mallory") == 0x87);
  CHECK(broker.stop() == 0);
}

TEST_CASE("plugins: observers of the control plane hear of listeners, changes, alarms and the end") {
  PluginBroker broker("enabled = [\"watcher\"]\n");
  broker.put("watcher", "watcher.so");
  broker.start();
  CHECK(broker.process().wait_for("saw hook 52: tcp:default: stopped -> running"));
  CHECK(broker.process().wait_for("saw hook 56: "));
  CHECK(broker.process().wait_for(":  -> joined"));
  broker.configure("enabled = [\"watcher\", \"bad\"]\n");
  broker.reload_until("saw hook 54: plugin/bad:  -> active");
  CHECK(broker.says("saw hook 51: plugins.enabled: "));
  CHECK(broker.process().wait_for("saw hook 58: /configuration:  -> applied"));
  CHECK(broker.stop() == 0);
  CHECK(broker.says("saw hook 52: tcp:default: running -> stopped"));
  CHECK(broker.says("saw hook 59: "));
  CHECK(broker.says(": joined -> left"));
}

TEST_CASE("plugins: a reload is refused while admin.before says so, and audited") {
  PluginBroker broker("enabled = [\"watcher\"]\n[plugin.watcher]\nsettings = { frozen = true }\n");
  broker.put("watcher", "watcher.so");
  broker.start();
  broker.configure("enabled = []\n");
  broker.reload_until("a plugin does not allow changes now");
  CHECK(broker.process().wait_for("saw hook 58: /configuration:  -> refused"));
  CHECK(broker.stop() == 0);
}
