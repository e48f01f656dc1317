#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/shard.h"
#include "metrics/metric_family.h"

namespace patchbay::plugin_services {

enum class MetricKind : uint8_t { counter, gauge };

/// What an instance declares.
struct MetricDeclaration {
  std::string name;  ///< without "patchbay_plugin_"
  MetricKind kind = MetricKind::counter;
  std::string help;
  std::vector<std::pair<std::string, std::string>> labels;
};

enum class DeclareStatus : uint8_t { ok, exists, invalid, full };

/// The metrics that one instance has declared. Counting is one addition to a slot of the thread's shard; all slots are
/// made with the first declaration, so that nothing moves afterwards.
class MetricStore {
 public:
  static constexpr uint32_t kDefaultMaximum = 256;  ///< plugins.max_metrics
  static constexpr size_t kMaximumLabels = 8;
  static constexpr size_t kMaximumText = 256;  ///< of a name, help or label value

  MetricStore(uint32_t shards, uint32_t maximum) : shards_(shards), maximum_(maximum) {}

  /// `exists`: same name and labels, or the same name as another kind. [control]
  [[nodiscard]] DeclareStatus declare(MetricDeclaration declaration, uint32_t& metric);
  /// Unknown metrics, and kinds that don't fit, are ignored. [any-thread]
  void add(uint32_t metric, uint64_t amount);
  void set(uint32_t metric, int64_t value);

  [[nodiscard]] uint32_t size() const { return count_.load(std::memory_order_acquire); }
  [[nodiscard]] uint64_t counter_value(uint32_t metric) const;
  [[nodiscard]] int64_t gauge_value(uint32_t metric) const;
  /// Adds the values to `families`, each with the label `instance` in front; families of the same name, from other
  /// instances, are gone on with. [any-thread]
  void collect(std::string_view instance, std::vector<metrics::MetricFamily>& families) const;

 private:
  [[nodiscard]] DeclareStatus check(const MetricDeclaration& declaration) const;
  [[nodiscard]] std::atomic<uint64_t>& slot(uint32_t shard, uint32_t metric) const;

  const uint32_t shards_;
  const uint32_t maximum_;
  std::atomic<uint32_t> count_{0};  ///< metrics below it may be read without the lock
  std::unique_ptr<MetricKind[]> kinds_;
  size_t stride_ = 0;  ///< slots from one shard's first to the next shard's
  std::unique_ptr<std::atomic<uint64_t>[]> slots_;
  mutable std::mutex mutex_;  // guards declarations_; not taken to count
  std::vector<MetricDeclaration> declarations_;
};

}  // namespace patchbay::plugin_services
