#include "bench/worker.h"

#include <algorithm>

#include "bench/clock.h"

namespace patchbay::bench {
namespace {

constexpr std::int64_t kLongestWaitNs = 50'000'000;
constexpr std::int64_t kOpeningWaitNs = 1'000'000;
constexpr std::int64_t kLookEveryNs = 500'000'000;
constexpr std::int64_t kCloseWithinNs = 2 * kNanosecondsPerSecond;
// Connections that are not yet through the handshake; below the listen backlog of any broker.
constexpr std::size_t kMostInProgress = 64;

}  // namespace

Worker::Worker(const TrafficPlan& plan, std::size_t index, RunState& run)
    : plan_(plan),
      run_(run),
      index_(index),
      credits_(plan.publishers.size()),
      shared_deliveries_(plan.shared ? plan.publishers.size() : 0) {
  for (std::size_t i = index; i < plan.publishers.size(); i += plan.threads) {
    publishers_.emplace_back(loop_, plan, static_cast<std::uint32_t>(i), run, counters_, runnable_);
  }
  slots_.open(plan.slots);
  DeliverySinks sinks{counters_, latency_, slots_, credits_, shared_deliveries_};
  for (std::size_t i = index; i < plan.subscribers.size(); i += plan.threads) {
    subscribers_.emplace_back(loop_, plan, i, run, sinks);
  }
  remote_credits_ = std::vector<RemoteCredit>(publishers_.size());
}

void Worker::run() {
  use_precise_timers();
  std::int64_t now = monotonic_ns();
  while (run_.phase.load() != RunPhase::stop) {
    loop_.turn(wait_ns(now));
    now = monotonic_ns();
    end_turn(now);
  }
  close_all();
}

std::int64_t Worker::wait_ns(std::int64_t now_ns) const {
  if (!runnable_.empty()) return 0;
  if (publishing_ && plan_.open_loop() && !publishers_.empty()) {
    return std::clamp<std::int64_t>(next_due_ns() - now_ns, 0, kLongestWaitNs);
  }
  return publishing_ ? kLongestWaitNs : kOpeningWaitNs;
}

void Worker::end_turn(std::int64_t now_ns) {
  RunPhase phase = run_.phase.load();
  if (phase < RunPhase::publish) open_clients(now_ns);
  if (phase == RunPhase::publish && !publishing_) begin_publishing();
  give_credits();
  take_remote_credits();
  if (phase == RunPhase::publish && plan_.open_loop()) release_due(now_ns);
  pump(now_ns);
  if (now_ns >= next_look_ns_) look_after(now_ns);
}

std::size_t Worker::most_openings(std::int64_t now_ns) const {
  std::size_t opened = opened_subscribers_ + opened_publishers_;
  auto ready = counters_.subscribers_ready.get() + counters_.publishers_ready.get() + counters_.connections_lost.get();
  std::size_t in_progress = opened > ready ? opened - ready : 0;
  std::size_t room = std::max<std::size_t>(kMostInProgress / plan_.threads, 1);
  std::size_t most = in_progress < room ? room - in_progress : 0;
  if (plan_.connect_rate > 0) {
    double rate = plan_.connect_rate / static_cast<double>(plan_.threads);
    auto scheduled = static_cast<std::size_t>(ns_to_seconds(now_ns - first_open_ns_) * rate) + 1;
    most = std::min(most, scheduled > opened ? scheduled - opened : 0);
  }
  return most;
}

void Worker::open_clients(std::int64_t now_ns) {
  if (first_open_ns_ == 0) first_open_ns_ = now_ns;
  std::size_t most = most_openings(now_ns);
  while (most > 0 && open_next()) --most;
}

bool Worker::open_next() {
  if (opened_subscribers_ < subscribers_.size()) {
    std::size_t i = opened_subscribers_++;
    if (!subscribers_[i].open(i * plan_.threads + index_)) {
      counters_.connections_lost.add();
      run_.errors.add("subscriber", "no socket could be had");
    }
    return true;
  }
  if (run_.phase.load() < RunPhase::connect_publishers || opened_publishers_ == publishers_.size()) return false;
  std::size_t i = opened_publishers_++;
  if (!publishers_[i].open(i * plan_.threads + index_)) {
    counters_.connections_lost.add();
    run_.errors.add("publisher", "no socket could be had");
  }
  return true;
}

void Worker::begin_publishing() {
  publishing_ = true;
  if (plan_.open_loop()) return;
  for (Publisher& publisher : publishers_) publisher.make_runnable();
}

void Worker::give_credits() {
  credits_.drain([this](std::uint32_t publisher, std::uint64_t deliveries) {
    std::size_t owner = publisher % plan_.threads;
    if (owner == index_) {
      publishers_[publisher / plan_.threads].on_delivered(deliveries);
    } else {
      workers_[owner]->give_remote(publisher, deliveries);
    }
  });
}

void Worker::give_remote(std::uint32_t publisher, std::uint64_t deliveries) {
  remote_credits_[publisher / plan_.threads].deliveries.fetch_add(deliveries);
  if (!has_remote_credits_.exchange(true)) loop_.wake();
}

void Worker::take_remote_credits() {
  if (!has_remote_credits_.exchange(false)) return;
  for (std::size_t i = 0; i < publishers_.size(); ++i) {
    std::uint64_t deliveries = remote_credits_[i].deliveries.exchange(0);
    if (deliveries > 0) publishers_[i].on_delivered(deliveries);
  }
}

std::int64_t Worker::next_due_ns() const {
  std::size_t turn = next_due_ % publishers_.size();
  return Publisher::scheduled_ns(plan_, run_.schedule_start_ns.load(std::memory_order_relaxed),
                                 publishers_[turn].number(), next_due_ / publishers_.size());
}

void Worker::release_due(std::int64_t now_ns) {
  if (publishers_.empty()) return;
  while (next_due_ns() <= now_ns) {
    publishers_[next_due_ % publishers_.size()].on_due();
    ++next_due_;
  }
}

void Worker::pump(std::int64_t now_ns) {
  pumping_.swap(runnable_);
  for (Publisher* publisher : pumping_) publisher->pump(now_ns);
  pumping_.clear();
}

void Worker::look_after(std::int64_t now_ns) {
  next_look_ns_ = now_ns + kLookEveryNs;
  keep_alive(now_ns);
  if (run_.phase.load() != RunPhase::publish || plan_.open_loop()) return;
  for (Publisher& publisher : publishers_) publisher.reset_if_stalled(now_ns);
}

// Spreads one PINGREQ per client over half of the keep alive, so that pings are no burst of their own.
void Worker::keep_alive(std::int64_t now_ns) {
  std::size_t clients = subscribers_.size() + publishers_.size();
  if (plan_.connect.keep_alive_s == 0 || clients == 0 || run_.phase.load() < RunPhase::publish) return;
  if (ping_start_ns_ == 0) ping_start_ns_ = now_ns;
  double round = static_cast<double>(plan_.connect.keep_alive_s) / 2;
  auto scheduled =
      static_cast<std::size_t>(ns_to_seconds(now_ns - ping_start_ns_) / round * static_cast<double>(clients));
  for (; next_ping_ < scheduled; ++next_ping_) {
    std::size_t i = next_ping_ % clients;
    MqttClient& client =
        i < subscribers_.size() ? subscribers_[i].client() : publishers_[i - subscribers_.size()].client();
    if (client.is_open()) client.ping();
  }
}

void Worker::close_all() {
  std::vector<MqttClient*> open;
  for (Subscriber& subscriber : subscribers_) open.push_back(&subscriber.client());
  for (Publisher& publisher : publishers_) open.push_back(&publisher.client());
  for (MqttClient* client : open) client->disconnect();
  // The broker is to close first, so that the waiting end of the connection is not ours and its port is free at once.
  std::int64_t deadline = monotonic_ns() + kCloseWithinNs;
  while (monotonic_ns() < deadline) {
    std::erase_if(open, [](const MqttClient* client) { return !client->is_open(); });
    if (open.empty()) break;
    loop_.turn(kOpeningWaitNs);
  }
  for (MqttClient* client : open) client->close();
}

}  // namespace patchbay::bench
