#include "plugin_host/bring_up.h"

#include <optional>
#include <utility>

#include "package/sdk_interfaces.h"
#include "plugin_bridge/thread_activity.h"
#include "plugin_host/control_steps.h"
#include "plugin_host/process_threads.h"

namespace patchbay::plugin_host {

namespace {

constexpr const char* kHarmless[] = {"publish", "subscribe", "retained"};

// One attempt, from the file to a started instance.
class Attempt {
 public:
  Attempt(const BringUpTools& tools, const BringUpRequest& request) : tools_(tools), request_(request) {}

  [[nodiscard]] std::variant<BroughtUp, BringUpFailure> run() {
    const bool up =
        verify() && prepare() && load() && create() && migrate() && configure() && take_state_over() && start();
    if (!up) return std::move(failure_);
    return BroughtUp{std::move(plugin_), std::move(*settings_)};
  }

 private:
  bool fail(std::string sentence) {
    failure_ = {std::move(sentence), plugin_, false};
    return false;
  }
  bool stuck(const StepLimit& limit) {
    failure_ = {std::string(limit.name) + "() has not returned within " + std::to_string(limit.limit_ms) +
                    " ms; its code stays mapped and is not called again",
                plugin_, true};
    return false;
  }
  void reached(PluginState state) const {
    if (request_.reached) request_.reached(state);
  }

  bool verify() {
    package::PackageRequest wanted;
    wanted.file = request_.file;
    wanted.trust = request_.trust;
    wanted.loaded_dir = request_.loaded_dir;
    wanted.expected_sha256 = request_.config.sha256;
    wanted.offer = host_offer(tools_.bridge.interfaces(), request_.config);
    wanted.generation = request_.generation;
    using Opened = base::Result<package::PluginPackage, package::PackageRefusal>;
    auto opened = run_step(tools_.control, request_.instance, tools_.limits.verify,
                           [wanted] { return std::make_shared<Opened>(package::open_package(wanted)); });
    if (!opened) return stuck(tools_.limits.verify);
    if (!**opened) return fail((*opened)->error().text());
    package_.emplace(std::move((*opened)->value()));
    const package::Manifest& manifest = package_->manifest;
    if (!request_.config.id.empty() && manifest.id != request_.config.id)
      return fail("found a plugin with id " + manifest.id + "; allowed: " + request_.config.id);
    const std::string refused = request_.allow ? request_.allow(manifest) : std::string();
    if (!refused.empty()) return fail(refused);
    for (const package::Finding& warning : package_->warnings) {
      base::log(base::LogArea::plugin, base::LogLevel::warning, "plugin file",
                {{"instance", request_.instance}, {"finding", warning.sentence}});
    }
    reached(PluginState::verified);
    return true;
  }

  [[nodiscard]] bool settings_are_older() const {
    return request_.config_version != 0 && request_.config_version < config_version_;
  }

  // Settings of an older version need not fit the new schema: the plugin is asked first.
  bool prepare() {
    config_version_ = package_->manifest.config_version;
    return settings_are_older() || prepare(package_->settings_schema, request_.settings);
  }
  bool prepare(const package::SettingsSchema& schema, const std::string& text) {
    auto prepared = package::prepare_settings(schema, text, {});
    if (!prepared) return fail("its settings are not valid: " + package::problem_lines(prepared.error()));
    settings_.emplace(std::move(*prepared));
    return true;
  }

  bool migrate() {
    if (!settings_are_older()) return true;
    auto migrated = run_step(tools_.control, request_.instance, tools_.limits.check,
                             [plugin = plugin_, from = request_.config_version, text = request_.settings] {
                               return plugin->migrate(from, text);
                             });
    if (!migrated) return stuck(tools_.limits.check);
    return prepare(plugin_->package().settings_schema, migrated->value_or(request_.settings));
  }

  bool load() {
    const auto held = std::make_shared<package::PluginPackage>(std::move(*package_));
    using Loaded = base::Result<std::shared_ptr<LoadedPlugin>, std::string>;
    const auto threads = std::make_shared<std::vector<int>>();
    auto loaded = run_step(tools_.control, request_.instance, tools_.limits.load,
                           [held, threads, &loader = tools_.loader]() -> Loaded {
                             *threads = plugin_bridge::process_threads();
                             return LoadedPlugin::load(std::move(*held), loader);
                           });
    if (!loaded) return stuck(tools_.limits.load);
    if (!*loaded) return fail(loaded->error());
    plugin_ = std::move(**loaded);
    plugin_->threads_before = *threads;
    reached(PluginState::loaded);
    return true;
  }

