#include "plugin_services/metric_service.h"

#include <string>
#include <utility>

namespace patchbay::plugin_services {

patchbay_status MetricService::declare(MetricDeclaration declaration, uint32_t& metric) {
  if (base::current_shard() != base::kNoShard) return PATCHBAY_WRONG_THREAD;
  if (!account_.takes_work()) return PATCHBAY_CLOSED;
  const std::string name = declaration.name;
  switch (store_.declare(std::move(declaration), metric)) {
    case DeclareStatus::ok:
      account_.held.add(plugin_bridge::Held::metrics);
      ++counted_;
      return PATCHBAY_OK;
    case DeclareStatus::exists:
      return PATCHBAY_EXISTS;
    case DeclareStatus::full:
      account_.refusals.count(Refusal::metrics);
      return PATCHBAY_BUSY;
    case DeclareStatus::invalid:
      break;
  }
  return account_.invalid("metric '" + name + "' has a name, help or label that Prometheus doesn't take");
}

void MetricService::withdraw() {
  account_.held.remove(plugin_bridge::Held::metrics, std::exchange(counted_, 0));
}

}  // namespace patchbay::plugin_services
