// The functions of the host as plugins call them.

#include "plugin_services/service_tables.h"

#include <string>
#include <utility>

#include "plugin_services/service_set.h"

namespace patchbay::plugin_services {

namespace {
patchbay_status declare_metric(const patchbay_host* host, patchbay_str name, uint32_t kind, patchbay_str help,
                               const patchbay_pair* labels, size_t label_count, uint32_t* metric) {
  ServiceSet& services = services_of(host);
  if (kind > PATCHBAY_METRIC_GAUGE || metric == nullptr || label_count > MetricStore::kMaximumLabels) {
    return services.account().invalid("a metric is declared with an unknown kind, too many labels, or nowhere to");
  }
  MetricDeclaration declaration{std::string(view_of(name)),
                                kind == PATCHBAY_METRIC_GAUGE ? MetricKind::gauge : MetricKind::counter,
                                std::string(view_of(help)),
                                {}};
  for (size_t i = 0; i < label_count; ++i) {
    declaration.labels.emplace_back(view_of(labels[i].name), view_of(labels[i].value));
  }
  return services.metrics().declare(std::move(declaration), *metric);
}
void add_to_metric(const patchbay_host* host, uint32_t metric, uint64_t amount) {
  services_of(host).metrics().store().add(metric, amount);
}
void set_metric(const patchbay_host* host, uint32_t metric, int64_t value) {
  services_of(host).metrics().store().set(metric, value);
}
}  // namespace

const patchbay_metrics* metrics_table() {
  static constexpr patchbay_metrics kTable{sizeof(patchbay_metrics), 0, declare_metric, add_to_metric, set_metric};
  return &kTable;
}

}  // namespace patchbay::plugin_services
