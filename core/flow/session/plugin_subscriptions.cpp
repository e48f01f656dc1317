#include "session/plugin_subscriptions.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "base/utf8.h"
#include "router/subscription_index.h"
#include "topic/topic_filter.h"

namespace patchbay::session {

using base::Counter;
using distribution::SubscriberHandle;
using mqtt::Qos;
using mqtt::ReasonCode;

PluginSubscriptions::~PluginSubscriptions() {
  for (const Slot& slot : slots_) {
    if (slot.entry != nullptr)
      static_cast<void>(environment_.index.remove(slot.entry->topic_filter, slot.entry->handle));
  }
}

uint32_t PluginSubscriptions::free_slot() {
  if (free_slots_.empty()) {
    slots_.emplace_back();
    return static_cast<uint32_t>(slots_.size() - 1);
  }
  const uint32_t slot = free_slots_.back();
  free_slots_.pop_back();
  return slot;
}

PluginSubscriptions::Added PluginSubscriptions::add(const PluginSubscriptionRequest& request) {
  PATCHBAY_ASSERT(request.origin != 0 && request.callback != nullptr);
  const SessionLimits& limits = *environment_.limits;
  const auto parsed =
      topic::parse_filter(request.topic_filter, {limits.maximum_topic_size, limits.maximum_topic_levels});
  if (!parsed || !base::is_clean_utf8(request.topic_filter)) return {ReasonCode::topic_filter_invalid, {}};
  if (size_ >= kMaximumSubscriptions) return {ReasonCode::quota_exceeded, {}};
  const uint32_t slot = free_slot();
  Slot& place = slots_[slot];
  place.generation = place.generation == 0xFFFFFF ? 1 : place.generation + 1;
  const SubscriberHandle handle(environment_.shard.id, place.generation, SubscriberHandle::kFirstInternalSlot | slot);
  distribution::SubscriptionOptions options;
  options.maximum_qos = static_cast<uint8_t>(mqtt::lower_qos(request.maximum_qos, Qos::at_least_once));
  options.retain_as_published = request.retain_as_published;
  const auto added = environment_.index.add(request.topic_filter, handle, options, 0);
  if (mqtt::is_failure(added.reason)) {
    free_slots_.push_back(slot);
    return {added.reason, {}};
  }
  place.entry = std::make_shared<Entry>();
  place.entry->handle = handle;
  place.entry->topic_filter = request.topic_filter;
  place.entry->inner_filter = parsed->filter;
  place.entry->request = request;
  place.entry->request.topic_filter = place.entry->topic_filter;
  ++size_;
  if (request.retain_handling != 2 && parsed->kind != topic::FilterKind::shared) begin_retained(*place.entry);
  return {ReasonCode::success, handle};
}

std::shared_ptr<PluginSubscriptions::Entry> PluginSubscriptions::find(SubscriberHandle handle) const {
  const uint32_t slot = handle.slot() - SubscriberHandle::kFirstInternalSlot;
  if (!handle.is_internal() || slot >= slots_.size()) return nullptr;
  const std::shared_ptr<Entry>& entry = slots_[slot].entry;
  return entry != nullptr && entry->handle == handle ? entry : nullptr;
}

bool PluginSubscriptions::remove(SubscriberHandle subscription) {
  const std::shared_ptr<Entry> entry = find(subscription);
  if (entry == nullptr) return false;
  const uint32_t slot = subscription.slot() - SubscriberHandle::kFirstInternalSlot;
  static_cast<void>(environment_.index.remove(entry->topic_filter, subscription));
  entry->alive = false;
  slots_[slot].entry.reset();
  free_slots_.push_back(slot);
  --size_;
  return true;
}

size_t PluginSubscriptions::remove_all(uint64_t origin) {
  size_t removed = 0;
  for (size_t slot = 0; slot < slots_.size(); ++slot) {
    const std::shared_ptr<Entry> entry = slots_[slot].entry;
    if (entry != nullptr && entry->request.origin == origin && remove(entry->handle)) ++removed;
  }
  return removed;
}

bool PluginSubscriptions::call(Entry& entry, const mqtt::MessageRef& message, Qos maximum_qos, bool retain) const {
  const PluginSubscriptionRequest& request = entry.request;
  const PluginDelivery delivery{message, entry.topic_filter, mqtt::lower_qos(message->qos(), maximum_qos), retain};
  return request.callback(request.self, delivery);
}

bool PluginSubscriptions::deliver(const mqtt::MessageRef& message, const distribution::Delivery& delivery) {
  const std::shared_ptr<Entry> entry = find(delivery.subscriber);
  if (entry == nullptr) return false;
  if (!entry->request.own_messages && message->origin_instance() == entry->request.origin) return true;
  if (message->is_expired(static_cast<int64_t>(environment_.shard.now_ms))) {  // [MQTT-3.3.2-5]
    environment_.shard.count(Counter::messages_dropped_expired);
    environment_.shard.count(Counter::messages_dropped);
    return true;
  }
  environment_.shard.count(Counter::messages_delivered);
  const bool retain = delivery.options.retain_as_published && message->retain();
  const auto qos = static_cast<Qos>(delivery.options.maximum_qos);
  if (call(*entry, message, qos, retain)) return true;
  const bool moves_on = delivery.shared && message->qos() != Qos::at_most_once && qos != Qos::at_most_once;
  if (moves_on) return false;
  environment_.shard.count(Counter::messages_dropped_plugin_refused);
  environment_.shard.count(Counter::messages_dropped);
  return true;
}

void PluginSubscriptions::begin_retained(const Entry& entry) {
  const router::RetainedCursor cursor = environment_.retained.begin(entry.inner_filter);
  if (!cursor.done) ask_for_page(entry, cursor);
}

void PluginSubscriptions::ask_for_page(const Entry& entry, const router::RetainedCursor& cursor) {
  environment_.retained.request_page(
      entry.inner_filter, cursor, kRetainedPage,
      [this, handle = entry.handle](router::RetainedPage&& page) { on_page(handle, std::move(page)); });
}

void PluginSubscriptions::on_page(SubscriberHandle handle, router::RetainedPage&& page) {
  const std::shared_ptr<Entry> entry = find(handle);
  if (entry == nullptr) return;
  for (const mqtt::MessageRef& message : page.messages) {
    if (!entry->alive) return;  // the callback may unsubscribe
    if (!call(*entry, message, mqtt::lower_qos(entry->request.maximum_qos, Qos::at_least_once), true)) {
      environment_.shard.count(Counter::messages_dropped_plugin_refused);
      environment_.shard.count(Counter::messages_dropped);
    }
  }
  if (entry->alive && !page.next.done) ask_for_page(*entry, page.next);
}

}  // namespace patchbay::session
