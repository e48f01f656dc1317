// Files that come in while the node runs, and instances that are made of them.
#include <algorithm>
#include <system_error>

#include "package/durable_file.h"
#include "package/settings_store.h"
#include "plugin_host/bring_up.h"
#include "plugin_host/host_core.h"

namespace patchbay::plugin_host {

base::Result<package::PluginPackage, std::string> HostCore::open_stranger(const InstallRequest& install) {
  package::PackageRequest request;
  request.file = install.file;
  request.trust = trust();
  request.trust.allowed_dirs = {install.file.parent_path()};
  request.loaded_dir = loaded_dir_;
  request.expected_sha256 = install.sha256;
  request.offer = host_offer(environment_.bridge.interfaces(), {});
  request.offer.granted_permissions.reset();
  request.generation = next_generation_++;
  auto opened = package::open_package(request);
  if (!opened) return base::fail(opened.error().text());
  return std::move(*opened);
}

base::Result<bool, std::string> HostCore::may_adopt(const InstallRequest& request) {
  if (request.instance.empty()) return true;
  if (!package::is_instance_name(request.instance)) {
    return base::fail("found \"" + request.instance +
                      "\" as the name of an instance; allowed: letters, digits, -, _ and ., at most 64");
  }
  const InstanceRecord* record = find(request.instance);
  if (record != nullptr && record->current != nullptr)
    return base::fail("'" + request.instance + "' runs; upgrade it, or stop it first");
  return true;
}

void HostCore::install(const InstallRequest& request, const Done& done) {
  const auto allowed = may_adopt(request);
  if (!allowed) return done(Outcome::refused(allowed.error()));
  const auto opened = open_stranger(request);
  if (!opened) return done(Outcome::refused(opened.error()));
  std::error_code error;
  std::filesystem::create_directories(installed_dir_, error);
  std::filesystem::permissions(installed_dir_, std::filesystem::perms::owner_all, error);
  // The hash keeps two files of one version apart: one may be in use.
  const std::filesystem::path target = installed_dir_ / (opened->manifest.id + "-" + opened->manifest.version.text() +
                                                         "-" + opened->copy.sha256().substr(0, 12) + ".so");
  const std::vector<uint8_t>& bytes = opened->copy.bytes();
  const auto written = package::write_durably(target, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (!written) return done(Outcome::refused(written.error()));
  if (!request.instance.empty()) {
    InstanceRecord& record = record_of(request.instance);
    {
      const std::lock_guard lock(mutex_);
      record.config.file = target.string();
      record.config.sha256.clear();
      record.config.permissions = request.permissions;
      record.take_facts(*opened);
    }
    set_state(record, PluginState::installed, "uploaded by the operator");
    keep_state();
  }
  done(Outcome::done(target.string()));
}

void HostCore::delete_installed(const std::string& file) const {
  const bool ours = std::filesystem::path(file).parent_path() == installed_dir_;
  const bool shared = std::any_of(records_.begin(), records_.end(),
                                  [&](const auto& entry) { return entry.second.config.file == file; });
  if (!ours || shared) return;
  std::error_code error;
  std::filesystem::remove(file, error);
}

void HostCore::forget(const std::string& name, const Done& done) {
  const InstanceRecord* record = find(name);
  if (record == nullptr) return done(Outcome::refused("there is no instance '" + name + "'"));
  if (record->current != nullptr) return done(Outcome::refused("'" + name + "' runs; stop it first"));
  const bool leaves =
      std::any_of(leaving_.begin(), leaving_.end(), [&](const Leaving& leaving) { return leaving.instance == name; });
  if (leaves) return done(Outcome::refused("'" + name + "' has not gone yet; try again when it has"));
  const bool in_file = file_config_.contains(name) ||
                       std::find(plugins_.enabled.begin(), plugins_.enabled.end(), name) != plugins_.enabled.end();
  if (in_file) return done(Outcome::refused("'" + name + "' is named in the configuration file; take it out there"));
  const std::string file = record->config.file;
  {
    const std::lock_guard lock(mutex_);
    records_.erase(name);
  }
  state_.instances.erase(name);
  environment_.alarms.clear(alarm_name(name));
  delete_installed(file);
  keep_state();
  done(Outcome::done("removed"));
}

}  // namespace patchbay::plugin_host
