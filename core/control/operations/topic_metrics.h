#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "operations/operations_environment.h"
#include "operations/topic_counters.h"

namespace patchbay::operations {

/// Counters for topics that an operator has registered: names, and filters with wildcards. Kept in
/// `topic_metrics.json` of the data directory; values start from 0 with the node. An entry stands at publish.routed,
/// deliver.sent and deliver.dropped as long as at least one topic is registered. [control]
class TopicMetrics {
 public:
  static constexpr size_t kTopicsMax = 512;
  /// Rates are averages over so many ticks, of a second each.
  static constexpr size_t kRateTicks = 5;

  enum class Refusal : uint8_t { bad_topic, exists, full };

  struct Report {
    std::string topic;
    uint64_t created_unix_ms = 0;
    std::optional<uint64_t> reset_unix_ms;
    TopicValues counts{};
    std::array<double, kTopicCounterCount> rates{};  ///< per second
  };

  explicit TopicMetrics(const OperationsEnvironment& environment) : environment_(environment) {}
  TopicMetrics(const TopicMetrics&) = delete;
  TopicMetrics& operator=(const TopicMetrics&) = delete;

  /// Registers what was kept. The error is a sentence.
  [[nodiscard]] base::Result<bool, std::string> load();
  [[nodiscard]] std::optional<Refusal> add(const std::string& topic);
  bool remove(std::string_view topic);
  /// Starts counting from 0; false where the topic is not registered.
  bool reset(std::string_view topic);
  void reset_all();
  [[nodiscard]] std::vector<Report> list() const;
  [[nodiscard]] std::optional<Report> find(std::string_view topic) const;
  /// Takes a sample for the rates; about every second.
  void tick();

 private:
  struct View;
  /// One registered topic. Guarded by mutex_, but for the counters.
  struct Registered {
    std::shared_ptr<TopicCounters> counters;
    uint64_t created_unix_ms = 0;
    std::optional<uint64_t> reset_unix_ms;
    TopicValues before{};             ///< what a reset has taken off
    std::deque<TopicValues> samples;  ///< the newest last
  };

  static base::Verdict on_routed(void* self, hooks::PublishRoutedEvent& event, base::Token token) noexcept;
  static base::Verdict on_sent(void* self, hooks::DeliveryEvent& event, base::Token token) noexcept;
  static base::Verdict on_dropped(void* self, hooks::DeliveryEvent& event, base::Token token) noexcept;
  [[nodiscard]] Registered made() const;
  [[nodiscard]] static Report report_of(const std::string& topic, const Registered& registered);
  void restart(Registered& registered) const;
  void publish();
  void keep() const;

  const OperationsEnvironment& environment_;
  std::mutex publishing_;  ///< the latest set is published last
  mutable std::mutex mutex_;
  std::map<std::string, Registered, std::less<>> topics_;  ///< guarded by mutex_
};

}  // namespace patchbay::operations
