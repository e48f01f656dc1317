#include "operations/slow_table.h"

#include <algorithm>

namespace patchbay::operations {

void SlowTable::add(std::string_view client_id, std::string_view topic, uint64_t time_span_ms, uint64_t now_unix_ms,
                    size_t records_max) {
  const bool full = records_.size() >= records_max;
  if (full && time_span_ms < fastest_ms_) return;
  Key key(client_id, topic);
  const auto known = records_.find(key);
  if (known != records_.end()) {
    known->second = {time_span_ms, now_unix_ms};
  } else {
    const auto faster = [](const auto& a, const auto& b) { return a.second.time_span_ms < b.second.time_span_ms; };
    while (records_.size() >= records_max) {
      const auto fastest = std::min_element(records_.begin(), records_.end(), faster);
      if (fastest->second.time_span_ms >= time_span_ms) return;
      records_.erase(fastest);
    }
    records_.emplace(std::move(key), Record{time_span_ms, now_unix_ms});
  }
  if (records_.size() < records_max) return;
  fastest_ms_ = ~uint64_t{0};
  for (const auto& [name, record] : records_) fastest_ms_ = std::min(fastest_ms_, record.time_span_ms);
}

void SlowTable::expire(uint64_t before_unix_ms) {
  std::erase_if(records_, [&](const auto& entry) { return entry.second.last_update_unix_ms < before_unix_ms; });
}

std::vector<SlowDelivery> SlowTable::list() const {
  std::vector<SlowDelivery> list;
  list.reserve(records_.size());
  for (const auto& [key, record] : records_)
    list.push_back({key.first, key.second, record.time_span_ms, record.last_update_unix_ms});
  return list;
}

}  // namespace patchbay::operations
