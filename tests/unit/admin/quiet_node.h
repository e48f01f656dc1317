#pragma once

#include <unistd.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>

#include "admin/endpoints.h"
#include "admin/node_commands.h"
#include "admin/schema.h"
#include "config/config_changes.h"
#include "operations/operations.h"
#include "plugin_bridge/bridge.h"
#include "plugin_host/shared_library.h"

namespace patchbay::test {

/// Roles of plugins that nobody plays here.
struct NoPlugins final : plugin_services::AlarmBoard,
                         plugin_services::SecretResolver,
                         plugin_services::InstanceAdministration,
                         plugin_host::InstanceServices {
  bool raise(const plugin_bridge::InstanceFacts&, std::string_view, std::string_view) override { return false; }
  void clear(const plugin_bridge::InstanceFacts&, std::string_view) override {}
  patchbay_status resolve(std::string_view, std::string&) override { return PATCHBAY_NOT_FOUND; }
  void list(const Visit&) override {}
  [[nodiscard]] bool knows(std::string_view) const override { return false; }
  void request_start(std::string_view, std::string_view) override {}
  void request_stop(std::string_view, std::string_view) override {}
  void attach(plugin_bridge::Instance&, const package::Manifest&) override {}
  void set_settings(plugin_bridge::Instance&, std::string_view, uint64_t) override {}
  void opened(plugin_bridge::Instance&) override {}
  void draining(plugin_bridge::Instance&) override {}
  void stopping(plugin_bridge::Instance&) override {}
  void stopped(plugin_bridge::Instance&) override {}
  [[nodiscard]] std::vector<int> thread_ids() const override { return {}; }
};

/// The node's commands as far as they concern the configuration: what is in force is what was last set.
struct KeptConfiguration final : admin::NodeCommands {
  [[nodiscard]] config::Config configuration() const override { return config; }
  [[nodiscard]] base::Result<admin::ConfigOutcome, std::vector<std::string>> change_configuration(
      const std::function<void(config::Config&)>& change, std::string_view by) override {
    if (!refusal.empty()) return base::fail(std::vector<std::string>{refusal});
    config::Config after = config;
    change(after);
    admin::ConfigOutcome outcome;
    for (const config::ConfigChange& made : config::changes_between(config, after)) {
      (made.reload == config::Reload::sighup ? outcome.applied : outcome.needs_restart).push_back(made.key);
    }
    config = after;
    author = by;
    return outcome;
  }
  [[nodiscard]] std::vector<admin::ListenerView> listeners() const override { return running; }
  [[nodiscard]] std::vector<admin::ProtocolView> protocols() const override { return spoken; }
  [[nodiscard]] base::Result<bool, std::string> start_listener(std::string_view) override { return none(); }
  [[nodiscard]] base::Result<bool, std::string> stop_listener(std::string_view) override { return none(); }
  [[nodiscard]] base::Result<bool, std::vector<std::string>> put_listener(const admin::ListenerView& put) override {
    if (!takes_listeners) return base::fail(std::vector<std::string>{"no listeners here"});
    static_cast<void>(remove_listener(put.id));
    running.push_back(put);
    return true;
  }
  [[nodiscard]] base::Result<bool, std::string> remove_listener(std::string_view id) override {
    if (!takes_listeners) return none();
    return std::erase_if(running, [id](const admin::ListenerView& listener) { return listener.id == id; }) != 0;
  }
  [[nodiscard]] base::Result<bool, std::string> set_log_level(std::string_view area, std::string_view level) override {
    if (area == "nowhere") return base::fail(std::string("no such area of the log"));
    levels[std::string(area)] = level;
    return true;
  }

  config::Config config;
  std::string author;
  std::string refusal;
  std::map<std::string, std::string> levels;
  std::vector<admin::ListenerView> running;
  bool takes_listeners = false;  ///< changes of `running` are made, not refused
  std::vector<admin::ProtocolView> spoken;

