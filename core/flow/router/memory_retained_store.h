#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/shard_services.h"
#include "distribution/fan_out.h"
#include "router/retained_partition.h"
#include "router/retained_store.h"
#include "router/router_limits.h"

namespace patchbay::router {

/// Where every shard's partition is. Made once for the node; each MemoryRetainedStore enters its own partition before
/// any shard runs; constant afterwards.
struct RetainedDirectory {
  explicit RetainedDirectory(size_t shard_count) : partitions(shard_count, nullptr), fan_outs(shard_count, nullptr) {}
  std::vector<RetainedPartition*> partitions;
  std::vector<distribution::FanOut*> fan_outs;  ///< each used on its own shard only
  RetainedTotals totals;
};

/// Retained messages in memory: one partition for each shard, by a hash of the topic. Changes and look-ups are posted
/// to the owner, so that no partition is ever shared. Must outlive the mail of its shard. [shard]
class MemoryRetainedStore final : public RetainedStore {
 public:
  MemoryRetainedStore(const RouterLimits& limits, const base::ShardServices& services, distribution::FanOut& fan_out,
                      RetainedDirectory& directory);

  void set(const mqtt::MessageRef& message) override;
  void clear(std::string_view topic_name) override;
  [[nodiscard]] RetainedCursor begin(std::string_view filter) const override;
  void request_page(std::string_view filter, const RetainedCursor& cursor, size_t maximum_messages,
                    PageReply reply) override;
  [[nodiscard]] uint64_t message_count() const override;
  [[nodiscard]] uint64_t byte_count() const override;

 private:
  class Query;

  [[nodiscard]] base::ShardId owner_of(std::string_view topic_name) const;

  const base::ShardServices& services_;
  distribution::FanOut& fan_out_;
  RetainedDirectory& directory_;
  RetainedPartition partition_;
};

}  // namespace patchbay::router
