#include "router/shared_group.h"

namespace patchbay::router {

SharedGroup::SharedGroup(std::string_view name, std::string_view filter, uint64_t id, uint16_t tag,
                         SharedStrategy strategy, base::ShardId shard_count, base::Random& random)
    : name_(name),
      filter_(filter),
      id_(id),
      tag_(tag),
      strategy_(strategy),
      cursors_(std::make_unique<Cursor[]>(shard_count)) {
  for (base::ShardId shard = 0; shard < shard_count; ++shard) {
    cursors_[shard].position.store(static_cast<uint32_t>(random.next()), std::memory_order_relaxed);
  }
}

}  // namespace patchbay::router
