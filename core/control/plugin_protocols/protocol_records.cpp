#include "plugin_protocols/protocol_records.h"

namespace patchbay::plugin_protocols {

void ProtocolRecords::opened(std::string_view id, std::string_view name, std::string_view plugin,
                             uint64_t now_unix_ms) {
  const std::lock_guard lock(mutex_);
  ProtocolRecord& record = records_[std::string(id)];
  if (record.created_unix_ms == 0) record.created_unix_ms = now_unix_ms;
  record.id = id;
  record.name = name;
  record.plugin = plugin;
  record.open = true;
  record.started_unix_ms = now_unix_ms;
}

void ProtocolRecords::closed(std::string_view id, std::string_view plugin, uint64_t now_unix_ms) {
  const std::lock_guard lock(mutex_);
  const auto found = records_.find(id);
  if (found == records_.end() || found->second.plugin != plugin || !found->second.open) return;
  found->second.open = false;
  found->second.stopped_unix_ms = now_unix_ms;
}

std::vector<ProtocolRecord> ProtocolRecords::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<ProtocolRecord> all;
  for (const auto& [id, record] : records_) all.push_back(record);
  return all;
}

}  // namespace patchbay::plugin_protocols
