#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/shard_services.h"

namespace patchbay::session {
struct SessionEnvironment;
}

namespace patchbay::plugin_services {

/// One shard as the services reach it.
struct ServiceShard {
  base::ShardServices* services = nullptr;
  session::SessionEnvironment* flow = nullptr;  ///< [shard]; null in tests of services that don't need it
};

/// The way from the services to the shards. Made by the composition root before the shards run. [any-thread]
class ServiceShards {
 public:
  explicit ServiceShards(std::vector<ServiceShard> shards) : shards_(std::move(shards)) {}

  [[nodiscard]] uint32_t count() const { return static_cast<uint32_t>(shards_.size()); }
  void post(uint32_t shard, std::unique_ptr<base::Mail> mail) const {
    shards_[shard].services->mailbox->post(std::move(mail));
  }
  template <class F>
  void run(uint32_t shard, F work) const {
    post(shard, base::make_task(std::move(work)));
  }
  /// The shard does `work` in its next turn, and is not woken for it: who waits for that calls hurry(), sooner or
  /// later.
  template <class F>
  void run_patiently(uint32_t shard, F work) const {
    base::PatientMailbox* const mailbox = shards_[shard].services->patient_mailbox;
    if (mailbox == nullptr) return run(shard, std::move(work));  // of a shard without a loop of its own
    mailbox->post(base::make_task(std::move(work)));
  }
  /// Wakes the shards that have not come by yet.
  void hurry() const {
    for (const ServiceShard& shard : shards_) {
      if (shard.services->patient_mailbox != nullptr) shard.services->patient_mailbox->hurry();
    }
  }
  /// [that shard]
  [[nodiscard]] base::ShardServices& services(uint32_t shard) const {
    PATCHBAY_ASSERT(base::current_shard() == shard);
    return *shards_[shard].services;
  }
  /// [that shard]
  [[nodiscard]] session::SessionEnvironment& flow(uint32_t shard) const {
    PATCHBAY_ASSERT(base::current_shard() == shard && shards_[shard].flow != nullptr);
    return *shards_[shard].flow;
  }
  /// Whether the calling thread runs one of these shards.
  [[nodiscard]] bool on_shard() const { return base::current_shard() < shards_.size(); }

 private:
  std::vector<ServiceShard> shards_;
};

}  // namespace patchbay::plugin_services
