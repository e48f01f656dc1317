#include "plugin_bridge/bridge.h"

#include <utility>

#include "base/mailbox.h"
#include "plugin_bridge/answers_table.h"
#include "plugin_bridge/breadcrumb_text.h"
#include "plugin_bridge/instance.h"

namespace patchbay::plugin_bridge {

Bridge::Bridge(BridgeEnvironment environment, BridgeOptions options)
    : environment_(std::move(environment)),
      places_(shard_count()),
      workers_(places_, environment_.clock, std::move(options.workers)),
      control_hooks_(environment_.epoch, environment_.completions, environment_.clock),
      chains_(environment_, control_hooks_.points()),
      watchdog_(places_, environment_.clock, options.breaker),
      client_slots_(shard_count()),
      dirty_(environment_.shards.size()) {
  interfaces_.offer(
      PATCHBAY_ANSWERS_1, "", [](void*, Instance&) -> const void* { return &answers_table(); }, nullptr);
  set_breadcrumbs(&places_);
  places_.background().allow(options.leftovers);
}

Bridge::~Bridge() {
  stop();
  set_breadcrumbs(nullptr);
}

void Bridge::start() {
  workers_.start();
  watchdog_.start();
}

void Bridge::stop() {
  watchdog_.stop();
  workers_.stop();
}

bool Bridge::publish(PublishedChains next, uint64_t limit_ms) {
  std::vector<Hook*> watched;
  bool slots = false;
  for (const PublishedHook& each : next.hooks) {
    watched.push_back(each.hook);
    slots = slots || each.hook->instance().facts().client_slot;
  }
  client_slots_.listen(chains_, slots);
  const bool passed = chains_.publish(std::move(next), limit_ms);
  watchdog_.watch(watched);
  return passed;
}

void Bridge::end_client_slots(Instance& instance) {
  for (base::ShardServices* shard : environment_.shards) {
    shard->mailbox->post(base::make_task([this, &instance] { client_slots_.end_instance(instance); }));
  }
}

void Bridge::hand_over(base::ShardId shard) {
  Dirty& dirty = dirty_[shard];
  dirty.handing_over.swap(dirty.queues);  // both keep their memory: every turn with events comes here
  for (BatchQueue* queue : dirty.handing_over) queue->hand_over();
  dirty.handing_over.clear();
}

}  // namespace patchbay::plugin_bridge
