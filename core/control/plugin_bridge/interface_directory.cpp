#include "plugin_bridge/interface_directory.h"

#include <utility>

#include "base/assert.h"
#include "plugin_bridge/instance.h"

namespace patchbay::plugin_bridge {

void InterfaceDirectory::offer(std::string id, std::string permission, InterfaceTable table, void* context) {
  const bool added = offers_.emplace(std::move(id), Offer{std::move(permission), table, context}).second;
  PATCHBAY_ASSERT(added);
}

const void* InterfaceDirectory::find(Instance& instance, std::string_view id) const {
  const auto found = offers_.find(id);
  if (found == offers_.end()) return nullptr;
  const Offer& offer = found->second;
  if (!offer.permission.empty() && !instance.has_permission(offer.permission)) {
    instance.log().host_line(base::LogLevel::debug, "interface '" + std::string(id) + "' is not given: permission '" +
                                                        offer.permission + "' has not been granted");
    return nullptr;
  }
  return offer.table(offer.context, instance);
}

std::string_view InterfaceDirectory::permission_of(std::string_view id) const {
  const auto found = offers_.find(id);
  return found == offers_.end() ? std::string_view{} : std::string_view{found->second.permission};
}

}  // namespace patchbay::plugin_bridge
