// Plugins over REST, as README's operator section has it: allowed, uploaded, started, seen to act, configured,
// upgraded, stopped and removed by the command line and by curl, while a subscriber stays connected.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "wire/plugin_broker.h"
#include "wire/support/mqtt_client.h"

namespace patchbay::wire {

namespace {

using Json = nlohmann::json;

/// The broker with its API, and an operator on its host.
class Operated {
 public:
  Operated() : broker_({}, "127.0.0.1:0") { broker_.start(); }
  /// With a test's plugin that runs from the start.
  explicit Operated(const std::string& plugin)
      : broker_("enabled = [\"" + plugin + "\"]\n[plugin." + plugin + "]\ndrain_s = 0\n", "127.0.0.1:0") {
    broker_.put(plugin, plugin + ".so");
    broker_.start();
  }

  [[nodiscard]] PluginBroker& broker() { return broker_; }

  Finished ctl(std::vector<std::string> words, const std::string& input = {}) const {
    std::vector<std::string> command{Broker::program(), "ctl", "--data", broker_.data()};
    command.insert(command.end(), words.begin(), words.end());
    return run(std::move(command), 40s, input);
  }
  /// The command's answer, which must be one.
  Json json(std::vector<std::string> words) const {
    words.emplace_back("--json");
    const Finished finished = ctl(words);
    INFO(finished.output + finished.error);
    REQUIRE(finished.exit_code == 0);
    return finished.output.empty() ? Json() : Json::parse(finished.output);
  }
  void done(const std::vector<std::string>& words) const {
    const Finished finished = ctl(words);
    INFO(words[1] + ": " + finished.output + finished.error);
    CHECK(finished.exit_code == 0);
  }
  /// What curl says of a request: body, and the status behind it.
  std::pair<int, std::string> curl(std::vector<std::string> options, const std::string& path) const {
    const auto [url, token] = access();
    std::vector<std::string> command{"curl", "-s", "-w", "\n%{http_code}", "-H", "Authorization: Bearer " + token};
    command.insert(command.end(), options.begin(), options.end());
    command.push_back(url + "/api/v5" + path);
    const std::string output = run(std::move(command)).output;
    const size_t line = output.rfind('\n');
    return {std::stoi(output.substr(line + 1)), output.substr(0, line)};
  }
  [[nodiscard]] std::string plugin(const std::string& name) const {
    const std::filesystem::path copy = broker_.folder().path(name + ".so");
    std::filesystem::copy_file(std::filesystem::path(PATCHBAY_TEST_PLUGINS) / (name + ".so"), copy,
                               std::filesystem::copy_options::overwrite_existing);
    return copy.string();
  }
  [[nodiscard]] std::string upload_as(const std::string& name, const std::string& file_name) const {
    const std::filesystem::path copy = broker_.folder().path(file_name);
    std::filesystem::copy_file(plugin(name), copy, std::filesystem::copy_options::overwrite_existing);
    return copy.string();
  }
  /// Whether a client of that name gets in.
  [[nodiscard]] bool lets_in(const std::string& username) const {
    return run({"mosquitto_pub", "-p", std::to_string(broker_.port()), "-u", username, "-t", "x", "-m", "y", "-q", "1"})
               .exit_code == 0;
  }

 private:
  [[nodiscard]] std::pair<std::string, std::string> access() const {
    std::ifstream file(broker_.data() + "/ctl-token");
    std::string url;
    std::string token;
    std::getline(file, url);
    std::getline(file, token);
    return {url, token};
  }

