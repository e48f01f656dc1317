#include "plugin_host/plugin_host.h"

#include <algorithm>
#include <future>
#include <utility>

#include "plugin_host/host_core.h"

namespace patchbay::plugin_host {

PluginHost::PluginHost(HostEnvironment environment, config::PluginsConfig plugins, config::PluginMap instances)
    : core_(std::make_shared<HostCore>(std::move(environment), std::move(plugins), std::move(instances))) {
  core_->start();
}

PluginHost::~PluginHost() {
  stop();
}

std::vector<std::string> PluginHost::problems(const config::PluginsConfig& plugins,
                                              const config::PluginMap& instances) {
  return hook_name_problems(plugins, instances);
}

base::Result<bool, std::string> PluginHost::boot() {
  return core_->boot();
}

void PluginHost::stop() {
  core_->stop();
}

void PluginHost::reload(config::PluginsConfig plugins, config::PluginMap instances, Done done) {
  core_->post(std::move(done), [core = core_.get(), plugins = std::move(plugins), instances = std::move(instances)](
                                   const Done& told) { core->reload(plugins, instances, told); });
}

void PluginHost::install(InstallRequest request, Done done) {
  core_->post(std::move(done),
              [core = core_.get(), request = std::move(request)](const Done& told) { core->install(request, told); });
}

void PluginHost::forget(std::string instance, Done done) {
  core_->post(std::move(done),
              [core = core_.get(), instance = std::move(instance)](const Done& told) { core->forget(instance, told); });
}

void PluginHost::enable(std::string instance, std::optional<config::PluginConfig> config, Done done) {
  core_->post(std::move(done), [core = core_.get(), instance = std::move(instance), config = std::move(config)](
                                   const Done& told) { core->enable(instance, config, told); });
}

void PluginHost::disable(std::string instance, Done done) {
  core_->post(std::move(done), [core = core_.get(), instance = std::move(instance)](const Done& told) {
    core->disable(instance, told);
  });
}

void PluginHost::upgrade(std::string instance, std::filesystem::path file, std::string sha256, Done done) {
  core_->post(std::move(done),
              [core = core_.get(), instance = std::move(instance), file = std::move(file),
               sha256 = std::move(sha256)](const Done& told) { core->upgrade(instance, file, sha256, told); });
}

void PluginHost::configure(std::string instance, SettingsRequest request, Done done) {
  core_->post(std::move(done), [core = core_.get(), instance = std::move(instance), request = std::move(request)](
                                   const Done& told) { core->configure(instance, request, told); });
}

std::vector<package::SettingsVersion> PluginHost::versions(const std::string& instance) const {
  return core_->versions(instance);
}

void PluginHost::roll_back(std::string instance, uint64_t version, std::string author, Done done) {
  core_->post(std::move(done),
              [core = core_.get(), instance = std::move(instance), version,
               author = std::move(author)](const Done& told) { core->roll_back(instance, version, author, told); });
}

void PluginHost::reorder(std::string instance, std::string position, Done done) {
  core_->post(std::move(done), [core = core_.get(), instance = std::move(instance), position = std::move(position)](
                                   const Done& told) { core->reorder(instance, position, told); });
}

void PluginHost::order_hook(std::string hook, std::vector<std::string> instances, Done done) {
  core_->post(std::move(done), [core = core_.get(), hook = std::move(hook), instances = std::move(instances)](
                                   const Done& told) { core->order_hook(hook, instances, told); });
}

void PluginHost::force_breaker(std::string instance, std::string hook, bool open, Done done) {
  core_->post(std::move(done), [core = core_.get(), instance = std::move(instance), hook = std::move(hook),
                                open](const Done& told) { core->force_breaker(instance, hook, open, told); });
}

std::vector<InstanceStatus> PluginHost::list() const {
  return core_->list();
}

std::optional<InstanceStatus> PluginHost::status(const std::string& instance) const {
  for (InstanceStatus& one : core_->list()) {
    if (one.name == instance) return std::move(one);
  }
  return std::nullopt;
}

std::optional<std::string> PluginHost::settings_schema(const std::string& instance) const {
  return core_->settings_schema(instance);
}

std::vector<LeavingStatus> PluginHost::leaving() const {
  return core_->leaving();
}

std::vector<package::HookOrder> PluginHost::order() const {
  return core_->order();
}

bool PluginHost::listens(std::string_view hook) const {
  return core_->listens(hook);
}

std::vector<DependencyEdge> PluginHost::dependencies() const {
  return core_->dependencies();
}

const plugin_bridge::BackgroundThreads& PluginHost::background_threads() const {
  return core_->background_threads();
}

void PluginHost::tell(hooks::HookId hook, ControlNews news) {
  core_->tell(hook, std::move(news));
}

void PluginHost::ask(hooks::HookId hook, AdminQuestion question, std::function<void(bool)> answer) {
  core_->ask(hook, std::move(question), std::move(answer));
}

void PluginHost::on_control(std::string instance, std::string what, std::function<void()> work) {
  constexpr uint64_t warn_ms = 1'000;
  constexpr uint64_t limit_ms = 10'000;
  core_->control().post({std::move(instance), std::move(what), warn_ms, limit_ms, std::move(work)});
}

bool PluginHost::is_control_thread() const {
  return core_->control().is_current();
}

Outcome wait_for(const std::function<void(Done)>& start) {
  const auto answer = std::make_shared<std::promise<Outcome>>();
  std::future<Outcome> outcome = answer->get_future();
  start([answer](const Outcome& told) { answer->set_value(told); });
  return outcome.get();
}

}  // namespace patchbay::plugin_host
