#include "operations/topic_metrics.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/log.h"
#include "operations/core_entry.h"
#include "operations/kept_names.h"
#include "topic/topic_filter.h"

namespace patchbay::operations {

namespace {

constexpr const char* kTopicMetricsFile = "topic_metrics.json";
constexpr const char* kTopicMetricsOwner = "topic_metrics";

constexpr std::string_view kTopicCounterNames[kTopicCounterCount] = {
    "messages.in",      "messages.out",      "messages.dropped",  "messages.qos0.in",  "messages.qos1.in",
    "messages.qos2.in", "messages.qos0.out", "messages.qos1.out", "messages.qos2.out",
};

}  // namespace

std::string_view topic_counter_name(TopicCounter counter) {
  return kTopicCounterNames[static_cast<size_t>(counter)];
}

/// The registered topics of one moment: what shards look at.
struct TopicMetrics::View {
  /// Calls `count` for each topic that `name` belongs to.
  template <class Count>
  void for_each(std::string_view name, Count count) const {
    if (const auto found = names.find(name); found != names.end()) count(*found->second);
    for (const auto& [filter, counters] : filters) {
      if (topic::matches(filter, name)) count(*counters);
    }
  }

  std::deque<std::string> texts;  ///< what the keys point to
  std::vector<std::shared_ptr<TopicCounters>> kept;
  std::unordered_map<std::string_view, TopicCounters*> names;
  std::vector<std::pair<std::string_view, TopicCounters*>> filters;
};

base::Verdict TopicMetrics::on_routed(void* self, hooks::PublishRoutedEvent& event, base::Token) noexcept {
  const base::ShardId shard = base::current_shard();
  static_cast<const View*>(self)->for_each(event.message->topic(), [&](TopicCounters& counters) {
    counters.add_in(shard, event.message->qos());
    if (event.receivers == 0) counters.add(shard, TopicCounter::dropped);
  });
  return {};
}

base::Verdict TopicMetrics::on_sent(void* self, hooks::DeliveryEvent& event, base::Token) noexcept {
  const base::ShardId shard = base::current_shard();
  static_cast<const View*>(self)->for_each(event.message->topic(),
                                           [&](TopicCounters& counters) { counters.add_out(shard, event.qos); });
  return {};
}

base::Verdict TopicMetrics::on_dropped(void* self, hooks::DeliveryEvent& event, base::Token) noexcept {
  const base::ShardId shard = base::current_shard();
  static_cast<const View*>(self)->for_each(
      event.message->topic(), [&](TopicCounters& counters) { counters.add(shard, TopicCounter::dropped); });
  return {};
}

void TopicMetrics::publish() {
  using hooks::HookId;
  const std::lock_guard order(publishing_);
  const auto view = std::make_shared<View>();
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [topic, registered] : topics_) {
      const std::string_view text = view->texts.emplace_back(topic);
      view->kept.push_back(registered.counters);
      if (topic::has_wildcard(text)) {
        view->filters.emplace_back(text, registered.counters.get());
      } else {
        view->names.emplace(text, registered.counters.get());
      }
    }
  }
  environment_.change_chains([view](plugin_bridge::ChainPublisher& chains) {
    const bool on = !view->texts.empty();
    const std::string owner = kTopicMetricsOwner;
    constexpr auto observe = base::Phase::observe;
    listen_at<HookId::publish_routed>(chains, owner, on,
                                      core_entry<HookId::publish_routed>(owner, observe, &on_routed, view.get(), view));
    listen_at<HookId::deliver_sent>(chains, owner, on,
                                    core_entry<HookId::deliver_sent>(owner, observe, &on_sent, view.get(), view));
    listen_at<HookId::deliver_dropped>(
        chains, owner, on, core_entry<HookId::deliver_dropped>(owner, observe, &on_dropped, view.get(), view));
  });
}

void TopicMetrics::keep() const {
  std::vector<std::string> names;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [topic, registered] : topics_) names.push_back(topic);
  }
  const auto written = keep_names(environment_.data_dir / kTopicMetricsFile, names);
  if (!written)
    base::log(base::LogArea::admin, base::LogLevel::error, "topics of topic metrics cannot be kept",
              {{"error", written.error()}});
}

TopicMetrics::Registered TopicMetrics::made() const {
  Registered registered;
  registered.counters = std::make_shared<TopicCounters>(environment_.shards.count());
  registered.created_unix_ms = environment_.clock.unix_ms();
  return registered;
}

base::Result<bool, std::string> TopicMetrics::load() {
  const auto names = kept_names(environment_.data_dir / kTopicMetricsFile);
  if (!names) return base::fail(names.error());
  {
    const std::lock_guard lock(mutex_);
    for (const std::string& name : *names) {
      if (topics_.size() < kTopicsMax && topic::is_valid_filter(name)) topics_.emplace(name, made());
    }
    if (topics_.empty()) return true;
  }
  publish();
  return true;
}

std::optional<TopicMetrics::Refusal> TopicMetrics::add(const std::string& topic) {
  const auto parsed = topic::parse_filter(topic);
  if (!parsed || parsed->kind != topic::FilterKind::plain) return Refusal::bad_topic;
  {
    const std::lock_guard lock(mutex_);
    if (topics_.count(topic) != 0) return Refusal::exists;
    if (topics_.size() >= kTopicsMax) return Refusal::full;
    topics_.emplace(topic, made());
  }
  publish();
  keep();
  return std::nullopt;
}

bool TopicMetrics::remove(std::string_view topic) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = topics_.find(topic);
    if (found == topics_.end()) return false;
    topics_.erase(found);
  }
  publish();
  keep();
  return true;
}

void TopicMetrics::restart(Registered& registered) const {
  registered.before = registered.counters->sum();
  registered.reset_unix_ms = environment_.clock.unix_ms();
}

bool TopicMetrics::reset(std::string_view topic) {
  const std::lock_guard lock(mutex_);
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return false;
  restart(found->second);
  return true;
}

void TopicMetrics::reset_all() {
  const std::lock_guard lock(mutex_);
  for (auto& [topic, registered] : topics_) restart(registered);
}

TopicMetrics::Report TopicMetrics::report_of(const std::string& topic, const Registered& registered) {
  Report report;
  report.topic = topic;
  report.created_unix_ms = registered.created_unix_ms;
  report.reset_unix_ms = registered.reset_unix_ms;
  const TopicValues now = registered.counters->sum();
  for (size_t i = 0; i < kTopicCounterCount; ++i) {
    report.counts[i] = now[i] - registered.before[i];
    if (registered.samples.size() < 2) continue;
    const auto seconds = static_cast<double>(registered.samples.size() - 1);
    report.rates[i] = static_cast<double>(registered.samples.back()[i] - registered.samples.front()[i]) / seconds;
  }
  return report;
}

std::vector<TopicMetrics::Report> TopicMetrics::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<Report> reports;
  for (const auto& [topic, registered] : topics_) reports.push_back(report_of(topic, registered));
  return reports;
}

std::optional<TopicMetrics::Report> TopicMetrics::find(std::string_view topic) const {
  const std::lock_guard lock(mutex_);
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return std::nullopt;
  return report_of(found->first, found->second);
}

void TopicMetrics::tick() {
  const std::lock_guard lock(mutex_);
  for (auto& [topic, registered] : topics_) {
    registered.samples.push_back(registered.counters->sum());
    if (registered.samples.size() > kRateTicks + 1) registered.samples.pop_front();
  }
}

}  // namespace patchbay::operations