  PluginBroker broker_;
};

void install_and_start(const Operated& node, const std::string& first) {
  // Not without a permission, and not with one for another file.
  const Finished refused = node.ctl({"plugins", "install", first});
  CHECK(refused.exit_code == 1);
  CHECK(refused.error.find("FORBIDDEN: this file has not been allowed") != std::string::npos);
  node.done({"plugins", "allow", "gate", std::string(64, 'a')});
  CHECK(node.ctl({"plugins", "install", first}).exit_code == 1);

  node.done({"plugins", "allow", "gate", first});
  CHECK(node.curl({"-F", "plugin=@" + first}, "/plugins/install").first == 204);
  CHECK(node.curl({"-F", "plugin=@" + first}, "/plugins/install").first == 403);  // once
  const Json gate = node.json({"plugins", "show", "gate"});
  CHECK(gate["state"] == "installed");
  CHECK(gate["rel_vsn"] == "1.0.0");
  CHECK(node.lets_in("mallory"));

  node.done({"plugins", "start", "gate"});
  CHECK(node.json({"plugins", "show", "gate-1.0.0"})["state"] == "started");
  CHECK_FALSE(node.lets_in("mallory"));
  CHECK(node.lets_in("alice"));
}

void configure(const Operated& node) {
  // Settings: looked at, refused with their place, changed, and taken back.
  CHECK(node.json({"plugins", "config", "gate"})["deny"] == "mallory");
  const auto bad =
      node.curl({"-X", "PUT", "-H", "Content-Type: application/json", "-d", R"({"deny": 5})"}, "/plugins/gate/config");
  CHECK(bad.first == 400);
  CHECK(bad.second.find("/deny") != std::string::npos);
  node.done({"plugins", "configure", "gate", R"({"deny": "alice"})"});
  CHECK_FALSE(node.lets_in("alice"));
  CHECK(node.lets_in("mallory"));
  const auto versions = Json::parse(node.curl({}, "/plugins/gate/config/versions").second);
  REQUIRE(versions.size() == 2);
  CHECK(node.curl({"-H", "Content-Type: application/json", "-d", R"({"version": 1})"}, "/plugins/gate/config/rollback")
            .first == 200);
  CHECK_FALSE(node.lets_in("mallory"));
}

void upgrade(const Operated& node) {
  // The next version, beside the clients that are there.
  const std::string second = node.plugin("gate_v2");
  node.done({"plugins", "allow", "gate", second});
  node.done({"plugins", "upgrade", "gate", second});
  const Json gate = node.json({"plugins", "show", "gate"});
  CHECK(gate["rel_vsn"] == "2.0.0");
  CHECK(gate["soak_previous_version"] == "1.0.0");
  CHECK_FALSE(node.lets_in("mallory"));
}

/// What the broker says on its page for Prometheus of that instance's faults of that kind.
uint64_t scraped_faults(const Operated& node, const std::string& instance, const std::string& kind) {
  const std::string page = node.curl({}, "/prometheus/stats").second;
  const size_t at = page.find("instance=\"" + instance + "\",fault=\"" + kind + "\"} ");
  REQUIRE(at != std::string::npos);
  CHECK(page.rfind("patchbay_plugin_faults{", at) > page.rfind('\n', at));
  return std::stoull(page.substr(page.find(' ', at)));
}

/// Waits until the subscriber has subscribed: what is published before that it does not get.
bool hears_at_last(Operated& node, Process& subscriber) {
  for (int attempt = 0; attempt < 20; ++attempt) {
    run({"mosquitto_pub", "-p", std::to_string(node.broker().port()), "-t", "news", "-m", "before", "-q", "1"});
    if (subscriber.wait_for("news before", 500ms)) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("rest plugins: what a plugin does wrong is counted by kind, in its own answer and for Prometheus",
          "[wire][rest]") {
  Operated node("hook_thrower");
  MqttClient client = MqttClient::connected(node.broker().port(), {.client_id = "c"});
  for (int i = 0; i < 3; ++i) CHECK(client.publish("a", "x", 1) < 0x80);
  const Json faults = node.json({"plugins", "show", "hook_thrower"}).at("faults");
  CHECK(faults.at("threw").get<uint64_t>() >= 3);
  for (const char* kind : {"bad_answer", "hung", "late", "stale", "leak", "thread_left"}) CHECK(faults.at(kind) == 0);
  CHECK(scraped_faults(node, "hook_thrower", "threw") >= 3);
  CHECK(scraped_faults(node, "hook_thrower", "bad_answer") == 0);
  CHECK(node.broker().stop() == 0);
}

TEST_CASE("rest plugins: each kind of fault has a count of its own, under the name of whose it is", "[wire][rest]") {
  const auto& [plugin, kind] = GENERATE(table<std::string, std::string>({{"fault_bad_answer", "bad_answer"},
                                                                         {"fault_hang_hook", "hung"},
                                                                         {"fault_late", "late"},
                                                                         {"fault_twice", "stale"},
                                                                         {"fault_leak", "leak"},
                                                                         {"fault_thread", "thread_left"}}));
  INFO(plugin);
  Operated node(plugin);
  MqttClient client = MqttClient::connected(node.broker().port(), {.client_id = "c"});
  // It may hang for ten seconds; the operator's fallback lets the message through.
  client.send(publish_packet(5, {.topic = "a", .payload = "x", .qos = 1, .packet_id = client.next_packet_id()}));
  CHECK(client.expect(4, std::chrono::milliseconds(20'000)).body.size() >= 2);
  CHECK(client.publish("a", "x", 1) < 0x80);
  if (kind == "leak" || kind == "thread_left") {
    static_cast<void>(node.ctl({"plugins", "stop", plugin}));
    CHECK(node.json({"plugins", "show", plugin}).at("state") == "zombie");
  }
  const Json faults = node.json({"plugins", "show", plugin}).at("faults");
  CHECK(faults.at(kind).get<uint64_t>() >= 1);
  CHECK(scraped_faults(node, plugin, kind) >= 1);
  for (const char* other : {"threw", "bad_answer", "leak", "thread_left"}) {
    if (kind != other) CHECK(faults.at(other) == 0);
  }
  CHECK(node.broker().stop() == 0);
}

TEST_CASE("a plugin lives its whole life over REST while a subscriber stays connected", "[wire][rest]") {
  Operated node;
  Process subscriber(
      {"mosquitto_sub", "-p", std::to_string(node.broker().port()), "-i", "watcher", "-t", "news", "-q", "1", "-v"});
  const auto hears = [&](const std::string& text) {
    return run({"mosquitto_pub", "-p", std::to_string(node.broker().port()), "-t", "news", "-m", text, "-q", "1"})
                   .exit_code == 0 &&
           subscriber.wait_for("news " + text);
  };
  REQUIRE(hears_at_last(node, subscriber));
  const std::string first = node.upload_as("gate_v1", "gate.so");
  install_and_start(node, first);
  REQUIRE(hears("started"));
  configure(node);
  REQUIRE(hears("configured"));
  upgrade(node);
  REQUIRE(hears("upgraded-"));

  CHECK(node.json({"plugins", "order"}).size() >= 1);
  node.done({"plugins", "move", "gate", "front"});
  CHECK(node.curl({}, "/plugins/gate/health").second.find("\"breakers\"") != std::string::npos);

  node.done({"plugins", "stop", "gate"});
  CHECK(node.lets_in("mallory"));
  node.done({"plugins", "remove", "gate"});
  CHECK(node.json({"plugins", "list"}).empty());
  REQUIRE(hears("after"));
  CHECK_FALSE(subscriber.wait_exit(0s));
  CHECK(node.broker().stop() == 0);
}

TEST_CASE("what is uploaded is looked at before anything of it runs", "[wire][rest]") {
  Operated node;
  const auto status_of = [&](const std::string& file) {
    node.done({"plugins", "allow", "odd", file});
    return node.curl({"-F", "plugin=@" + file + ";filename=odd.so"}, "/plugins/install");
  };
  const std::string text = node.broker().folder().path("odd.txt");
  node.broker().folder().write("odd.txt", "no program at all");
  const auto no_elf = status_of(text);
  CHECK(no_elf.first == 400);
  CHECK(Json::parse(no_elf.second)["code"] == "BAD_PLUGIN_INFO");
  CHECK(status_of(node.plugin("fault_unresolved")).first == 400);

  // Names are names, and never paths.
  const std::string gate = node.upload_as("gate_v1", "gate.so");
  for (const char* name : {"..%2Fgate", "%2Fetc%2Fpasswd", ""}) {
    const auto answer = node.curl({"-F", "plugin=@" + gate}, std::string("/plugins/install?name=") + name);
    CHECK((answer.first == 400 || answer.first == 403));
  }
  for (const char* name : {"../../gate.so", "/etc/gate.so", "..\\\\gate.so"}) {
    const auto answer = node.curl({"-F", "plugin=@" + gate + ";filename=" + name}, "/plugins/install");
    CHECK((answer.first == 400 || answer.first == 403));
    CHECK_FALSE(std::filesystem::exists(node.broker().data() + "/gate.so"));
  }
  CHECK(node.curl({"-F", "other=@" + gate}, "/plugins/install").first == 400);
  CHECK(node.curl({"-d", "x"}, "/plugins/install").first == 415);
  CHECK(node.json({"plugins", "list"}).empty());
  CHECK(std::filesystem::is_empty(node.broker().data() + "/plugins/uploads"));
}

}  // namespace patchbay::wire
