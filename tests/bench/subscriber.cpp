#include "bench/subscriber.h"

#include <string>

#include "bench/clock.h"
#include "bench/message_stamp.h"

namespace patchbay::bench {

Subscriber::Subscriber(EventLoop& loop, const TrafficPlan& plan, std::size_t number, RunState& run, DeliverySinks sinks)
    : plan_(plan),
      own_plan_(plan.subscribers[number]),
      run_(run),
      sinks_(sinks),
      client_(loop, *this),
      number_(number),
      checkers_(plan.shared ? 0 : own_plan_.publisher_count),
      shared_checkers_(plan.shared ? own_plan_.publisher_count : 0) {}

bool Subscriber::open(std::size_t index) {
  ConnectFields fields = plan_.connect;
  fields.client_id += "-s" + std::to_string(number_);
  return client_.open(plan_.broker, index, std::move(fields));
}

void Subscriber::on_connack(MqttClient& client, const ConnackFields&) {
  client.subscribe({&own_plan_.topic_filter, 1}, plan_.qos, 1);
}

void Subscriber::on_suback(MqttClient&, const SubackFields& suback) {
  if (suback.refused > 0) run_.errors.add("subscriber " + std::to_string(number_), "SUBSCRIBE refused");
  sinks_.counters.subscribers_ready.add();
}

void Subscriber::on_publish(MqttClient& client, const PublishView& publish) {
  if (batch_ns_ == 0) batch_ns_ = monotonic_ns();
  if (publish.qos == 1) append_ack(client.output(), PacketType::puback, publish.packet_id);
  if (publish.qos == 2) append_ack(client.output(), PacketType::pubrec, publish.packet_id);
  if (plan_.stamped()) {
    take_stamp(publish);
  } else {
    // Without a stamp the sender is known only where there is one.
    sinks_.counters.delivered.add();
    if (own_plan_.publisher_count == 1) sinks_.credits.add(own_plan_.first_publisher);
  }
}

void Subscriber::take_stamp(const PublishView& publish) {
  MessageStamp stamp;
  bool ours = read_stamp(publish.payload, stamp) && stamp.publisher >= own_plan_.first_publisher &&
              stamp.publisher - own_plan_.first_publisher < own_plan_.publisher_count;
  if (!ours) {
    sinks_.counters.unexpected.add();
    return;
  }
  std::size_t index = stamp.publisher - own_plan_.first_publisher;
  if (plan_.shared) {
    shared_checkers_[index].on_sequence(stamp.sequence);
    sinks_.shared_deliveries[stamp.publisher].on_sequence(stamp.sequence);
  } else {
    checkers_[index].on_sequence(stamp.sequence);
  }
  sinks_.counters.delivered.add();
  sinks_.credits.add(stamp.publisher);
  take_latency(stamp.scheduled_ns);
}

void Subscriber::take_latency(std::int64_t scheduled_ns) {
  // Acquired: the slots are laid out before.
  if (scheduled_ns >= run_.measure_from_ns.load(std::memory_order_acquire) &&
      scheduled_ns < run_.measure_until_ns.load(std::memory_order_relaxed)) {
    sinks_.latency.record(batch_ns_ - scheduled_ns);
    sinks_.slots.record(run_.slots, scheduled_ns, batch_ns_ - scheduled_ns);
  }
}

void Subscriber::on_ack(MqttClient& client, PacketType type, const AckFields& ack) {
  if (type == PacketType::pubrel) append_ack(client.output(), PacketType::pubcomp, ack.packet_id);
}

void Subscriber::on_input_done(MqttClient& client) {
  batch_ns_ = 0;
  client.flush();
}

void Subscriber::on_closed(MqttClient&, std::string_view reason) {
  if (run_.phase.load() == RunPhase::stop) return;
  sinks_.counters.connections_lost.add();
  run_.errors.add("subscriber " + std::to_string(number_), reason);
}

}  // namespace patchbay::bench
