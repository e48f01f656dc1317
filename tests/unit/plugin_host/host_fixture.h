#pragma once

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "alarms/alarms.h"
#include "plugin_bridge/bridge.h"
#include "plugin_host/plugin_host.h"
#include "plugin_host/shared_library.h"
#include "support/shard_fixture.h"

/// A plugin host on one shard without a thread, with the plugins of tests/plugins and services that only listen.
namespace patchbay::plugin_host::testing {

/// Keeps what it is told, in order.
class RecordingServices final : public InstanceServices {
 public:
  void attach(plugin_bridge::Instance& instance, const package::Manifest&) override { told(instance, "attach"); }
  void set_settings(plugin_bridge::Instance& instance, std::string_view masked_json, uint64_t) override {
    told(instance, "settings " + std::string(masked_json));
  }
  void opened(plugin_bridge::Instance& instance) override { told(instance, "opened"); }
  void draining(plugin_bridge::Instance& instance) override { told(instance, "draining"); }
  void stopping(plugin_bridge::Instance& instance) override { told(instance, "stopping"); }
  void stopped(plugin_bridge::Instance& instance) override { told(instance, "stopped"); }
  [[nodiscard]] std::vector<int> thread_ids() const override { return {}; }

  /// "name: what", without the settings.
  [[nodiscard]] std::vector<std::string> lives() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> result;
    for (const std::string& line : told_) {
      if (line.find(": settings") == std::string::npos) result.push_back(line);
    }
    return result;
  }
  [[nodiscard]] std::vector<std::string> all() const {
    const std::lock_guard lock(mutex_);
    return told_;
  }

 private:
  void told(plugin_bridge::Instance& instance, const std::string& what) {
    const std::lock_guard lock(mutex_);
    told_.push_back(instance.facts().name + " " + instance.facts().version + ": " + what);
  }
  mutable std::mutex mutex_;
  std::vector<std::string> told_;
};

/// The real loader, but files may pretend that they cannot be unmapped.
class StubbornLoader final : public LibraryLoader {
 public:
  bool stubborn = false;

  base::Result<std::unique_ptr<Library>, std::string> open(const std::filesystem::path& file) override {
    auto library = real_.open(file);
    if (!library || !stubborn) return library;
    return std::unique_ptr<Library>(std::make_unique<StubbornLibrary>(std::move(*library)));
  }

 private:
  class StubbornLibrary final : public Library {
   public:
    explicit StubbornLibrary(std::unique_ptr<Library> real) : real_(std::move(real)) {}
    [[nodiscard]] const patchbay_entry* entry() const override { return real_->entry(); }
    [[nodiscard]] base::Result<bool, std::string> close() override {
      return base::fail(std::string("it is still mapped after dlclose"));
    }

   private:
    std::unique_ptr<Library> real_;
  };
  SharedLibraryLoader real_;
};

/// Keeps log lines of all threads while it lives: the messages with their values.
class CollectedLog final : public base::LogSink {
 public:
  CollectedLog() { base::set_log_sink(this); }
  ~CollectedLog() override { base::set_log_sink(nullptr); }
  void write(base::LogArea, base::LogLevel, std::string_view message,
             std::initializer_list<base::LogField> fields) override {
    std::string line(message);
    for (const base::LogField& field : fields)
      line += " " + (field.is_number ? std::to_string(field.number) : std::string(field.text));
    const std::lock_guard lock(mutex_);
    text_ += line + "\n";
  }
  [[nodiscard]] bool says(const std::string& text) const {
    const std::lock_guard lock(mutex_);
    return text_.find(text) != std::string::npos;
  }

 private:
  mutable std::mutex mutex_;
  std::string text_;
};

