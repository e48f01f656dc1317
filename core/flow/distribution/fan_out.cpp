#include "distribution/fan_out.h"

#include <cstddef>
#include <span>
#include <utility>

#include "base/assert.h"
#include "base/inline_vector.h"

namespace patchbay::distribution {

/// Deliveries on their way to one other shard: each item names the part of `deliveries` that belongs to its message.
class FanOut::Batch final : public base::Mail {
 public:
  explicit Batch(Subscribers& target) : target_(target) {}

  void add(const Delivery& delivery) {
    deliveries_.push_back(delivery);
    if (!delivery.continuation) ++staged_receivers_;
  }
  [[nodiscard]] size_t seal(mqtt::MessageRef message) {
    items_.push_back({std::move(message), sealed_, deliveries_.size() - sealed_});
    sealed_ = deliveries_.size();
    return std::exchange(staged_receivers_, 0);
  }
  [[nodiscard]] size_t size() const { return deliveries_.size(); }
  /// Nothing is in it but, maybe, what the message that is being addressed has added.
  [[nodiscard]] bool is_new() const { return sealed_ == 0; }
  [[nodiscard]] bool is_small() const { return items_.is_inside() && deliveries_.is_inside(); }
  void clear() {
    items_.clear();
    deliveries_.clear();
    sealed_ = 0;
  }

  void run() override {
    const std::span<const Delivery> all(deliveries_.data(), deliveries_.size());
    for (Item& item : items_) target_.deliver(std::move(item.message), all.subspan(item.first, item.count));
  }

 private:
  struct Item {
    mqtt::MessageRef message;
    size_t first;
    size_t count;
  };

  // At a low load a batch is a message for one session: that much lies in the batch itself and needs no memory of its
  // own, which another thread would have to give back.
  static constexpr size_t kInside = 4;

  Subscribers& target_;
  base::InlineVector<Item, kInside> items_;
  base::InlineVector<Delivery, kInside> deliveries_;
  size_t sealed_ = 0;
  size_t staged_receivers_ = 0;
};

/// A message that passes to another shard of the same thread.
class FanOut::Passing final : public base::Mail {
 public:
  Passing(Subscribers& target, const mqtt::PassingMessage& message, const Delivery& delivery)
      : target_(target), message_(message), delivery_(delivery) {}

  void run() override { passed_ = target_.pass(message_, delivery_); }
  [[nodiscard]] bool passed() const { return passed_; }

 private:
  Subscribers& target_;
  const mqtt::PassingMessage& message_;
  const Delivery& delivery_;
  bool passed_ = false;
};

FanOut::FanOut(base::ShardId self, const Exchange& exchange)
    : self_(self), exchange_(exchange), batches_(exchange.shard_count()) {}

FanOut::~FanOut() = default;

void FanOut::add_remote(base::ShardId shard, const Delivery& delivery) {
  PATCHBAY_ASSERT(shard < batches_.size());
  std::unique_ptr<Batch>& batch = batches_[shard];
  if (batch == nullptr) {
    batch = std::make_unique<Batch>(*exchange_.door(shard).subscribers);
  }
  // A message stages a shard once; the last entry tells for the common case, the scan covers interleaved shards.
  bool known = false;
  for (size_t i = staged_.size(); i > 0 && !known; --i) known = staged_[i - 1] == shard;
  if (!known) staged_.push_back(shard);
  batch->add(delivery);
}

size_t FanOut::send(mqtt::MessageRef&& message) {
  size_t receivers = 0;
  size_t shares = staged_.size() + (local_.empty() ? 0 : 1);
  for (const base::ShardId shard : staged_) {
    receivers += send_staged(shard, --shares == 0 ? std::move(message) : message);
  }
  staged_.clear();
  if (!local_.empty()) {
    PATCHBAY_ASSERT(delivering_.empty());  // a session must not route while it is delivered to
    std::swap(local_, delivering_);
    for (const Delivery& delivery : delivering_) receivers += delivery.continuation ? 0 : 1;
    exchange_.door(self_).subscribers->deliver(std::move(message), delivering_);
    delivering_.clear();
  }
  return receivers;
}

/// What the message has added to the batch for `shard`: delivered at once where that shard is free to be called and
/// nothing would be overtaken; then the batch is there for the next message.
size_t FanOut::send_staged(base::ShardId shard, mqtt::MessageRef message) {
  Batch& batch = *batches_[shard];
  const bool alone = batch.is_new();
  const size_t receivers = batch.seal(std::move(message));
  if (alone && exchange_.door(shard).mailbox->run_at_once(batch)) {
    batch.clear();
    if (!batch.is_small()) batches_[shard].reset();
    return receivers;
  }
  if (alone) waiting_.push_back(shard);
  if (batch.size() >= kBatchDeliveries) post_batch(shard);
  return receivers;
}

bool FanOut::pass(const mqtt::PassingMessage& message, const Delivery& delivery) {
  PATCHBAY_ASSERT(staged_.empty() && local_.empty() && delivering_.empty());
  const base::ShardId shard = delivery.subscriber.shard();
  const Exchange::Door& door = exchange_.door(shard);
  if (shard == self_) return door.subscribers->pass(message, delivery);
  if (batches_[shard] != nullptr && !batches_[shard]->is_new()) return false;
  Passing passing(*door.subscribers, message, delivery);
  return door.mailbox->run_at_once(passing) && passing.passed();
}

void FanOut::post_batch(base::ShardId shard) {
  if (batches_[shard] == nullptr || batches_[shard]->is_new()) return;
  std::unique_ptr<Batch> batch = std::move(batches_[shard]);
  const auto cost = static_cast<uint32_t>(batch->size());
  exchange_.door(shard).mailbox->post(std::move(batch), cost);
}

void FanOut::post_waiting() {
  PATCHBAY_ASSERT(staged_.empty());
  for (const base::ShardId shard : waiting_) post_batch(shard);
  waiting_.clear();
}

void FanOut::post(base::ShardId shard, std::unique_ptr<base::Mail> mail, uint32_t cost) {
  if (shard != self_) post_batch(shard);
  exchange_.door(shard).mailbox->post(std::move(mail), cost);
}

bool FanOut::congested() const {
  if (exchange_.pressure().load(std::memory_order_relaxed) != 0) return true;
  for (size_t shard = 0; shard < exchange_.shard_count(); ++shard) {
    if (shard == self_) continue;
    if (exchange_.door(static_cast<base::ShardId>(shard)).mailbox->cost() > exchange_.mailbox_high_water()) return true;
  }
  return false;
}

}  // namespace patchbay::distribution
