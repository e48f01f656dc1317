#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/shard_services.h"
#include "distribution/exchange.h"
#include "distribution/fan_out.h"
#include "distribution/presence.h"
#include "mqtt/application_message.h"
#include "router/router_limits.h"
#include "router/subscription_index.h"

namespace patchbay::router::testing {

/// Sessions that only remember what they were given.
class RecordingSubscribers final : public distribution::Subscribers {
 public:
  struct Received {
    mqtt::MessageRef message;
    distribution::Delivery delivery;
  };

  void deliver(mqtt::MessageRef&& message, std::span<const distribution::Delivery> deliveries) override {
    for (const distribution::Delivery& delivery : deliveries) received.push_back({message, delivery});
  }

  bool pass(const mqtt::PassingMessage& message, const distribution::Delivery& delivery) override {
    if (takes_passing)
      passed.push_back(std::string(message.topic) + "/" + std::to_string(delivery.subscriber.slot()) + "/" +
                       std::string(message.payload.begin(), message.payload.end()));
    return takes_passing;
  }

  std::vector<Received> received;
  std::vector<std::string> passed;  ///< "topic/slot/payload"
  bool takes_passing = false;
};

/// One shard on a manual clock.
struct TestShard {
  TestShard(base::ShardId id, distribution::Exchange& exchange, base::EpochDomain& epoch, base::ManualClock& clock_in)
      : clock(clock_in),
        mailbox([](void*) {}, nullptr),
        timers(clock_in.steady_ms()),
        random(id + 77U),
        fan_out(id, exchange) {
    services = {id, clock.steady_ms(), clock.unix_ms(), &clock, &random, &timers, &counters, &epoch, &mailbox};
    exchange.connect(id, mailbox, subscribers);
  }
  /// One turn of the loop.
  void turn() {
    const base::ShardScope scope(services.id);
    services.now_ms = clock.steady_ms();
    services.now_unix_ms = clock.unix_ms();
    services.epoch->enter(services.id);
    timers.advance(services.now_ms);
    mailbox.drain();
    fan_out.flush();
    services.epoch->leave(services.id);
  }
  [[nodiscard]] uint64_t counted(base::Counter counter) const { return counters.get(counter); }

  base::ManualClock& clock;
  base::Mailbox mailbox;
  base::TimerWheel timers;
  base::SeededRandom random;
  base::Counters counters;
  RecordingSubscribers subscribers;
  base::ShardServices services;
  distribution::FanOut fan_out;
};

/// Some shards that take turns on one thread.
struct TestNode {
  explicit TestNode(base::ShardId shard_count) : exchange(shard_count, 1'000'000), presence(shard_count) {
    for (base::ShardId id = 0; id < shard_count; ++id) {
      shards.push_back(std::make_unique<TestShard>(id, exchange, epoch, clock));
    }
  }
  /// Turns until no shard has mail.
  void settle() {
    bool busy = true;
    while (busy) {
      busy = false;
      for (const auto& shard : shards) shard->turn();
      for (const auto& shard : shards) busy = busy || shard->mailbox.cost() != 0;
    }
  }
  /// Lets time pass in steps of one second.
  void wait_s(uint64_t seconds) {
    for (uint64_t i = 0; i < seconds; ++i) {
      clock.advance_ms(1000);
      for (const auto& shard : shards) shard->turn();
    }
    settle();
  }
  [[nodiscard]] TestShard& shard(base::ShardId id) { return *shards[id]; }

  base::ManualClock clock;
  base::EpochDomain epoch;
  distribution::Exchange exchange;
  distribution::Presence presence;
  std::vector<std::unique_ptr<TestShard>> shards;
};

struct MessageOptions {
  bool retain = false;
  std::optional<uint32_t> expiry_s;
  std::string_view client_id = "publisher";
  uint64_t publisher_handle = 0;
  uint16_t flags = 0;
  mqtt::Qos qos = mqtt::Qos::at_most_once;
};

inline mqtt::MessageRef make_message(std::string_view topic, std::string_view payload,
                                     const base::ShardServices& services, const MessageOptions& options = {}) {
  mqtt::MessageFields fields;
  fields.topic = topic;
  fields.payload = {reinterpret_cast<const uint8_t*>(payload.data()), payload.size()};
  fields.publisher_client_id = options.client_id;
  fields.publisher_handle = options.publisher_handle;
  fields.retain = options.retain;
  fields.qos = options.qos;
  fields.flags = options.flags;
  fields.message_expiry_interval_s = options.expiry_s;
  fields.received_at_ms = static_cast<int64_t>(services.now_ms);
  fields.received_at_unix_ms = static_cast<int64_t>(services.now_unix_ms);
  return mqtt::Message::create(fields);
}

inline std::string payload_of(const mqtt::Message& message) {
  return {message.payload().begin(), message.payload().end()};
}

inline distribution::SubscriberHandle handle(uint32_t slot, base::ShardId shard = 0) {
  return {shard, 1, slot};
}

inline distribution::SubscriptionOptions options_of(uint8_t qos, bool no_local = false, bool as_published = false) {
  distribution::SubscriptionOptions options;
  options.maximum_qos = qos & 3;
  options.no_local = no_local ? 1 : 0;
  options.retain_as_published = as_published ? 1 : 0;
  return options;
}

}  // namespace patchbay::router::testing
