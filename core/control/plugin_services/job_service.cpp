#include "plugin_services/job_service.h"

namespace patchbay::plugin_services {

using plugin_bridge::Held;

JobService::JobService(ServiceAccount& account, const ServiceShards& shards, plugin_bridge::WorkerPool& workers)
    : account_(account),
      shards_(shards),
      workers_(workers),
      quota_(account.limits.max_pending_work, account.refusals, Refusal::pending_work) {}

patchbay_status JobService::run(Function function, void* self) {
  if (!account_.finishes_work()) return PATCHBAY_CLOSED;
  if (function == nullptr) return account_.invalid("a job was given without a function");
  if (!quota_.take()) return PATCHBAY_BUSY;
  const bool posted = workers_.post(account_.held, plugin_bridge::make_job([this, function, self] {
                                      account_.call(Door::job, [&] { function(self); });
                                      quota_.give_back();
                                    }));
  if (posted) return PATCHBAY_OK;
  quota_.give_back();
  account_.refusals.count(Refusal::pending_work);
  return PATCHBAY_BUSY;
}

patchbay_status JobService::post(uint32_t shard, Function function, void* self) {
  if (!account_.finishes_work()) return PATCHBAY_CLOSED;
  if (function == nullptr || shard >= shards_.count()) {
    return account_.invalid("a post to a shard names no function, or a shard that doesn't exist");
  }
  if (!quota_.take()) return PATCHBAY_BUSY;
  account_.held.add(Held::worker_jobs);
  shards_.run(shard, [this, function, self] {
    account_.call(Door::post, [&] { function(self); });
    account_.held.remove(Held::worker_jobs);
    quota_.give_back();
  });
  return PATCHBAY_OK;
}

uint32_t thread_kind(plugin_bridge::CallPlaces& places) {
  if (base::current_shard() < places.shards()) return PATCHBAY_THREAD_SHARD;
  const plugin_bridge::CallPlace* place = places.current();
  if (place == nullptr) return PATCHBAY_THREAD_OTHER;
  return place == &places.control() ? PATCHBAY_THREAD_CONTROL : PATCHBAY_THREAD_WORKER;
}

}  // namespace patchbay::plugin_services
