#include "operations/shard_probes.h"

#include <algorithm>

namespace patchbay::operations {

ShardProbes::ShardProbes(const OperationsEnvironment& environment) : environment_(environment) {
  for (uint32_t shard = 0; shard < environment.shards.count(); ++shard) probes_.push_back(std::make_shared<Probe>());
}

void ShardProbes::send() {
  for (uint32_t shard = 0; shard < environment_.shards.count(); ++shard) {
    const std::shared_ptr<Probe> probe = probes_[shard];
    if (probe->waiting.exchange(true)) continue;
    probe->sent_ms = environment_.clock.steady_ms();
    environment_.shards.run(shard, [probe, shard, &environment = environment_] {
      probe->lag_ms = environment.clock.steady_ms() - probe->sent_ms;
      probe->mail = environment.shards.services(shard).mailbox->cost();
      probe->waiting = false;
    });
  }
}

uint64_t ShardProbes::longest_lag_ms() const {
  uint64_t longest_ms = 0;
  for (const std::shared_ptr<Probe>& probe : probes_) {
    const uint64_t so_far_ms = environment_.clock.steady_ms() - probe->sent_ms;
    longest_ms = std::max(longest_ms, probe->waiting.load() ? so_far_ms : probe->lag_ms.load());
  }
  return longest_ms;
}

uint64_t ShardProbes::most_mail() const {
  uint64_t most = 0;
  for (const std::shared_ptr<Probe>& probe : probes_) most = std::max(most, probe->mail.load());
  return most;
}

}  // namespace patchbay::operations
