#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "metrics/node_info.h"

namespace patchbay::metrics {

/// One value of a family, under its labels. A name that is no label name of Prometheus is the caller's mistake.
struct MetricSample {
  std::vector<std::pair<std::string, std::string>> labels;
  std::string value;  ///< a number, as it is to be written
};

/// A metric that isn't one of base/counters.def: those of plugins. All samples of a name are in one family.
struct MetricFamily {
  std::string name;  ///< complete: "patchbay_plugin_requests"
  std::string help;
  bool is_gauge = false;
  std::vector<MetricSample> samples;
};

/// The families in Prometheus's text format, to be put behind prometheus_text(). Each sample gets the node's label.
/// Pure. [any-thread]
[[nodiscard]] std::string prometheus_families(const NodeInfo& node, const std::vector<MetricFamily>& families);

}  // namespace patchbay::metrics
