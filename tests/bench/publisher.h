#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "bench/inflight_ids.h"
#include "bench/mqtt_client.h"
#include "bench/run_state.h"
#include "bench/traffic_plan.h"

namespace patchbay::bench {

class Publisher;

// Publishers of one thread that may have something to send; the worker pumps them at the end of its turn.
using RunnableList = std::vector<Publisher*>;

// One publishing client.
//
// Closed loop: it keeps at most `window` messages under way, that is, neither delivered to all who are to receive them
// nor, above QoS 0, acknowledged in full. Open loop: it sends message n when the schedule says so, or as soon after as
// the broker lets it, and stamps it with the scheduled time.
class Publisher final : public ClientListener {
 public:
  Publisher(EventLoop& loop, const TrafficPlan& plan, std::uint32_t number, RunState& run, WorkerCounters& counters,
            RunnableList& runnable);

  bool open(std::size_t index);
  MqttClient& client() { return client_; }
  std::uint32_t number() const { return number_; }
  std::uint64_t published() const { return published_; }
  bool all_published() const { return plan_.message_limit > 0 && published_ >= plan_.message_limit; }

  // Its messages reached subscribers `deliveries` more times.
  void on_delivered(std::uint64_t deliveries);
  // The schedule reached one more message.
  void on_due();
  void pump(std::int64_t now_ns);
  // Closed loop: forgets what was lost on the way, if nothing has come for a while; else the window would never open
  // again.
  void reset_if_stalled(std::int64_t now_ns);
  void make_runnable();

  // When message `sequence` of publisher `number` is to be sent, by the schedule of an open loop.
  static std::int64_t scheduled_ns(const TrafficPlan& plan, std::int64_t start_ns, std::uint32_t number,
                                   std::uint64_t sequence);

  void on_connack(MqttClient& client, const ConnackFields& connack) override;
  void on_ack(MqttClient& client, PacketType type, const AckFields& ack) override;
  void on_input_done(MqttClient& client) override;
  void on_output_ready(MqttClient& client) override;
  void on_closed(MqttClient& client, std::string_view reason) override;

 private:
  bool may_publish() const;
  void append_message(std::int64_t now_ns);
  void finish(const AckFields& ack);

  const TrafficPlan& plan_;
  RunState& run_;
  WorkerCounters& counters_;
  RunnableList& runnable_;
  MqttClient client_;
  PublishImage image_;
  InflightIds ids_;
  std::uint32_t number_;
  std::uint64_t fan_out_;
  std::uint64_t published_ = 0;
  std::uint64_t due_ = 0;
  std::uint64_t delivered_ = 0;
  std::uint64_t delivered_at_last_look_ = 0;
  std::int64_t last_progress_ns_ = 0;
  bool ready_ = false;
  bool in_runnable_ = false;
};

}  // namespace patchbay::bench
