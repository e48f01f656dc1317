#include "router/retained_partition.h"

#include <optional>
#include <utility>

namespace patchbay::router {

RetainedPartition::RetainedPartition(const RouterLimits& limits, const base::ShardServices& services,
                                     RetainedTotals& totals)
    : limits_(limits), services_(services), totals_(totals) {
  sweep_timer_.bind([](void* self) { static_cast<RetainedPartition*>(self)->sweep(); }, this);
}

RetainedPartition::~RetainedPartition() {
  // The node's totals outlive one shard's partition.
  totals_.messages.fetch_sub(tree_.size(), std::memory_order_relaxed);
  totals_.bytes.fetch_sub(bytes_, std::memory_order_relaxed);
}

void RetainedPartition::set(const mqtt::MessageRef& message) {
  if (message->payload().empty()) {
    // [MQTT-3.3.1-6] An empty payload removes what is there; [MQTT-3.3.1-7] it is not stored itself.
    clear(message->topic());
    return;
  }
  Kept kept{message, expiry_of(*message)};
  if (!reserve(kept)) {
    services_.count(base::Counter::messages_dropped_retain_limit);
    return;
  }
  if (kept.expires_at_ms != kNever) {
    ++expiring_;
    if (!sweep_timer_.running()) services_.start(sweep_timer_, limits_.retained_sweep_interval_ms);
  }
  services_.count(base::Counter::messages_retained_set);
  const std::optional<Kept> before = tree_.put(std::move(kept));
  if (before) release(*before);
}

void RetainedPartition::clear(std::string_view topic_name) {
  const std::optional<Kept> before = tree_.take(topic_name);
  if (before) release(*before);
}

int64_t RetainedPartition::expiry_of(const mqtt::Message& message) const {
  if (message.has_message_expiry_interval()) return message.expires_at_ms();
  if (limits_.retained_expiry_s == 0) return kNever;
  return message.received_at_ms() + int64_t{limits_.retained_expiry_s} * 1000;
}

bool RetainedPartition::reserve(const Kept& kept) {
  const mqtt::Message& message = *kept.message;
  if (message.payload().size() > limits_.maximum_retained_payload_bytes) return false;
  const Kept* const before = tree_.find(message.topic());
  const uint64_t bytes = message.memory_size();
  const uint64_t freed_bytes = before == nullptr ? 0 : before->message->memory_size();
  const uint64_t freed_messages = before == nullptr ? 0 : 1;
  // Reserve first and look afterwards: shards that store at the same time cannot pass the limit together.
  const uint64_t messages_with = totals_.messages.fetch_add(1, std::memory_order_relaxed) + 1 - freed_messages;
  const uint64_t bytes_with = totals_.bytes.fetch_add(bytes, std::memory_order_relaxed) + bytes - freed_bytes;
  if (messages_with > limits_.maximum_retained_messages || bytes_with > limits_.maximum_retained_bytes) {
    totals_.messages.fetch_sub(1, std::memory_order_relaxed);
    totals_.bytes.fetch_sub(bytes, std::memory_order_relaxed);
    return false;
  }
  bytes_ += bytes;
  services_.count(base::Counter::retained);
  services_.count(base::Counter::retained_bytes, bytes);
  return true;
}

void RetainedPartition::release(const Kept& kept) {
  const uint64_t bytes = kept.message->memory_size();
  totals_.messages.fetch_sub(1, std::memory_order_relaxed);
  totals_.bytes.fetch_sub(bytes, std::memory_order_relaxed);
  bytes_ -= bytes;
  services_.counters->subtract(base::Counter::retained);
  services_.counters->subtract(base::Counter::retained_bytes, bytes);
  if (kept.expires_at_ms != kNever) --expiring_;
}

void RetainedPartition::fill_page(std::string_view filter, size_t maximum_messages, RetainedPage& page) {
  const auto now_ms = static_cast<int64_t>(services_.now_ms);
  std::vector<std::string> expired;
  auto resume_at =
      tree_.find_matching(filter, page.next.resume_at, limits_.maximum_retained_page_steps, [&](const Kept& kept) {
        if (kept.expires_at_ms <= now_ms) {
          expired.emplace_back(kept.message->topic());
          return true;
        }
        if (page.messages.size() == maximum_messages) return false;
        page.messages.push_back(kept.message);
        return true;
      });
  for (const std::string& topic_name : expired) clear(topic_name);
  page.next.done = !resume_at;
  page.next.resume_at = resume_at ? std::move(*resume_at) : std::string();
}

void RetainedPartition::sweep() {
  const auto now_ms = static_cast<int64_t>(services_.now_ms);
  const auto is_expired = [&](const Kept& kept) {
    if (kept.expires_at_ms > now_ms) return false;
    release(kept);
    return true;
  };
  sweep_at_ = tree_.sweep(sweep_at_, limits_.maximum_retained_sweep_steps, is_expired).value_or(std::string());
  if (expiring_ != 0) services_.start(sweep_timer_, limits_.retained_sweep_interval_ms);
}

}  // namespace patchbay::router
