#include "plugin_services/admin_service.h"

#include "base/shard.h"
#include "plugin_services/service_set.h"

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

namespace {
patchbay_status list_instances(const patchbay_host* host, void (*fn)(void*, patchbay_str, patchbay_str, patchbay_str),
                               void* self) {
  if (fn == nullptr) return PATCHBAY_INVALID;
  return services_of(host).admin().list(
      [&](std::string_view instance, std::string_view state, std::string_view health) {
        fn(self, str_of(instance), str_of(state), str_of(health));
      });
}
patchbay_status start_instance(const patchbay_host* host, patchbay_str instance) {
  return services_of(host).admin().start(view_of(instance));
}
patchbay_status stop_instance(const patchbay_host* host, patchbay_str instance) {
  return services_of(host).admin().stop(view_of(instance));
}
}  // namespace

const patchbay_admin* AdminService::table() {
  static constexpr patchbay_admin kTable{sizeof(patchbay_admin), 0, list_instances, start_instance, stop_instance};
  return &kTable;
}

}  // namespace patchbay::plugin_services
