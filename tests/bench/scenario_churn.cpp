#include <algorithm>
#include <deque>

#include "bench/clock.h"
#include "bench/histogram.h"
#include "bench/mqtt_client.h"
#include "bench/process_stats.h"
#include "bench/scenarios.h"

namespace patchbay::bench {
namespace {

constexpr std::int64_t kTurnNs = 10'000'000;
constexpr std::int64_t kStuckNs = 5 * kNanosecondsPerSecond;

struct ChurnTotals {
  bool stopping = false;
  std::uint64_t cycles = 0;
  std::uint64_t failures = 0;
  std::string first_failure;
  Histogram connect_latency;  // from the first SYN to CONNACK
  Histogram cycle_latency;    // from the first SYN to the broker's close
};

// One place at the broker that is always taken by a client on its way in or out.
class ChurnSlot final : public ClientListener {
 public:
  ChurnSlot(EventLoop& loop, const Options& options, const BrokerAddress& broker, std::size_t number,
            ChurnTotals& totals)
      : client_(loop, *this), options_(options), broker_(broker), number_(number), totals_(totals) {}

  void begin() {
    started_ns_ = monotonic_ns();
    leaving_ = false;
    ConnectFields fields = connect_fields(options_);
    fields.client_id += "-c" + std::to_string(number_) + "-" + std::to_string(cycle_++);
    if (!client_.open(broker_, number_ + cycle_, std::move(fields))) fail("no socket could be had");
  }
  bool idle() const { return !client_.is_open(); }
  void give_up_if_stuck(std::int64_t now_ns) {
    if (idle() || now_ns - started_ns_ < kStuckNs) return;
    client_.close();
    fail(leaving_ ? "the broker did not close after DISCONNECT" : "no answer from the broker");
  }

  void on_connack(MqttClient& client, const ConnackFields&) override {
    totals_.connect_latency.record(monotonic_ns() - started_ns_);
    std::string topic_filter = topic_root() + "/churn/" + std::to_string(number_);
    client.subscribe({&topic_filter, 1}, static_cast<std::uint8_t>(options_.qos), 1);
  }
  void on_suback(MqttClient& client, const SubackFields& suback) override {
    if (suback.refused > 0) fail("SUBSCRIBE refused");
    leaving_ = true;
    client.disconnect();
  }
  void on_closed(MqttClient&, std::string_view reason) override {
    if (!leaving_) {
      fail(reason);
      return;
    }
    ++totals_.cycles;
    totals_.cycle_latency.record(monotonic_ns() - started_ns_);
    if (!totals_.stopping) begin();
  }

 private:
  // A slot that failed rests until the next look at all of them: a broker that is down is not hammered.
  void fail(std::string_view reason) {
    if (totals_.failures++ == 0) totals_.first_failure = reason;
  }

  MqttClient client_;
  const Options& options_;
  const BrokerAddress& broker_;
  std::size_t number_;
  ChurnTotals& totals_;
  std::uint64_t cycle_ = 0;
  std::int64_t started_ns_ = 0;
  bool leaving_ = false;
};

class ChurnRun {
 public:
  ChurnRun(const Options& options, const Deadline& deadline)
      : options_(options), deadline_(deadline), broker_(broker_address(options)) {
    for (std::size_t i = 0; i < options.concurrent; ++i) slots_.emplace_back(loop_, options_, broker_, i, totals_);
  }

  void run(Report& report) {
    ProcessSample first = sample_process(options_.broker);
    turn_for(options_.warmup_s);
    ProcessSample before = sample_process(options_.broker);
    std::uint64_t cycles_before = totals_.cycles;
    totals_.connect_latency = Histogram();
    totals_.cycle_latency = Histogram();
    std::int64_t start = monotonic_ns();
    turn_for(options_.duration_s);
    double seconds = ns_to_seconds(monotonic_ns() - start);
    std::uint64_t cycles = totals_.cycles - cycles_before;
    ProcessSample after = sample_process(options_.broker);
    empty_slots();
    report_cycles(report, static_cast<double>(cycles), seconds);
    report.add_cpu(before, after, static_cast<double>(cycles), "cycle");
    report.add_memory(first, sample_process(options_.broker), 0, "cycle");
    if (deadline_.passed()) report.mark_partial(deadline_.reason());
  }

 private:
  void turn_for(double seconds) {
    std::int64_t end = monotonic_ns() + seconds_to_ns(seconds);
    std::int64_t next_look = 0;
    for (std::int64_t now = monotonic_ns(); now < end && !deadline_.passed(); now = monotonic_ns()) {
      if (now >= next_look) {
        for (ChurnSlot& slot : slots_) {
          slot.give_up_if_stuck(now);
          if (slot.idle()) slot.begin();
        }
        next_look = now + kNanosecondsPerSecond / 10;
      }
      loop_.turn(kTurnNs);
    }
  }

  void empty_slots() {
    totals_.stopping = true;
    std::int64_t end = monotonic_ns() + seconds_to_ns(options_.drain_s);
    auto idle = [](const ChurnSlot& slot) { return slot.idle(); };
    while (!std::all_of(slots_.begin(), slots_.end(), idle) && monotonic_ns() < end) loop_.turn(kTurnNs);
  }

  void report_cycles(Report& report, double cycles, double seconds) const {
    report.add("measured_s", "measured for (s)", seconds);
    report.add("cycles", "cycles while measured", static_cast<std::uint64_t>(cycles));
    report.add("cycles_per_s", "cycles per second", cycles / seconds);
    report.add_latency("connect", "connect to CONNACK", totals_.connect_latency);
    report.add_latency("cycle", "whole cycle", totals_.cycle_latency);
    report.add("failures", "failures", totals_.failures);
    if (totals_.failures > 0) {
      report.add_error(std::to_string(totals_.failures) + " cycles failed, the first: " + totals_.first_failure);
    }
  }

  const Options& options_;
  const Deadline& deadline_;
  BrokerAddress broker_;
  EventLoop loop_;
  ChurnTotals totals_;
  std::deque<ChurnSlot> slots_;
};

}  // namespace

void run_churn(const Options& options, const Deadline& deadline, Report& report) {
  raise_descriptor_limit();
  ChurnRun(options, deadline).run(report);
}

}  // namespace patchbay::bench