 private:
  [[nodiscard]] static base::Result<bool, std::string> none() { return base::fail(std::string("no listeners here")); }
};

/// A node without shards and plugins, and the routes of one group of endpoints on it.
class QuietNode {
 public:
  using Query = std::vector<std::pair<std::string, std::string>>;

  explicit QuietNode(void (*add_routes)(admin::RouteTable&, const admin::NodeAccess&)) {
    metrics.add(counters);
    add_routes(routes_, access_);
  }
  ~QuietNode() {
    host_.stop();
    std::filesystem::remove_all(folder);
  }

  /// The route's answer; bodies are checked as the dispatcher does.
  admin::ApiResponse call(const std::string& method, const std::string& path, const admin::Json& body = nullptr,
                          const Query& query = {}) {
    admin::ApiRequest request;
    const admin::Route* route = nullptr;
    std::vector<std::string> allowed;
    INFO(method << ' ' << path);
    REQUIRE(routes_.find(method, path, route, request.path_parameters, allowed) == admin::RouteTable::Found::route);
    if (!route->body_schema.is_null()) {
      const auto problems = admin::check_body(route->body_schema, body);
      if (!problems.empty()) return admin::ApiResponse::error(400, "BAD_REQUEST", admin::problem_sentence(problems));
    }
    request.method = method;
    request.path = path;
    request.body = body;
    request.query = query;
    request.accept = accept;
    request.caller.name = "tester";
    return route->handler(request);
  }
  admin::Json json(const std::string& method, const std::string& path, const admin::Json& body = nullptr,
                   const Query& query = {}) {
    const admin::ApiResponse answer = call(method, path, body, query);
    INFO(answer.body);
    CHECK(answer.status == 200);
    return admin::Json::parse(answer.body);
  }
  [[nodiscard]] const admin::RouteTable& routes() const { return routes_; }

  const std::filesystem::path folder = made_folder();
  std::string accept;
  base::ManualClock clock;
  base::Counters counters;
  metrics::MetricsRegistry metrics;
  alarms::Alarms alarms{clock};
  KeptConfiguration commands;

 private:
  static std::filesystem::path made_folder() {
    const auto folder = std::filesystem::temp_directory_path() / ("patchbay_quiet_node_" + std::to_string(getpid()));
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    return folder;
  }

  base::EpochDomain epoch_;
  base::CompletionRouter completions_;
  hooks::HookPoints hooks_;
  access::AccessPoints access_points_;
  plugin_bridge::Bridge bridge_{
      plugin_bridge::BridgeEnvironment{clock, epoch_, completions_, hooks_, access_points_, {}},
      {{0, 1'000, "test"}, {}}};
  plugin_services::ServiceShards shards_{{}};
  plugin_bridge::HeldCounters account_{1};
  plugin_services::ServiceLimits limits_;
  plugin_services::KvDirectory kv_{folder / "plugins"};
  plugin_services::ServiceDirectory directory_;
  NoPlugins nobody_;
  plugin_services::NodeServices services_{{clock, shards_, bridge_.workers(), bridge_.places(), account_, limits_, kv_,
                                           directory_, nobody_, nobody_, nobody_}};
  plugin_host::SharedLibraryLoader loader_;
  plugin_host::PluginHost host_{
      plugin_host::HostEnvironment{bridge_, alarms, nobody_, loader_, clock, folder.string()}, {}, {}};
  operations::Operations operations_{operations::OperationsEnvironment{clock, shards_, metrics, alarms,
                                                                       [](const operations::ChainChange&) {}, folder}};
  const admin::NodeAccess access_{"patchbay@test", "0.1.0", folder.string(), clock.unix_ms(), clock,       shards_,
                                  metrics,         alarms,  host_,           services_,       operations_, commands};
  admin::RouteTable routes_;

 public:
  [[nodiscard]] operations::Operations& operations() { return operations_; }
};

}  // namespace patchbay::test
