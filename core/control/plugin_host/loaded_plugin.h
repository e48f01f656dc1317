#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "package/plugin_package.h"
#include "plugin_bridge/bridge.h"
#include "plugin_bridge/instance.h"
#include "plugin_host/instance_services.h"
#include "plugin_host/library.h"

namespace patchbay::plugin_host {

/// What configure() said.
struct ConfigureAnswer {
  enum class Kind : uint8_t { applied, needs_restart, refused };
  Kind kind = Kind::applied;
  std::string errors;  ///< of refused: lines "/json/pointer: sentence"
};

/// How a plugin says it is.
struct PluginHealth {
  enum class Kind : uint8_t { healthy, degraded, down };
  Kind kind = Kind::healthy;
  std::string text;
};

/// One version of a plugin's code, mapped, with the one instance that is made of it. Its functions call into that code:
/// all of them [control], one at a time. Whoever gives up on it keeps the object for ever, since destroying it unmaps.
class LoadedPlugin {
 public:
  /// Maps the file and compares its entry with the manifest and this host. The error is a sentence; nothing is left
  /// mapped.
  [[nodiscard]] static base::Result<std::shared_ptr<LoadedPlugin>, std::string> load(package::PluginPackage package,
                                                                                     LibraryLoader& loader);
  ~LoadedPlugin();
  LoadedPlugin(const LoadedPlugin&) = delete;
  LoadedPlugin& operator=(const LoadedPlugin&) = delete;

  using Status = base::Result<bool, std::string>;

  /// Makes the instance.
  [[nodiscard]] Status create(plugin_bridge::Bridge& bridge, InstanceServices& services,
                              plugin_bridge::InstanceFacts facts);
  /// Whether the settings would do; errors are lines "/json/pointer: sentence".
  [[nodiscard]] Status check(std::string_view settings_json);
  [[nodiscard]] ConfigureAnswer configure(std::string_view settings_json);
  /// Settings of an older version of the manifest's config_version, changed for this one; nothing: it can't.
  [[nodiscard]] std::optional<std::string> migrate(uint32_t from_version, std::string_view settings_json);
  /// What a later version may use; nothing: it has none.
  [[nodiscard]] std::optional<std::string> export_state();
  /// False: not understood, it starts empty.
  bool import_state(std::string_view state);
  [[nodiscard]] Status start();
  void drain();
  void stop();
  /// In place of stop(), for an instance that was never started.
  void end_services();
  void destroy();
  [[nodiscard]] Status close();
  [[nodiscard]] PluginHealth health();

  [[nodiscard]] const package::PluginPackage& package() const { return package_; }
  [[nodiscard]] const package::Manifest& manifest() const { return package_.manifest; }
  /// The package for another load, after close().
  [[nodiscard]] package::PluginPackage take_package() { return std::move(package_); }
  /// Null before create().
  [[nodiscard]] plugin_bridge::Instance* instance() const { return instance_.get(); }
  [[nodiscard]] bool closed() const { return library_ == nullptr; }
  /// The code stays mapped and its file on disk: nothing of this object is destroyed but its own memory.
  void keep_mapped();

  /// Kernel ids of threads that appeared in the process while this instance's steps ran.
  std::vector<int> threads_before;

 private:
  LoadedPlugin(package::PluginPackage package, std::unique_ptr<Library> library)
      : package_(std::move(package)), library_(std::move(library)) {}

  template <class F>
  auto call(std::string_view step, F&& function) -> decltype(function());
  [[nodiscard]] const void* interface(const char* id);

  package::PluginPackage package_;
  std::unique_ptr<Library> library_;
  std::unique_ptr<plugin_bridge::Instance> instance_;
  InstanceServices* services_ = nullptr;
  const patchbay_plugin* plugin_ = nullptr;
};

}  // namespace patchbay::plugin_host
