#include <algorithm>

#include "bench/clock.h"
#include "bench/inflight_ids.h"
#include "bench/message_stamp.h"
#include "bench/mqtt_client.h"
#include "bench/process_stats.h"
#include "bench/scenarios.h"

namespace patchbay::bench {
namespace {

constexpr std::size_t kTopicsPerBranch = 100;
constexpr std::size_t kFlushAbove = 64 * 1024;
constexpr std::size_t kPingEvery = 1024;  // QoS 0: an answered PINGREQ shows how far the broker has come
constexpr std::int64_t kTurnNs = 10'000'000;

// Stores `count` retained messages, or deletes them by an empty payload; never more than a window ahead of the broker.
class RetainedWriter final : public ClientListener {
 public:
  RetainedWriter(EventLoop& loop, const Options& options, bool deleting)
      : client_(loop, *this),
        options_(options),
        deleting_(deleting),
        ids_(static_cast<std::uint16_t>(std::min<std::size_t>(options.window, 65'535))) {}

  bool open(const BrokerAddress& broker) {
    ConnectFields fields = connect_fields(options_);
    fields.client_id += deleting_ ? "-delete" : "-store";
    return client_.open(broker, 0, std::move(fields));
  }
  bool done() const { return connected_ && next_ == options_.count && !outstanding(); }
  const std::string& error() const { return error_; }
  std::int64_t started_ns() const { return started_ns_; }
  MqttClient& client() { return client_; }

  void on_connack(MqttClient&, const ConnackFields& connack) override {
    ids_ = InflightIds(static_cast<std::uint16_t>(std::min<std::size_t>(options_.window, connack.receive_maximum)));
    connected_ = true;
    started_ns_ = monotonic_ns();
    write_more();
  }
  void on_ack(MqttClient&, PacketType type, const AckFields& ack) override {
    if (!ids_.awaits(ack.packet_id, type)) return;
    if (ack.reason >= kFirstErrorReason) error_ = "PUBLISH refused with " + std::to_string(ack.reason);
    ids_.give_back(ack.packet_id);
  }
  void on_pingresp(MqttClient&) override { --pings_under_way_; }
  void on_input_done(MqttClient&) override { write_more(); }
  void on_output_ready(MqttClient&) override { write_more(); }
  void on_closed(MqttClient&, std::string_view reason) override { error_ = reason; }

 private:
  bool outstanding() const { return ids_.in_use() > 0 || pings_under_way_ > 0; }
  bool may_write() const {
    return next_ < options_.count && !client_.output_blocked() && pings_under_way_ < 2 &&
           (options_.qos == 0 || ids_.available());
  }

  void write_more() {
    while (may_write()) {
      append_message(next_++);
      bool mark = options_.qos == 0 && (next_ % kPingEvery == 0 || next_ == options_.count);
      if (mark) {
        append_pingreq(client_.output());
        ++pings_under_way_;
      }
      if (client_.output().size() > kFlushAbove) client_.flush();
    }
    client_.flush();
  }

  void append_message(std::size_t i) {
    std::string topic = topic_root() + "/retained/" + std::to_string(i / kTopicsPerBranch) + "/" + std::to_string(i);
    std::string payload(deleting_ ? 0 : options_.payload_size, 'r');
    if (payload.size() >= kStampSize) write_stamp(payload.data(), {kStampMark, 0, i, monotonic_ns()});
    PublishImage image =
        encode_publish(options_.version, topic, payload, static_cast<std::uint8_t>(options_.qos), true);
    if (options_.qos > 0) write_u16(image.bytes.data() + image.packet_id_offset, ids_.take(PacketType::puback));
    client_.output().append(image.bytes);
  }

  MqttClient client_;
  const Options& options_;
  bool deleting_;
  InflightIds ids_;
  std::size_t next_ = 0;
  std::size_t pings_under_way_ = 0;
  bool connected_ = false;
  std::int64_t started_ns_ = 0;
  std::string error_;
};

// Subscribes by one wildcard filter and counts what comes.
class RetainedReader final : public ClientListener {
 public:
  RetainedReader(EventLoop& loop, const Options& options)
      : client_(loop, *this), options_(options), seen_(options.count) {}

  bool open(const BrokerAddress& broker) {
    ConnectFields fields = connect_fields(options_);
    fields.client_id += "-fetch";
    return client_.open(broker, 0, std::move(fields));
  }
  bool done() const { return distinct_ == options_.count && suback_ns_ > 0; }
  void report_into(Report& report) const;
  std::int64_t last_activity_ns() const { return std::max({last_ns_, suback_ns_, subscribed_ns_}); }
  const std::string& error() const { return error_; }
  MqttClient& client() { return client_; }
  std::size_t received() const { return received_; }

  void on_connack(MqttClient& client, const ConnackFields&) override {
    subscribed_ns_ = monotonic_ns();
    std::string topic_filter = topic_root() + "/retained/#";
    client.subscribe({&topic_filter, 1}, static_cast<std::uint8_t>(options_.qos), 1);
  }
  void on_suback(MqttClient&, const SubackFields& suback) override {
    suback_ns_ = monotonic_ns();
    if (suback.refused > 0) error_ = "SUBSCRIBE refused";
  }
  void on_publish(MqttClient& client, const PublishView& publish) override {
    last_ns_ = monotonic_ns();
    if (received_++ == 0) first_ns_ = last_ns_;
    if (!publish.retain) ++without_retain_;
    if (publish.qos == 1) append_ack(client.output(), PacketType::puback, publish.packet_id);
    std::size_t number =
        std::strtoull(std::string(publish.topic.substr(publish.topic.rfind('/') + 1)).c_str(), nullptr, 10);
    if (number >= seen_.size()) return;
    if (!seen_[number]) ++distinct_;
    seen_[number] = true;
  }
  void on_input_done(MqttClient& client) override { client.flush(); }
  void on_closed(MqttClient&, std::string_view reason) override { error_ = reason; }

 private:
  MqttClient client_;
  const Options& options_;
  std::vector<bool> seen_;
  std::size_t received_ = 0;
  std::size_t distinct_ = 0;
  std::size_t without_retain_ = 0;
  std::int64_t subscribed_ns_ = 0;
  std::int64_t suback_ns_ = 0;
  std::int64_t first_ns_ = 0;
  std::int64_t last_ns_ = 0;
  std::string error_;
};

void RetainedReader::report_into(Report& report) const {
  if (subscribed_ns_ == 0) return;
  auto milliseconds = [this](std::int64_t at_ns) {
    return std::max(0.0, ns_to_seconds(at_ns - subscribed_ns_) * 1000);
  };
  report.add("fetch_suback_ms", "SUBACK after (ms)", milliseconds(suback_ns_));
  report.add("fetch_first_ms", "first retained message after (ms)", milliseconds(first_ns_));
  report.add("fetch_last_ms", "last retained message after (ms)", milliseconds(last_ns_));
  if (last_ns_ > subscribed_ns_) {
    report.add("fetched_per_s", "fetched per second",
               static_cast<double>(received_) / ns_to_seconds(last_ns_ - subscribed_ns_));
  }
  report.add("fetched", "fetched", std::uint64_t{distinct_});
  report.add("lost", "lost", std::uint64_t{options_.count - distinct_});
  report.add("duplicates", "duplicates or strangers", std::uint64_t{received_ - distinct_});
  report.add("without_retain_flag", "delivered without the RETAIN flag", std::uint64_t{without_retain_});
}

// Turns the loop until the party is done; false if it failed or the time is over, which goes into the report.
template <typename Party>
bool serve(EventLoop& loop, Party& party, const Deadline& deadline, const char* name, Report& report) {
  while (!party.done() && party.error().empty() && !deadline.passed()) loop.turn(kTurnNs);
  if (!party.error().empty()) report.add_error(std::string(name) + ": " + party.error());
  if (deadline.passed()) report.mark_partial(deadline.reason());
  return party.done() && party.error().empty();
}

bool store(EventLoop& loop, const Options& options, const Deadline& deadline, Report& report) {
  RetainedWriter writer(loop, options, false);
  ProcessSample before = sample_process(options.broker);
  writer.open(broker_address(options));
  if (!serve(loop, writer, deadline, "storing", report)) return false;
  double seconds = ns_to_seconds(monotonic_ns() - writer.started_ns());
  writer.client().disconnect();
  ProcessSample after = sample_process(options.broker);
  double count = static_cast<double>(options.count);
  report.add("stored", "retained messages stored", std::uint64_t{options.count});
  report.add("stored_per_s", "stored per second", count / seconds);
  if (before.valid && after.valid) {
    double cpu = after.user_us + after.system_us - before.user_us - before.system_us;
    report.add("broker_cpu_us_per_stored", "broker CPU per stored (us)", cpu / count);
  }
  report.add_memory(before, after, count, "retained");
  return true;
}

void fetch(EventLoop& loop, const Options& options, const Deadline& deadline, Report& report) {
  RetainedReader reader(loop, options);
  ProcessSample before = sample_process(options.broker);
  reader.open(broker_address(options));
  std::int64_t start = monotonic_ns();
  std::int64_t drain_ns = seconds_to_ns(options.drain_s);
  while (!reader.done() && reader.error().empty() && !deadline.passed() &&
         monotonic_ns() - std::max(start, reader.last_activity_ns()) < drain_ns) {
    loop.turn(kTurnNs);
  }
  ProcessSample after = sample_process(options.broker);
  if (!reader.error().empty()) report.add_error("fetching: " + reader.error());
  if (deadline.passed()) report.mark_partial(deadline.reason());
  reader.report_into(report);
  report.add_cpu(before, after, static_cast<double>(reader.received()), "fetched");
  reader.client().disconnect();
}

}  // namespace

void run_retained(const Options& options, const Deadline& deadline, Report& report) {
  EventLoop loop;
  if (!store(loop, options, deadline, report)) return;
  fetch(loop, options, deadline, report);
  if (options.keep_retained || report.failed()) return;
  RetainedWriter deleter(loop, options, true);
  deleter.open(broker_address(options));
  serve(loop, deleter, deadline, "deleting", report);
  deleter.client().disconnect();
}

}  // namespace patchbay::bench