class HostFixture {
 public:
  HostFixture() : bridge_(environment(), options()) {
    std::string pattern = (std::filesystem::temp_directory_path() / "patchbay-host-").string() + std::string(6, 'X');
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder can be made");
    folder_ = pattern;
    std::filesystem::create_directories(folder_ / "plugins");
    std::filesystem::permissions(folder_ / "plugins", std::filesystem::perms::owner_all);
    plugins.dir = (folder_ / "plugins").string();
    limits.after_stop_grace_ms = 100;
  }
  ~HostFixture() {
    stop();
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  void put(const std::string& plugin, const std::string& file) const {
    const std::filesystem::path target = folder_ / "plugins" / file;
    std::filesystem::remove(target);
    std::filesystem::copy_file(std::filesystem::path(PATCHBAY_TEST_PLUGINS) / (plugin + ".so"), target);
    std::filesystem::permissions(target, std::filesystem::perms::owner_all);
  }
  [[nodiscard]] std::filesystem::path folder() const { return folder_; }

  /// What the configuration says; before boot(), or for reload().
  config::PluginsConfig plugins;
  config::PluginMap instances;
  StepLimits limits;
  RecordingServices services;
  StubbornLoader loader;
  std::atomic<bool> authenticator_absent{false};  ///< as the host has said it last
  std::atomic<bool> authorizer_absent{false};

  PluginHost& make() {
    if (!bridge_running_) bridge_.start();
    bridge_running_ = true;
    host_ = std::make_unique<PluginHost>(HostEnvironment{bridge_, alarms_, services, loader, clock_, folder_ / "data",
                                                         limits, [this](bool absent) { authenticator_absent = absent; },
                                                         [this](bool absent) { authorizer_absent = absent; }},
                                         plugins, instances);
    return *host_;
  }
  [[nodiscard]] base::Result<bool, std::string> boot() { return make().boot(); }
  /// Enables an instance of a plugin of tests/plugins that is always put as `<name>.so`.
  void with(const std::string& plugin, const std::string& name, config::PluginConfig config = {}) {
    put(plugin, name + ".so");
    plugins.enabled.push_back(name);
    config.soak_s = 0;
    instances[name] = std::move(config);
  }
  void stop() {
    if (host_) host_->stop();
    host_.reset();
    bridge_.stop();
    bridge_running_ = false;
  }
  /// Ends the host only, as at the end of a process.
  void end_host() {
    if (host_) host_->stop();
    host_.reset();
  }

  [[nodiscard]] PluginHost& host() { return *host_; }
  [[nodiscard]] plugin_bridge::Bridge& bridge() { return bridge_; }
  [[nodiscard]] alarms::Alarms& alarms() { return alarms_; }
  [[nodiscard]] InstanceStatus status(const std::string& name) { return *host_->status(name); }
  [[nodiscard]] Outcome disable(const std::string& name) {
    return wait_for([&](Done done) { host_->disable(name, std::move(done)); });
  }
  [[nodiscard]] Outcome enable(const std::string& name, std::optional<config::PluginConfig> config = std::nullopt) {
    return wait_for([&](Done done) { host_->enable(name, std::move(config), std::move(done)); });
  }
  [[nodiscard]] Outcome upgrade(const std::string& name, const std::string& file) {
    return wait_for([&](Done done) { host_->upgrade(name, file, "", std::move(done)); });
  }
  [[nodiscard]] Outcome reload() {
    return wait_for([&](Done done) { host_->reload(plugins, instances, std::move(done)); });
  }
  /// Waits until something is true that the host does by itself.
  template <class F>
  [[nodiscard]] bool eventually(F holds) const {
    const uint64_t end_ms = clock_.steady_ms() + 10'000;
    while (!holds()) {
      if (clock_.steady_ms() > end_ms) return false;
      std::this_thread::yield();
    }
    return true;
  }
  /// Names of the plugin files that are mapped.
  [[nodiscard]] size_t mapped() const {
    std::ifstream maps("/proc/self/maps");
    std::vector<std::string> files;
    for (std::string line; std::getline(maps, line);) {
      const size_t path = line.find(folder_.string());
      if (path != std::string::npos && (files.empty() || files.back() != line.substr(path)))
        files.push_back(line.substr(path));
    }
    return files.size();
  }

 private:
  plugin_bridge::BridgeEnvironment environment() {
    return {clock_, shard_.epoch, completions_, hooks_, access_, {&shard_.services}};
  }
  static plugin_bridge::BridgeOptions options() {
    plugin_bridge::BridgeOptions options;
    options.workers.threads = 1;
    return options;
  }

  std::filesystem::path folder_;
  base::SystemClock clock_;
  test::ShardFixture shard_;
  base::CompletionRouter completions_;
  hooks::HookPoints hooks_;
  access::AccessPoints access_;
  alarms::Alarms alarms_{clock_};
  plugin_bridge::Bridge bridge_;
  std::unique_ptr<PluginHost> host_;
  bool bridge_running_ = false;
};

}  // namespace patchbay::plugin_host::testing
