#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::plugin_protocols {

/// A protocol that a plugin speaks, or has spoken since the node started. A value.
struct ProtocolRecord {
  std::string id;    ///< as listeners name it: "stomp"
  std::string name;  ///< as its clients are shown: "STOMP"
  std::string plugin;
  bool open = false;  ///< new connections are taken
  uint64_t created_unix_ms = 0;
  uint64_t started_unix_ms = 0;
  uint64_t stopped_unix_ms = 0;  ///< 0: never
};

/// Which protocols there are besides MQTT, for those who list them. Protocols are few: as many as plugins that have
/// been started. [any-thread]
class ProtocolRecords {
 public:
  /// The plugin speaks it from now on; another version of it may have done so before.
  void opened(std::string_view id, std::string_view name, std::string_view plugin, uint64_t now_unix_ms);
  /// Nothing happens where it is another plugin's by now.
  void closed(std::string_view id, std::string_view plugin, uint64_t now_unix_ms);
  /// By id.
  [[nodiscard]] std::vector<ProtocolRecord> list() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, ProtocolRecord, std::less<>> records_;
};

}  // namespace patchbay::plugin_protocols
