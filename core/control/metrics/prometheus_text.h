#pragma once

#include <string>

#include "metrics/metrics_registry.h"
#include "metrics/node_info.h"

namespace patchbay::metrics {

/// The snapshot in Prometheus's text format 0.0.4. Names are those of the counters with `patchbay_` in front and `_`
/// for dots, as EMQX has them with `emqx_`; gauges have a `_max` beside them. Pure. [any-thread]
[[nodiscard]] std::string prometheus_text(const NodeInfo& node, const MetricsSnapshot& snapshot);

/// The content type to send it with.
inline constexpr const char* kPrometheusContentType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace patchbay::metrics