  [[nodiscard]] plugin_bridge::InstanceFacts facts() const {
    const package::Manifest& manifest = plugin_->manifest();
    plugin_bridge::InstanceFacts facts;
    facts.name = request_.instance;
    facts.number = request_.number;
    facts.plugin_id = manifest.id;
    facts.version = manifest.version.text();
    facts.permissions = granted_permissions(request_.config);
    facts.client_slot = manifest.client_slot;
    const config::PluginExecution execution = request_.config.execution;
    facts.worker_execution =
        execution == config::PluginExecution::worker ||
        (execution == config::PluginExecution::manifest && manifest.execution == package::Manifest::Execution::worker);
    facts.maximum_tokens = request_.config.max_open_deferrals;
    return facts;
  }

  // A step of the plugin that answers with a sentence or none.
  template <class F>
  bool step(const StepLimit& limit, F function) {
    auto answer = run_step(tools_.control, request_.instance, limit,
                           [plugin = plugin_, function = std::move(function)] { return function(*plugin); });
    if (!answer) return stuck(limit);
    return *answer ? true : fail(answer->error());
  }

  bool create() {
    return step(tools_.limits.create, [&bridge = tools_.bridge, &services = tools_.services, wanted = facts()](
                                          LoadedPlugin& plugin) { return plugin.create(bridge, services, wanted); });
  }

  bool configure() {
    const auto text = std::make_shared<package::SecretText>(std::string(settings_->effective.view()));
    const bool fits =
        step(tools_.limits.check, [text](LoadedPlugin& plugin) { return plugin.check(text->view()); }) &&
        step(tools_.limits.configure, [text](LoadedPlugin& plugin) -> LoadedPlugin::Status {
          const ConfigureAnswer answer = plugin.configure(text->view());
          if (answer.kind == ConfigureAnswer::Kind::applied) return true;
          return base::fail(answer.errors.empty() ? "configure() asked for a restart before start()" : answer.errors);
        });
    if (fits) reached(PluginState::configured);
    return fits;
  }

  bool take_state_over() {
    if (request_.before == nullptr) return true;
    auto state = run_step(tools_.control, request_.instance, tools_.limits.state,
                          [before = request_.before] { return before->export_state(); });
    if (!state) return fail("export_state() of the running version has not returned in time");
    if (!*state) return true;
    return step(tools_.limits.state, [state = std::move(**state)](LoadedPlugin& plugin) -> LoadedPlugin::Status {
      static_cast<void>(plugin.import_state(state));
      return true;
    });
  }

  bool start() {
    if (!step(tools_.limits.start, [](LoadedPlugin& plugin) { return plugin.start(); })) return false;
    reached(PluginState::started);
    return true;
  }

  const BringUpTools& tools_;
  const BringUpRequest& request_;
  std::optional<package::PluginPackage> package_;
  uint32_t config_version_ = 0;
  std::optional<package::PreparedSettings> settings_;
  std::shared_ptr<LoadedPlugin> plugin_;
  BringUpFailure failure_;
};

}  // namespace

std::variant<BroughtUp, BringUpFailure> bring_up(const BringUpTools& tools, const BringUpRequest& request) {
  return Attempt(tools, request).run();
}

std::set<std::string, std::less<>> granted_permissions(const config::PluginConfig& config) {
  std::set<std::string, std::less<>> granted(std::begin(kHarmless), std::end(kHarmless));
  granted.insert(config.permissions.begin(), config.permissions.end());
  return granted;
}

package::HostOffer host_offer(const plugin_bridge::InterfaceDirectory& interfaces, const config::PluginConfig& config) {
  package::HostOffer offer;
  offer.sdk_major = PATCHBAY_ABI_MAJOR;
  offer.sdk_minor = PATCHBAY_ABI_MINOR;
  for (const std::string_view id : package::sdk_host_interfaces()) {
    if (interfaces.offers(id)) offer.interfaces.emplace_back(id);
  }
  for (const std::string_view id : package::sdk_draft_interfaces()) {
    if (interfaces.offers(id)) offer.drafts.emplace_back(id);
  }
  offer.allow_draft = config.allow_draft;
  const auto granted = granted_permissions(config);
  offer.granted_permissions.emplace(granted.begin(), granted.end());
  return offer;
}

}  // namespace patchbay::plugin_host
