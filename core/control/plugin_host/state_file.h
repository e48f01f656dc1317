#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace patchbay::plugin_host {

/// What the operator changed at run time about one instance. It holds until the configuration file says something else
/// about the same thing than it did then.
struct InstanceChange {
  bool enabled = false;
  bool file_enabled = false;  ///< what the configuration said when this was written
  std::string file;           ///< upgraded to; "": as the configuration says
  std::string file_before;    ///< what the configuration said
  std::string position;
  std::string position_before;
  std::vector<std::string> permissions;  ///< granted
  std::vector<std::string> permissions_before;

  bool operator==(const InstanceChange&) const = default;
};

/// All of it.
struct HostState {
  std::map<std::string, InstanceChange> instances;
  std::map<std::string, std::vector<std::string>> hook_order;  ///< explicit orders, by hook

  bool operator==(const HostState&) const = default;
};

/// `<data>/plugins/state.json`, written whole or not at all. [conductor], blocks on the disk.
class StateFile {
 public:
  explicit StateFile(std::filesystem::path data_dir) : path_(std::move(data_dir) / "plugins" / "state.json") {}

  /// A file that isn't there is an empty state; one that cannot be understood is an error, and is left alone.
  [[nodiscard]] base::Result<HostState, std::string> read() const;
  [[nodiscard]] base::Result<bool, std::string> write(const HostState& state) const;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace patchbay::plugin_host
