#include "plugin_services/subscription_service.h"

#include <algorithm>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "plugin_bridge/abi_views.h"
#include "plugin_services/publish_service.h"
#include "session/hook_services.h"
#include "session/session_environment.h"
#include "topic/topic_filter.h"

namespace patchbay::plugin_services {

using plugin_bridge::Held;

struct SubscriptionService::Entry : std::enable_shared_from_this<Entry> {
  SubscriptionService* service = nullptr;
  uint64_t id = 0;
  uint32_t shard = 0;
  std::string topic_filter;
  mqtt::Qos maximum_qos{};
  patchbay_delivery_fn function = nullptr;
  void* self = nullptr;
  std::atomic<bool> ended{false};
  distribution::SubscriberHandle handle;  ///< [shard of the subscription]

  std::mutex waiting_mutex;  // guards what follows: with worker execution only
  std::deque<mqtt::MessageRef> waiting;
  bool working = false;

  static bool on_message(void* self, const session::PluginDelivery& delivery) noexcept {
    auto& entry = *static_cast<Entry*>(self);
    if (entry.ended.load(std::memory_order_acquire)) return false;
    if (entry.service->account_.facts.worker_execution) return entry.hand_to_worker(delivery.message);
    entry.call(*delivery.message);
    return true;
  }

  void call(const mqtt::Message& message) {
    if (ended.load(std::memory_order_acquire)) return;
    const DeliveryDepth depth(message.plugin_depth());
    service->account_.call(Door::delivery, [&] { function(self, id, plugin_bridge::to_abi(&message)); });
  }

  bool hand_to_worker(const mqtt::MessageRef& message) {
    const std::lock_guard lock(waiting_mutex);
    if (waiting.size() >= kMaximumWaiting) return false;
    waiting.push_back(message);
    if (working) return true;
    working = service->workers_.post(service->account_.held,
                                     plugin_bridge::make_job([entry = shared_from_this()] { entry->work(); }));
    if (!working) waiting.pop_back();
    return working;
  }

  /// One after the other: the next message when the last one's call has returned.
  void work() {
    for (;;) {
      mqtt::MessageRef message;
      {
        const std::lock_guard lock(waiting_mutex);
        if (waiting.empty()) {
          working = false;
          return;
        }
        message = std::move(waiting.front());
        waiting.pop_front();
      }
      call(*message);
    }
  }
};

SubscriptionService::SubscriptionService(ServiceAccount& account, const ServiceShards& shards,
                                         plugin_bridge::WorkerPool& workers)
    : account_(account),
      shards_(shards),
      workers_(workers),
      quota_(account.limits.max_subscriptions, account.refusals, Refusal::subscriptions) {}

SubscriptionService::~SubscriptionService() {
  PATCHBAY_ASSERT(entries_.empty());
}

patchbay_status SubscriptionService::subscribe(std::string_view topic_filter, uint32_t maximum_qos,
                                               patchbay_delivery_fn function, void* self, uint64_t& subscription) {
  if (!account_.takes_work()) return PATCHBAY_CLOSED;
  if (function == nullptr || maximum_qos > 2 || !topic::parse_filter(topic_filter)) {
    return account_.invalid("a subscription has no function, a QoS above 2, or no topic filter");
  }
  if (!quota_.take()) return PATCHBAY_BUSY;
  auto entry = std::make_shared<Entry>();
  entry->service = this;
  entry->shard = shards_.on_shard() ? base::current_shard() : account_.facts.number % shards_.count();
  entry->topic_filter = topic_filter;
  // A callback that has returned has taken the message: there is nothing that QoS 2 could add.
  entry->maximum_qos = static_cast<mqtt::Qos>(std::min(maximum_qos, 1u));
  entry->function = function;
  entry->self = self;
  {
    const std::lock_guard lock(mutex_);
    entry->id = next_++;
    entries_.emplace(entry->id, entry);
  }
  subscription = entry->id;
  account_.held.add(Held::subscriptions);
  // By mail also from its own shard: the caller may stand in the middle of a delivery.
  shards_.run(entry->shard, [this, entry] { begin_on_shard(entry); });
  return PATCHBAY_OK;
}

void SubscriptionService::begin_on_shard(const EntryRef& entry) {
  if (entry->ended.load(std::memory_order_acquire)) return;
  session::PluginSubscriptionRequest request;
  request.topic_filter = entry->topic_filter;
  request.maximum_qos = entry->maximum_qos;
  request.retain_handling = 0;
  request.origin = account_.facts.number;
  request.callback = &Entry::on_message;
  request.self = entry.get();
  const auto added = shards_.flow(entry->shard).hook_services->plugin_subscriptions.add(request);
  entry->handle = added.subscription;
  if (added.reason < mqtt::ReasonCode::unspecified_error) return;
  account_.refusals.count(Refusal::subscriptions);
  account_.log.host_line(base::LogLevel::error, "subscription to '" + entry->topic_filter + "' was refused: " +
                                                    std::string(mqtt::reason_code_name(added.reason)));
}

void SubscriptionService::end_on_shard(Entry& entry) {
  if (entry.handle) {
    shards_.flow(entry.shard).hook_services->plugin_subscriptions.remove(std::exchange(entry.handle, {}));
  }
  forget();
}

void SubscriptionService::forget() {
  account_.held.remove(Held::subscriptions);
  quota_.give_back();
}

SubscriptionService::EntryRef SubscriptionService::take(uint64_t subscription) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(subscription);
  if (found == entries_.end()) return nullptr;
  EntryRef entry = std::move(found->second);
  entries_.erase(found);
  return entry;
}

patchbay_status SubscriptionService::unsubscribe(uint64_t subscription, void (*done)(void*), void* self) {
  EntryRef entry = take(subscription);
  if (entry == nullptr) return PATCHBAY_NOT_FOUND;
  entry->ended.store(true, std::memory_order_release);
  const uint32_t shard = entry->shard;
  shards_.run(shard, [this, entry = std::move(entry), done, self] {
    end_on_shard(*entry);
    if (done != nullptr) account_.call(Door::delivery, [&] { done(self); });
  });
  return PATCHBAY_OK;
}

void SubscriptionService::stop_on_shard() {
  const uint32_t shard = base::current_shard();
  std::vector<EntryRef> ending;
  {
    const std::lock_guard lock(mutex_);
    for (auto at = entries_.begin(); at != entries_.end();) {
      if (at->second->shard != shard) {
        ++at;
        continue;
      }
      ending.push_back(std::move(at->second));
      at = entries_.erase(at);
    }
  }
  for (const EntryRef& entry : ending) {
    entry->ended.store(true, std::memory_order_release);
    end_on_shard(*entry);
  }
}

}  // namespace patchbay::plugin_services
