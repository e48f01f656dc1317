#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/mailbox.h"
#include "base/shard.h"
#include "distribution/delivery.h"
#include "distribution/exchange.h"
#include "mqtt/application_message.h"
#include "mqtt/passing_message.h"

namespace patchbay::distribution {

/// One shard's way out: groups the deliveries of a message by owner shard. Its own shard gets them at once, and so does
/// one that the same thread runs, where nothing sent to it before still waits (Mailbox::run_at_once()); other shards
/// get one batch at the end of the turn (or when a batch is large), with one wake-up each. [shard]
///
/// Responsibility: once send() has returned, every delivery is with its session or in a batch that flush() posts before
/// any acknowledgement of this turn is written to a socket. Nothing is dropped here: when another shard falls behind,
/// congested() tells the connections to stop reading.
class FanOut {
 public:
  /// Deliveries after which a batch is posted before the turn ends, so that the other shard can begin.
  static constexpr size_t kBatchDeliveries = 512;

  FanOut(base::ShardId self, const Exchange& exchange);
  FanOut(const FanOut&) = delete;
  FanOut& operator=(const FanOut&) = delete;
  ~FanOut();

  /// Names one receiver of the message that the next send() brings.
  void add(const Delivery& delivery) {
    const base::ShardId shard = delivery.subscriber.shard();
    if (shard == self_) {
      local_.push_back(delivery);
    } else {
      add_remote(shard, delivery);
    }
  }
  /// Sends `message` to all receivers added since the last send(), the last of whom may keep this very share of it.
  /// Returns how many there were, continuations not counted; 0: the share is still there.
  size_t send(mqtt::MessageRef&& message);
  /// Hands a message that passes to its only receiver, where he gets it within this call and nothing sent to him before
  /// still waits. False: nothing has happened, and add() and send() are the way. Not between add() and send().
  [[nodiscard]] bool pass(const mqtt::PassingMessage& message, const Delivery& delivery);
  /// Posts what waits for other shards. Called by the shard at the end of each turn, before sockets are written.
  void flush() {
    if (!waiting_.empty()) post_waiting();
  }
  /// Runs `mail` on another shard (or, through its mailbox, on this one), after what was sent to it before.
  void post(base::ShardId shard, std::unique_ptr<base::Mail> mail, uint32_t cost = 1);

  /// True while some shard has more than Exchange::mailbox_high_water() deliveries waiting, or somebody else presses
  /// (Exchange::pressure()).
  [[nodiscard]] bool congested() const;
  [[nodiscard]] base::ShardId self() const { return self_; }
  [[nodiscard]] size_t shard_count() const { return exchange_.shard_count(); }

 private:
  class Batch;
  class Passing;

  void add_remote(base::ShardId shard, const Delivery& delivery);
  [[nodiscard]] size_t send_staged(base::ShardId shard, mqtt::MessageRef message);
  void post_batch(base::ShardId shard);
  void post_waiting();

  base::ShardId self_;
  const Exchange& exchange_;
  std::vector<Delivery> local_;
  std::vector<Delivery> delivering_;             // what local_ held while its sessions are being served
  std::vector<std::unique_ptr<Batch>> batches_;  // by shard; null or new while nothing waits
  std::vector<base::ShardId> staged_;            // shards with deliveries of the message being addressed
  std::vector<base::ShardId> waiting_;           // shards with a batch to post
};

}  // namespace patchbay::distribution
