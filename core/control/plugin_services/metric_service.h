#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "metrics/metric_family.h"
#include "patchbay/metrics.h"
#include "plugin_services/metric_store.h"
#include "plugin_services/service_account.h"

namespace patchbay::plugin_services {

/// patchbay.metrics/1 for one instance.
class MetricService {
 public:
  MetricService(ServiceAccount& account, uint32_t shards)
      : account_(account), store_(shards, account.limits.max_metrics) {}

  /// [control]
  patchbay_status declare(MetricDeclaration declaration, uint32_t& metric);
  [[nodiscard]] MetricStore& store() { return store_; }
  [[nodiscard]] const MetricStore& store() const { return store_; }
  /// The instance's metrics are shown no longer. [control]
  void withdraw();

 private:
  ServiceAccount& account_;
  MetricStore store_;
  uint32_t counted_ = 0;
};

}  // namespace patchbay::plugin_services
