#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bench/alternation.h"
#include "bench/credits.h"
#include "bench/histogram.h"
#include "bench/mqtt_client.h"
#include "bench/run_state.h"
#include "bench/sequence_checker.h"
#include "bench/traffic_plan.h"

namespace patchbay::bench {

// What the subscribers of one thread write into.
struct DeliverySinks {
  WorkerCounters& counters;
  Histogram& latency;
  SlotLatencies& slots;
  CreditBook& credits;
  std::vector<DeliveryBitmap>& shared_deliveries;  // by publisher; empty unless the subscription is shared
};

// One subscribing client: acknowledges, checks each message's sequence number and takes its latency.
class Subscriber final : public ClientListener {
 public:
  Subscriber(EventLoop& loop, const TrafficPlan& plan, std::size_t number, RunState& run, DeliverySinks sinks);

  bool open(std::size_t index);
  MqttClient& client() { return client_; }
  const SubscriberPlan& plan() const { return own_plan_; }
  // By publisher, counted from plan().first_publisher.
  const std::vector<SequenceChecker>& checkers() const { return checkers_; }
  const std::vector<SharedOrderChecker>& shared_checkers() const { return shared_checkers_; }

  void on_connack(MqttClient& client, const ConnackFields& connack) override;
  void on_suback(MqttClient& client, const SubackFields& suback) override;
  void on_publish(MqttClient& client, const PublishView& publish) override;
  void on_ack(MqttClient& client, PacketType type, const AckFields& ack) override;
  void on_input_done(MqttClient& client) override;
  void on_closed(MqttClient& client, std::string_view reason) override;

 private:
  void take_stamp(const PublishView& publish);
  void take_latency(std::int64_t scheduled_ns);

  const TrafficPlan& plan_;
  const SubscriberPlan& own_plan_;
  RunState& run_;
  DeliverySinks sinks_;
  MqttClient client_;
  std::size_t number_;
  std::int64_t batch_ns_ = 0;  // when the present read was begun with; 0 = between reads
  std::vector<SequenceChecker> checkers_;
  std::vector<SharedOrderChecker> shared_checkers_;
};

}  // namespace patchbay::bench
