#include "plugin_host/loaded_plugin.h"

#include <exception>
#include <utility>

#include "base/assert.h"
#include "patchbay/state.h"
#include "plugin_bridge/call_place.h"
#include "plugin_host/collected_text.h"
#include "plugin_host/entry_check.h"

namespace patchbay::plugin_host {

namespace {

constexpr size_t kErrorBytesMax = 64 * 1024;
constexpr size_t kSettingsBytesMax = 1024 * 1024;
constexpr size_t kStateBytesMax = size_t{64} << 20;

patchbay_str str_of(std::string_view text) {
  return {text.data(), text.size()};
}

std::string_view status_name(patchbay_status status) {
  constexpr std::string_view names[] = {"OK",     "STALE",       "INVALID",   "BUSY",   "NOMEM",         "NOT_FOUND",
                                        "DENIED", "UNSUPPORTED", "TOO_LARGE", "EXISTS", "NEEDS_RESTART", "WRONG_THREAD",
                                        "CLOSED"};
  return status < std::size(names) ? names[status] : "FAILED";
}

std::string refusal(std::string_view step, patchbay_status status, std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::string sentence = std::string(step) + "() answered " + std::string(status_name(status));
  return text.empty() ? sentence : sentence + ": " + text;
}

}  // namespace

base::Result<std::shared_ptr<LoadedPlugin>, std::string> LoadedPlugin::load(package::PluginPackage package,
                                                                            LibraryLoader& loader) {
  auto library = loader.open(package.copy.path());
  if (!library) return base::fail(library.error());
  const patchbay_entry* entry = (*library)->entry();
  std::string problem = entry == nullptr ? "found no symbol " PATCHBAY_ENTRY_SYMBOL "; allowed: exactly that one"
                                         : entry_problem(*entry, package.manifest);
  if (!problem.empty()) {
    const auto closed = (*library)->close();
    if (!closed) problem += "; " + closed.error();
    return base::fail(std::move(problem));
  }
  // The file is mapped: its bytes, and the views into them, have done their service.
  package.elf.manifest = {};
  package.copy.drop_bytes();
  return std::shared_ptr<LoadedPlugin>(new LoadedPlugin(std::move(package), std::move(*library)));
}

LoadedPlugin::~LoadedPlugin() {
  PATCHBAY_ASSERT(plugin_ == nullptr);  // keep_mapped() or destroy() and close() came first
}

// Every way into the code of the plugin: leaves the breadcrumb, and ends exceptions, which must not pass.
template <class F>
auto LoadedPlugin::call(std::string_view step, F&& function) -> decltype(function()) {
  plugin_bridge::CallPlaces& places = instance_->bridge().places();
  const plugin_bridge::PlaceScope place(places.control());
  const plugin_bridge::CallScope scope(places, instance_->call_site(step));
  try {
    return function();
  } catch (const std::exception& error) {
    instance_->log().host_line(base::LogLevel::error,
                               std::string(step) + "() let an exception out: " + std::string(error.what()));
  } catch (...) {
    instance_->log().host_line(base::LogLevel::error, std::string(step) + "() let an exception out");
  }
  if constexpr (std::is_same_v<decltype(function()), patchbay_status>) {
    return PATCHBAY_FAILED;
  } else if constexpr (!std::is_void_v<decltype(function())>) {
    return {};
  }
}

LoadedPlugin::Status LoadedPlugin::create(plugin_bridge::Bridge& bridge, InstanceServices& services,
                                          plugin_bridge::InstanceFacts facts) {
  instance_ = std::make_unique<plugin_bridge::Instance>(bridge, std::move(facts));
  services_ = &services;
  services.attach(*instance_, package_.manifest);
  const std::string& name = instance_->facts().name;
  const patchbay_entry* entry = library_->entry();
  const patchbay_plugin* made = call("create", [&] { return entry->create(instance_->host(), str_of(name)); });
  if (made == nullptr) return base::fail(std::string("create() made no instance; the log says why"));
  std::string problem = plugin_table_problem(*made);
  if (!problem.empty()) return base::fail(std::move(problem));
  plugin_ = made;
  instance_->set_plugin(made);
  return true;
}

LoadedPlugin::Status LoadedPlugin::check(std::string_view settings_json) {
  if (plugin_->check == nullptr) return true;
  CollectedText errors(kErrorBytesMax);
  const patchbay_status status =
      call("check", [&] { return plugin_->check(plugin_->self, str_of(settings_json), errors.writer()); });
  if (status == PATCHBAY_OK) return true;
  return base::fail(refusal("check", status, errors.take()));
}

ConfigureAnswer LoadedPlugin::configure(std::string_view settings_json) {
  CollectedText errors(kErrorBytesMax);
  const patchbay_status status =
      call("configure", [&] { return plugin_->configure(plugin_->self, str_of(settings_json), errors.writer()); });
  if (status == PATCHBAY_OK) return {};
  if (status == PATCHBAY_NEEDS_RESTART) return {ConfigureAnswer::Kind::needs_restart, {}};
  return {ConfigureAnswer::Kind::refused, refusal("configure", status, errors.take())};
}

const void* LoadedPlugin::interface(const char* id) {
  if (plugin_->get == nullptr) return nullptr;
  return call("get", [&] { return plugin_->get(plugin_->self, id); });
}

std::optional<std::string> LoadedPlugin::migrate(uint32_t from_version, std::string_view settings_json) {
  const auto* table = static_cast<const patchbay_migrate*>(interface(PATCHBAY_MIGRATE_1));
  if (table == nullptr || !PATCHBAY_HAS(patchbay_migrate, table, migrate)) return std::nullopt;
  CollectedText out(kSettingsBytesMax);
  CollectedText errors(kErrorBytesMax);
  const patchbay_status status = call("migrate", [&] {
    return table->migrate(plugin_->self, from_version, str_of(settings_json), out.writer(), errors.writer());
  });
  if (status == PATCHBAY_OK) return out.take();
  instance_->log().host_line(base::LogLevel::warning, refusal("migrate", status, errors.take()));
  return std::nullopt;
}

std::optional<std::string> LoadedPlugin::export_state() {
  const auto* table = static_cast<const patchbay_state*>(interface(PATCHBAY_STATE_1));
  if (table == nullptr || !PATCHBAY_HAS(patchbay_state, table, export_state) || table->export_state == nullptr)
    return std::nullopt;
  CollectedText state(kStateBytesMax);
  const patchbay_status status =
      call("export_state", [&] { return table->export_state(plugin_->self, state.writer()); });
  if (status != PATCHBAY_OK) return std::nullopt;
  return state.take();
}

bool LoadedPlugin::import_state(std::string_view state) {
  const auto* table = static_cast<const patchbay_state*>(interface(PATCHBAY_STATE_1));
  if (table == nullptr || !PATCHBAY_HAS(patchbay_state, table, import_state) || table->import_state == nullptr)
    return false;
  const patchbay_bytes bytes{reinterpret_cast<const uint8_t*>(state.data()), state.size()};
  const patchbay_status status = call("import_state", [&] { return table->import_state(plugin_->self, bytes); });
  if (status != PATCHBAY_OK)
    instance_->log().host_line(base::LogLevel::warning, refusal("import_state", status, "it starts empty"));
  return status == PATCHBAY_OK;
}

LoadedPlugin::Status LoadedPlugin::start() {
  CollectedText errors(kErrorBytesMax);
  const patchbay_status status = call("start", [&] { return plugin_->start(plugin_->self, errors.writer()); });
  if (status == PATCHBAY_OK) return true;
  return base::fail(refusal("start", status, errors.take()));
}

void LoadedPlugin::drain() {
  if (plugin_->drain != nullptr) call("drain", [&] { plugin_->drain(plugin_->self); });
  services_->draining(*instance_);
}

void LoadedPlugin::stop() {
  services_->stopping(*instance_);
  if (plugin_ != nullptr) call("stop", [&] { plugin_->stop(plugin_->self); });
  services_->stopped(*instance_);
}

void LoadedPlugin::end_services() {
  if (instance_ != nullptr) services_->stopped(*instance_);
}

void LoadedPlugin::destroy() {
  if (plugin_ == nullptr) return;
  call("destroy", [&] { plugin_->destroy(plugin_->self); });
  plugin_ = nullptr;
  instance_->set_plugin(nullptr);
}

LoadedPlugin::Status LoadedPlugin::close() {
  PATCHBAY_ASSERT(plugin_ == nullptr);
  instance_.reset();
  if (library_ == nullptr) return true;
  Status status = library_->close();
  library_.reset();
  return status;
}

PluginHealth LoadedPlugin::health() {
  if (!PATCHBAY_HAS(patchbay_plugin, plugin_, health) || plugin_->health == nullptr) return {};
  CollectedText text(1024);
  const patchbay_status status = call("health", [&] { return plugin_->health(plugin_->self, text.writer()); });
  if (status == PATCHBAY_OK) return {PluginHealth::Kind::healthy, text.take()};
  if (status == PATCHBAY_BUSY) return {PluginHealth::Kind::degraded, text.take()};
  return {PluginHealth::Kind::down, text.take()};
}

void LoadedPlugin::keep_mapped() {
  package_.copy.keep();
  plugin_ = nullptr;
}

}  // namespace patchbay::plugin_host
