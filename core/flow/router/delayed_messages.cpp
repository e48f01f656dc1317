#include "router/delayed_messages.h"

#include "topic/topic_name.h"

namespace patchbay::router {

DelayedMessages::DelayedMessages(const RouterLimits& limits, const base::ShardServices& services, DelayedTotals& totals,
                                 Publish publish)
    : limits_(limits), services_(services), totals_(totals), publish_(std::move(publish)) {
  timer_.bind([](void* self) { static_cast<DelayedMessages*>(self)->fire(); }, this);
}

DelayedMessages::~DelayedMessages() {
  clear();
}

mqtt::ReasonCode DelayedMessages::accept(const mqtt::MessageRef& message) {
  const auto parsed = topic::parse_delayed_topic(message->topic());
  if (!limits_.delayed_available || !parsed || !topic::is_valid_topic_name(parsed->topic, limits_.topic)) {
    return mqtt::ReasonCode::topic_name_invalid;
  }
  if (!reserve(*message)) {
    services_.count(base::Counter::messages_dropped_delayed_limit);
    services_.count(base::Counter::messages_dropped);
    return mqtt::ReasonCode::quota_exceeded;
  }
  const int64_t due_at_ms = static_cast<int64_t>(services_.now_ms) + int64_t{parsed->delay_s} * 1000;
  waiting_.emplace(Key{due_at_ms, next_id_++}, Held{parsed->delay_s, message});
  services_.count(base::Counter::messages_delayed);
  arm();
  return mqtt::ReasonCode::success;
}

bool DelayedMessages::reserve(const mqtt::Message& message) {
  const uint64_t bytes = message.memory_size();
  // Reserve first and look afterwards: shards that accept at the same time cannot pass the limit together.
  const bool within_messages =
      totals_.messages.fetch_add(1, std::memory_order_relaxed) < limits_.maximum_delayed_messages;
  const bool within_bytes =
      totals_.bytes.fetch_add(bytes, std::memory_order_relaxed) + bytes <= limits_.maximum_delayed_bytes;
  if (within_messages && within_bytes) {
    services_.count(base::Counter::delayed);
    return true;
  }
  totals_.messages.fetch_sub(1, std::memory_order_relaxed);
  totals_.bytes.fetch_sub(bytes, std::memory_order_relaxed);
  return false;
}

DelayedMessages::Queue::iterator DelayedMessages::drop(Queue::iterator held) {
  totals_.messages.fetch_sub(1, std::memory_order_relaxed);
  totals_.bytes.fetch_sub(held->second.message->memory_size(), std::memory_order_relaxed);
  services_.counters->subtract(base::Counter::delayed);
  return waiting_.erase(held);
}

void DelayedMessages::arm() {
  if (waiting_.empty()) {
    timer_.stop();
    return;
  }
  const int64_t wait_ms = waiting_.begin()->first.first - static_cast<int64_t>(services_.now_ms);
  services_.start(timer_, wait_ms > 0 ? static_cast<uint64_t>(wait_ms) : 0);
}

void DelayedMessages::fire() {
  const auto now_ms = static_cast<int64_t>(services_.now_ms);
  for (uint32_t fired = 0; fired < limits_.maximum_delayed_fired_per_tick && !waiting_.empty(); ++fired) {
    const auto first = waiting_.begin();
    if (first->first.first > now_ms) break;
    const mqtt::MessageRef held = first->second.message;
    drop(first);
    mqtt::MessageFields fields = held->fields();
    fields.topic = topic::parse_delayed_topic(held->topic())->topic;
    fields.received_at_ms = now_ms;
    fields.received_at_unix_ms = static_cast<int64_t>(services_.now_unix_ms);
    publish_(mqtt::Message::create(fields));
  }
  // What is due beyond the limit is due at once, which the wheel takes to its next tick.
  arm();
}

std::vector<DelayedMessages::Waiting> DelayedMessages::list(size_t maximum, const Waiting* after) const {
  std::vector<Waiting> page;
  auto at = after == nullptr ? waiting_.begin() : waiting_.upper_bound(Key{after->due_at_ms, after->id});
  for (; at != waiting_.end() && page.size() < maximum; ++at) {
    page.push_back({at->first.second, at->first.first, at->second.delay_s, at->second.message});
  }
  return page;
}

DelayedMessages::Queue::const_iterator DelayedMessages::position_of(uint64_t id) const {
  auto at = waiting_.begin();
  while (at != waiting_.end() && at->first.second != id) ++at;
  return at;
}

std::optional<DelayedMessages::Waiting> DelayedMessages::find(uint64_t id) const {
  const auto at = position_of(id);
  if (at == waiting_.end()) return std::nullopt;
  return Waiting{at->first.second, at->first.first, at->second.delay_s, at->second.message};
}

bool DelayedMessages::cancel(uint64_t id) {
  const auto at = position_of(id);
  if (at == waiting_.end()) return false;
  drop(waiting_.find(at->first));
  arm();
  return true;
}

size_t DelayedMessages::cancel_topic(std::string_view topic_name) {
  const size_t before = waiting_.size();
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    const bool wanted = topic::parse_delayed_topic(at->second.message->topic())->topic == topic_name;
    at = wanted ? drop(at) : std::next(at);
  }
  arm();
  return before - waiting_.size();
}

void DelayedMessages::clear() {
  while (!waiting_.empty()) drop(waiting_.begin());
  timer_.stop();
}

}  // namespace patchbay::router
