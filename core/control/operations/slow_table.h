#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchbay::operations {

/// A subscriber that got a message late.
struct SlowDelivery {
  std::string client_id;
  std::string topic;
  uint64_t time_span_ms = 0;
  uint64_t last_update_unix_ms = 0;
};

/// The slowest deliveries of one shard, one for each client and topic: the latest one counts. Bounded by the number of
/// records that are wanted; what is faster than all of them costs one comparison. [shard]
class SlowTable {
 public:
  void add(std::string_view client_id, std::string_view topic, uint64_t time_span_ms, uint64_t now_unix_ms,
           size_t records_max);
  void expire(uint64_t before_unix_ms);
  void clear() { records_.clear(); }
  [[nodiscard]] std::vector<SlowDelivery> list() const;

 private:
  using Key = std::pair<std::string, std::string>;
  struct Record {
    uint64_t time_span_ms = 0;
    uint64_t last_update_unix_ms = 0;
  };
  std::map<Key, Record> records_;
  uint64_t fastest_ms_ = 0;  ///< of the records, once the table is full
};

}  // namespace patchbay::operations
