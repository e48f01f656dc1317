#include "bench/publisher.h"

#include <algorithm>
#include <string>

#include "bench/clock.h"
#include "bench/message_stamp.h"

namespace patchbay::bench {
namespace {

constexpr std::size_t kFlushAbove = 256 * 1024;
constexpr std::int64_t kStallNs = 2 * kNanosecondsPerSecond;
constexpr std::size_t kMostPacketIds = 65'535;

std::uint16_t most_inflight(const TrafficPlan& plan) {
  std::size_t limit = plan.open_loop() ? kMostPacketIds : std::min(plan.window, kMostPacketIds);
  return static_cast<std::uint16_t>(limit);
}

}  // namespace

Publisher::Publisher(EventLoop& loop, const TrafficPlan& plan, std::uint32_t number, RunState& run,
                     WorkerCounters& counters, RunnableList& runnable)
    : plan_(plan),
      run_(run),
      counters_(counters),
      runnable_(runnable),
      client_(loop, *this),
      image_(encode_publish(plan.connect.version, plan.publishers[number].topic, std::string(plan.payload_size, 'p'),
                            plan.qos, false)),
      ids_(plan.qos > 0 ? most_inflight(plan) : std::uint16_t{0}),
      number_(number),
      fan_out_(plan.publishers[number].fan_out) {}

std::int64_t Publisher::scheduled_ns(const TrafficPlan& plan, std::int64_t start_ns, std::uint32_t number,
                                     std::uint64_t sequence) {
  double turn = static_cast<double>(sequence * plan.publishers.size() + number);
  return start_ns + static_cast<std::int64_t>(turn * static_cast<double>(kNanosecondsPerSecond) / plan.rate);
}

bool Publisher::open(std::size_t index) {
  ConnectFields fields = plan_.connect;
  fields.client_id += "-p" + std::to_string(number_);
  return client_.open(plan_.broker, index, std::move(fields));
}

void Publisher::make_runnable() {
  if (in_runnable_) return;
  in_runnable_ = true;
  runnable_.push_back(this);
}

void Publisher::on_delivered(std::uint64_t deliveries) {
  delivered_ += deliveries;
  make_runnable();
}

void Publisher::on_due() {
  ++due_;
  make_runnable();
}

bool Publisher::may_publish() const {
  if (!ready_ || client_.output_blocked() || all_published()) return false;
  if (plan_.qos > 0 && !ids_.available()) return false;
  if (plan_.open_loop()) return published_ < due_;
  return published_ * fan_out_ < delivered_ + plan_.window * fan_out_;
}

void Publisher::pump(std::int64_t now_ns) {
  in_runnable_ = false;
  if (run_.phase.load(std::memory_order_relaxed) != RunPhase::publish) return;
  while (may_publish()) {
    append_message(now_ns);
    if (client_.output().size() > kFlushAbove) client_.flush();
  }
  client_.flush();
}

void Publisher::append_message(std::int64_t now_ns) {
  std::string& output = client_.output();
  std::size_t start = output.size();
  output.append(image_.bytes);
  char* packet = output.data() + start;
  if (plan_.qos > 0) {
    PacketType awaited = plan_.qos == 1 ? PacketType::puback : PacketType::pubrec;
    write_u16(packet + image_.packet_id_offset, ids_.take(awaited));
  }
  if (plan_.stamped()) {
    std::int64_t scheduled = now_ns;
    if (plan_.open_loop()) {
      scheduled = scheduled_ns(plan_, run_.schedule_start_ns.load(std::memory_order_relaxed), number_, published_);
    }
    write_stamp(packet + image_.payload_offset, {kStampMark, number_, published_, scheduled});
  }
  ++published_;
  counters_.published.add();
}

void Publisher::on_connack(MqttClient&, const ConnackFields& connack) {
  if (plan_.qos > connack.maximum_qos) {
    run_.errors.add("publisher " + std::to_string(number_), "the broker does not take this QoS");
    return;
  }
  if (plan_.qos > 0) ids_ = InflightIds(std::min(most_inflight(plan_), connack.receive_maximum));
  ready_ = true;
  counters_.publishers_ready.add();
}

void Publisher::on_ack(MqttClient& client, PacketType type, const AckFields& ack) {
  if (!ids_.awaits(ack.packet_id, type)) {
    run_.errors.add("publisher " + std::to_string(number_), "an acknowledgement of nothing under way");
    return;
  }
  if (type == PacketType::pubrec && ack.reason < kFirstErrorReason) {
    ids_.now_awaits(ack.packet_id, PacketType::pubcomp);
    append_ack(client.output(), PacketType::pubrel, ack.packet_id);
  } else {
    finish(ack);
  }
}

void Publisher::finish(const AckFields& ack) {
  ids_.give_back(ack.packet_id);
  if (ack.reason >= kFirstErrorReason) {
    counters_.refused.add();
    delivered_ += fan_out_;  // nobody will receive it: it must not hold the window
  } else {
    counters_.completed.add();
  }
}

void Publisher::on_input_done(MqttClient& client) {
  // PUBRELs wait for the pump, which sends them together with what the acknowledgements made room for.
  if (run_.phase.load(std::memory_order_relaxed) == RunPhase::publish) {
    make_runnable();
  } else {
    client.flush();
  }
}

void Publisher::on_output_ready(MqttClient&) {
  make_runnable();
}

void Publisher::on_closed(MqttClient&, std::string_view reason) {
  if (run_.phase.load() == RunPhase::stop) return;
  ready_ = false;
  counters_.connections_lost.add();
  run_.errors.add("publisher " + std::to_string(number_), reason);
}

void Publisher::reset_if_stalled(std::int64_t now_ns) {
  bool waiting = ready_ && published_ * fan_out_ > delivered_ && ids_.in_use() == 0;
  if (!waiting || delivered_ != delivered_at_last_look_ || last_progress_ns_ == 0) {
    delivered_at_last_look_ = delivered_;
    last_progress_ns_ = now_ns;
  } else if (now_ns - last_progress_ns_ > kStallNs) {
    delivered_ = published_ * fan_out_;
    counters_.window_resets.add();
    make_runnable();
  }
}

}  // namespace patchbay::bench
