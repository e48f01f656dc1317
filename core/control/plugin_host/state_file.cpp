#include "plugin_host/state_file.h"

#include <nlohmann/json.hpp>
#include <system_error>

#include "package/durable_file.h"

namespace patchbay::plugin_host {

namespace {

constexpr size_t kBytesMax = size_t{8} << 20;
constexpr int kVersion = 1;

nlohmann::json to_json(const InstanceChange& change) {
  return {{"enabled", change.enabled},
          {"file_enabled", change.file_enabled},
          {"file", change.file},
          {"file_before", change.file_before},
          {"position", change.position},
          {"position_before", change.position_before},
          {"permissions", change.permissions},
          {"permissions_before", change.permissions_before}};
}

InstanceChange change_from(const nlohmann::json& json) {
  InstanceChange change;
  change.enabled = json.at("enabled").get<bool>();
  change.file_enabled = json.at("file_enabled").get<bool>();
  change.file = json.value("file", "");
  change.file_before = json.value("file_before", "");
  change.position = json.value("position", "");
  change.position_before = json.value("position_before", "");
  change.permissions = json.value("permissions", std::vector<std::string>{});
  change.permissions_before = json.value("permissions_before", std::vector<std::string>{});
  return change;
}

HostState state_from(const nlohmann::json& json) {
  HostState state;
  if (json.at("version").get<int>() != kVersion) throw std::runtime_error("version is not 1");
  for (const auto& [name, change] : json.at("instances").items()) state.instances[name] = change_from(change);
  for (const auto& [hook, list] : json.at("hook_order").items())
    state.hook_order[hook] = list.get<std::vector<std::string>>();
  return state;
}

}  // namespace

base::Result<HostState, std::string> StateFile::read() const {
  std::error_code error;
  if (!std::filesystem::exists(path_, error)) return HostState{};
  const auto text = package::read_whole(path_, kBytesMax);
  if (!text) return base::fail(text.error());
  try {
    return state_from(nlohmann::json::parse(*text));
  } catch (const std::exception& problem) {
    return base::fail(path_.string() + ": " + problem.what());
  }
}

base::Result<bool, std::string> StateFile::write(const HostState& state) const {
  nlohmann::json json = {
      {"version", kVersion}, {"instances", nlohmann::json::object()}, {"hook_order", nlohmann::json::object()}};
  for (const auto& [name, change] : state.instances) json["instances"][name] = to_json(change);
  for (const auto& [hook, list] : state.hook_order) json["hook_order"][hook] = list;
  std::error_code error;
  std::filesystem::create_directories(path_.parent_path(), error);
  return package::write_durably(path_, json.dump(2) + "\n");
}

}  // namespace patchbay::plugin_host
