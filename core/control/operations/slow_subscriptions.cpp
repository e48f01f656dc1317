#include "operations/slow_subscriptions.h"

#include <algorithm>
#include <utility>

#include "operations/core_entry.h"

namespace patchbay::operations {

namespace {
constexpr const char* kSlowOwner = "slow_subscriptions";
/// Shards look at the clock once a turn: what one has received now may bear a time before a log-in on another.
constexpr uint64_t kShardsApartMs = 100;
}  // namespace

/// What the entries look at.
struct SlowSubscriptions::View {
  [[nodiscard]] uint64_t now_ms() const { return owner.environment_.clock.steady_ms(); }
  [[nodiscard]] SentTimes& sent() const { return *owner.sent_[base::current_shard()]; }
  /// A message that has been on its way since then.
  void record(const hooks::DeliveryEvent& event, uint64_t since_ms) const {
    const uint64_t now = now_ms();
    if (now < since_ms + settings.threshold_ms) return;
    owner.tables_[base::current_shard()]->add(event.client_id, event.message->topic(), now - since_ms,
                                              owner.environment_.clock.unix_ms(), settings.records_max);
  }
  void record_since_arrival(const hooks::DeliveryEvent& event) const {
    const mqtt::Message& message = *event.message;
    if (event.client == nullptr || message.has_flag(mqtt::MessageFlags::retained)) return;
    const auto received_unix_ms = static_cast<uint64_t>(message.received_at_unix_ms());
    if (received_unix_ms + kShardsApartMs < event.client->connected_at_unix_ms()) return;
    record(event, static_cast<uint64_t>(message.received_at_ms()));
  }

  SlowSubscriptions& owner;
  SlowSettings settings;
};

SlowSubscriptions::SlowSubscriptions(const OperationsEnvironment& environment) : environment_(environment) {
  for (uint32_t shard = 0; shard < environment.shards.count(); ++shard) {
    tables_.push_back(std::make_unique<SlowTable>());
    sent_.push_back(std::make_unique<SentTimes>());
  }
}

base::Verdict SlowSubscriptions::on_sent(void* self, hooks::DeliveryEvent& event, base::Token) noexcept {
  const View& view = *static_cast<const View*>(self);
  const bool acknowledged = event.qos != mqtt::Qos::at_most_once;
  if (view.settings.span == SlowSpan::response) {
    if (acknowledged) view.sent().sent(event.client_id, event.message, view.now_ms());
  } else if (view.settings.span == SlowSpan::internal || !acknowledged) {
    view.record_since_arrival(event);
  }
  return {};
}

base::Verdict SlowSubscriptions::on_acknowledged(void* self, hooks::DeliveryEvent& event, base::Token) noexcept {
  const View& view = *static_cast<const View*>(self);
  if (view.settings.span == SlowSpan::whole) {
    view.record_since_arrival(event);
  } else if (const auto sent_ms = view.sent().take(event.client_id, event.message)) {
    view.record(event, *sent_ms);
  }
  return {};
}

void SlowSubscriptions::configure(const SlowSettings& settings) {
  using hooks::HookId;
  {
    const std::lock_guard lock(mutex_);
    if (settings == settings_) return;
    settings_ = settings;
  }
  const auto view = std::make_shared<View>(View{*this, settings});
  environment_.change_chains([view](plugin_bridge::ChainPublisher& chains) {
    const SlowSettings& wanted = view->settings;
    constexpr auto observe = base::Phase::observe;
    listen_at<HookId::deliver_sent>(chains, kSlowOwner, wanted.enable,
                                    core_entry<HookId::deliver_sent>(kSlowOwner, observe, &on_sent, view.get(), view));
    listen_at<HookId::deliver_acked>(
        chains, kSlowOwner, wanted.enable && wanted.span != SlowSpan::internal,
        core_entry<HookId::deliver_acked>(kSlowOwner, observe, &on_acknowledged, view.get(), view));
  });
  if (!settings.enable) clear();
}

void SlowSubscriptions::tick() {
  uint64_t age_ms = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!settings_.enable) return;
    age_ms = uint64_t{settings_.expire_interval_s} * 1000;
  }
  const uint64_t now_unix_ms = environment_.clock.unix_ms();
  const uint64_t now_ms = environment_.clock.steady_ms();
  if (now_unix_ms < age_ms || now_ms < age_ms) return;
  for (uint32_t shard = 0; shard < environment_.shards.count(); ++shard) {
    environment_.shards.run(shard, [table = tables_[shard].get(), sent = sent_[shard].get(),
                                    before_unix_ms = now_unix_ms - age_ms, before_ms = now_ms - age_ms] {
      table->expire(before_unix_ms);
      sent->expire(before_ms);
    });
  }
}

void SlowSubscriptions::clear() {
  for (uint32_t shard = 0; shard < environment_.shards.count(); ++shard)
    environment_.shards.run(shard, [table = tables_[shard].get(), sent = sent_[shard].get()] {
      table->clear();
      sent->clear();
    });
}

std::vector<SlowDelivery> SlowSubscriptions::slowest(std::vector<std::vector<SlowDelivery>> of_shards,
                                                     size_t records_max) {
  std::vector<SlowDelivery> all;
  for (std::vector<SlowDelivery>& one : of_shards)
    all.insert(all.end(), std::make_move_iterator(one.begin()), std::make_move_iterator(one.end()));
  std::sort(all.begin(), all.end(),
            [](const SlowDelivery& a, const SlowDelivery& b) { return a.time_span_ms > b.time_span_ms; });
  if (all.size() > records_max) all.resize(records_max);
  return all;
}

}  // namespace patchbay::operations
