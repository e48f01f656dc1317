#include "plugin_services/admin_service.h"

#include "base/shard.h"

namespace patchbay::plugin_services {

patchbay_status AdminService::list(const InstanceAdministration::Visit& visit) {
  if (base::current_shard() != base::kNoShard) return PATCHBAY_WRONG_THREAD;
  administration_.list(visit);
  return PATCHBAY_OK;
}

patchbay_status AdminService::check(std::string_view instance) const {
  if (!account_.takes_work()) return PATCHBAY_CLOSED;
  if (instance == account_.facts.name) return PATCHBAY_DENIED;  // its own end is the operator's business
  return administration_.knows(instance) ? PATCHBAY_OK : PATCHBAY_NOT_FOUND;
}

patchbay_status AdminService::start(std::string_view instance) {
  const patchbay_status status = check(instance);
  if (status == PATCHBAY_OK) administration_.request_start(account_.facts.name, instance);
  return status;
}

patchbay_status AdminService::stop(std::string_view instance) {
  const patchbay_status status = check(instance);
  if (status == PATCHBAY_OK) administration_.request_stop(account_.facts.name, instance);
  return status;
}

}  // namespace patchbay::plugin_services
