#include <algorithm>
#include <deque>

#include "bench/clock.h"
#include "bench/scenarios.h"
#include "bench/traffic.h"

namespace patchbay::bench {
namespace {

constexpr std::size_t kFiltersPerSubscribe = 50;
constexpr std::size_t kSubscribesUnderWay = 4;
constexpr std::uint16_t kHolderKeepAlive = 3600;  // longer than any run: the holders are not served during the traffic
constexpr std::int64_t kTurnNs = 10'000'000;

std::string unrelated_filter(FilterKind kind, std::size_t i) {
  std::string base = topic_root() + "/held/" + std::to_string(i / 1000) + "/" + std::to_string(i);
  if (kind == FilterKind::mixed) kind = static_cast<FilterKind>(i % 3);
  switch (kind) {
    case FilterKind::single_level:
      return base + "/+/state";
    case FilterKind::multi_level:
      return base + "/#";
    default:
      return base;
  }
}

// One client that subscribes to every `step`-th filter from `first` on, and keeps them.
class FilterHolder final : public ClientListener {
 public:
  FilterHolder(EventLoop& loop, FilterKind kind, std::size_t first, std::size_t step, std::size_t end)
      : client_(loop, *this), kind_(kind), next_(first), step_(step), end_(end) {}

  bool open(const BrokerAddress& broker, ConnectFields fields, std::size_t index) {
    fields.client_id += "-h" + std::to_string(index);
    fields.keep_alive_s = kHolderKeepAlive;
    return client_.open(broker, index, std::move(fields));
  }
  bool done() const { return connected_ && next_ >= end_ && under_way_ == 0; }
  std::size_t accepted() const { return accepted_; }
  const std::string& error() const { return error_; }
  MqttClient& client() { return client_; }

  void on_connack(MqttClient&, const ConnackFields&) override {
    connected_ = true;
    subscribe_more();
  }
  void on_suback(MqttClient&, const SubackFields& suback) override {
    --under_way_;
    accepted_ += suback.accepted;
    if (suback.refused > 0) error_ = "SUBSCRIBE refused";
    subscribe_more();
  }
  void on_closed(MqttClient&, std::string_view reason) override { error_ = reason; }

 private:
  void subscribe_more() {
    while (under_way_ < kSubscribesUnderWay && next_ < end_) {
      std::vector<std::string> topic_filters;
      for (; next_ < end_ && topic_filters.size() < kFiltersPerSubscribe; next_ += step_) {
        topic_filters.push_back(unrelated_filter(kind_, next_));
      }
      packet_id_ = packet_id_ == 0xFFFF ? 1 : packet_id_ + 1;
      ++under_way_;
      client_.subscribe(topic_filters, 0, static_cast<std::uint16_t>(packet_id_));
    }
  }

  MqttClient client_;
  FilterKind kind_;
  std::size_t next_;
  std::size_t step_;
  std::size_t end_;
  std::size_t under_way_ = 0;
  std::size_t accepted_ = 0;
  unsigned packet_id_ = 0;
  bool connected_ = false;
  std::string error_;
};

class HolderGroup {
 public:
  explicit HolderGroup(const Options& options) : options_(options) {
    std::size_t holders = std::min(options.holders, options.count);
    for (std::size_t i = 0; i < holders; ++i)
      holders_.emplace_back(loop_, options.filter_kind, i, holders, options.count);
  }

  bool subscribe_all(const Deadline& deadline, Report& report) {
    BrokerAddress broker = broker_address(options_);
    ProcessSample before = sample_process(options_.broker);
    std::int64_t start = monotonic_ns();
    for (std::size_t i = 0; i < holders_.size(); ++i) holders_[i].open(broker, connect_fields(options_), i);
    auto done = [](const FilterHolder& holder) { return holder.done(); };
    auto failed = [](const FilterHolder& holder) { return !holder.error().empty(); };
    while (!std::all_of(holders_.begin(), holders_.end(), done) && !deadline.passed() &&
           std::none_of(holders_.begin(), holders_.end(), failed)) {
      loop_.turn(kTurnNs);
    }
    report_filters(ns_to_seconds(monotonic_ns() - start), before, report);
    if (deadline.passed()) report.mark_partial(deadline.reason());
    return !report.failed();
  }

  void close() {
    for (FilterHolder& holder : holders_) holder.client().disconnect();
  }

 private:
  void report_filters(double seconds, const ProcessSample& before, Report& report) {
    std::size_t accepted = 0;
    for (const FilterHolder& holder : holders_) {
      accepted += holder.accepted();
      if (!holder.error().empty()) report.add_error("holder of filters: " + holder.error());
    }
    report.add("filters", "unrelated filters held", std::uint64_t{accepted});
    report.add("filters_per_s", "filters subscribed per second", static_cast<double>(accepted) / seconds);
    ProcessSample after = sample_process(options_.broker);
    if (!before.valid || !after.valid || accepted == 0) return;
    auto grown = static_cast<double>(after.rss_bytes) - static_cast<double>(before.rss_bytes);
    report.add("broker_rss_bytes_per_filter", "RSS per filter (bytes)", grown / static_cast<double>(accepted));
  }

  const Options& options_;
  EventLoop loop_;
  std::deque<FilterHolder> holders_;
};

}  // namespace

void run_subscriptions(const Options& options, const Deadline& deadline, Report& report) {
  HolderGroup holders(options);
  if (!holders.subscribe_all(deadline, report)) return;
  run_traffic(options, deadline, report);
  holders.close();
}

}  // namespace patchbay::bench
