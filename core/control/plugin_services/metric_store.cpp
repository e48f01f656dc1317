#include "plugin_services/metric_store.h"

#include <algorithm>

#include "base/utf8.h"

namespace patchbay::plugin_services {

namespace {
constexpr size_t kSlotsPerLine = 64 / sizeof(std::atomic<uint64_t>);
constexpr std::string_view kPrefix = "patchbay_plugin_";

/// What Prometheus takes as the name of a metric or label, without colons.
bool is_name(std::string_view text) {
  if (text.empty() || text.size() > MetricStore::kMaximumText || (text[0] >= '0' && text[0] <= '9')) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

bool is_label_name(std::string_view text) {
  return is_name(text) && text != "instance" && text != "node" && !text.starts_with("__");
}

metrics::MetricFamily& family_of(const MetricDeclaration& declaration, std::vector<metrics::MetricFamily>& families) {
  const bool is_gauge = declaration.kind == MetricKind::gauge;
  std::string name = std::string(kPrefix) + declaration.name;
  for (metrics::MetricFamily& family : families) {
    if (family.name != name) continue;
    if (family.is_gauge == is_gauge) return family;
    name += is_gauge ? "_gauge" : "_counter";  // another instance has the name for another kind: a family has one kind
  }
  families.push_back({name, declaration.help, is_gauge, {}});
  return families.back();
}
}  // namespace

DeclareStatus MetricStore::check(const MetricDeclaration& declaration) const {
  const bool texts_fit = declaration.help.size() <= kMaximumText && base::is_clean_utf8(declaration.help) &&
                         declaration.labels.size() <= kMaximumLabels;
  if (!is_name(declaration.name) || !texts_fit) return DeclareStatus::invalid;
  for (size_t i = 0; i < declaration.labels.size(); ++i) {
    const auto& [name, value] = declaration.labels[i];
    if (!is_label_name(name) || value.size() > kMaximumText || !base::is_clean_utf8(value))
      return DeclareStatus::invalid;
    // The labels are sorted: the same name twice is side by side.
    if (i != 0 && declaration.labels[i - 1].first == name) return DeclareStatus::invalid;
  }
  for (const MetricDeclaration& known : declarations_) {
    if (known.name != declaration.name) continue;
    if (known.kind != declaration.kind || known.labels == declaration.labels) return DeclareStatus::exists;
  }
  return declarations_.size() < maximum_ ? DeclareStatus::ok : DeclareStatus::full;
}

DeclareStatus MetricStore::declare(MetricDeclaration declaration, uint32_t& metric) {
  std::sort(declaration.labels.begin(), declaration.labels.end());
  const std::lock_guard lock(mutex_);
  const DeclareStatus status = check(declaration);
  if (status != DeclareStatus::ok) return status;
  if (slots_ == nullptr) {
    stride_ = maximum_ + kSlotsPerLine;  // the gap keeps two shards out of one cache line
    slots_ = std::make_unique<std::atomic<uint64_t>[]>((shards_ + 1) * stride_);
    kinds_ = std::make_unique<MetricKind[]>(maximum_);
  }
  metric = static_cast<uint32_t>(declarations_.size());
  kinds_[metric] = declaration.kind;
  declarations_.push_back(std::move(declaration));
  count_.store(metric + 1, std::memory_order_release);
  return DeclareStatus::ok;
}

std::atomic<uint64_t>& MetricStore::slot(uint32_t shard, uint32_t metric) const {
  return slots_[shard * stride_ + metric];
}

void MetricStore::add(uint32_t metric, uint64_t amount) {
  if (metric >= count_.load(std::memory_order_acquire) || kinds_[metric] != MetricKind::counter) return;
  const uint32_t shard = base::current_shard();
  if (shard < shards_) {
    std::atomic<uint64_t>& own = slot(shard, metric);
    own.store(own.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  } else {
    slot(shards_, metric).fetch_add(amount, std::memory_order_relaxed);
  }
}

void MetricStore::set(uint32_t metric, int64_t value) {
  if (metric >= count_.load(std::memory_order_acquire) || kinds_[metric] != MetricKind::gauge) return;
  slot(shards_, metric).store(static_cast<uint64_t>(value), std::memory_order_relaxed);
}

uint64_t MetricStore::counter_value(uint32_t metric) const {
  if (metric >= count_.load(std::memory_order_acquire)) return 0;
  uint64_t sum = 0;
  for (uint32_t shard = 0; shard <= shards_; ++shard) sum += slot(shard, metric).load(std::memory_order_relaxed);
  return sum;
}

int64_t MetricStore::gauge_value(uint32_t metric) const {
  if (metric >= count_.load(std::memory_order_acquire)) return 0;
  return static_cast<int64_t>(slot(shards_, metric).load(std::memory_order_relaxed));
}

void MetricStore::collect(std::string_view instance, std::vector<metrics::MetricFamily>& families) const {
  const std::lock_guard lock(mutex_);
  for (uint32_t metric = 0; metric < declarations_.size(); ++metric) {
    const MetricDeclaration& declaration = declarations_[metric];
    metrics::MetricSample sample;
    sample.labels.emplace_back("instance", std::string(instance));
    sample.labels.insert(sample.labels.end(), declaration.labels.begin(), declaration.labels.end());
    sample.value = declaration.kind == MetricKind::gauge ? std::to_string(gauge_value(metric))
                                                         : std::to_string(counter_value(metric));
    family_of(declaration, families).samples.push_back(std::move(sample));
  }
}

}  // namespace patchbay::plugin_services
