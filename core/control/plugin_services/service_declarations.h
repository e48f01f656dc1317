#pragma once

#include <set>
#include <string>
#include <vector>

#include "plugin_services/route_service.h"

namespace patchbay::plugin_services {

/// What an instance's manifest says to its services.
struct ServiceDeclarations {
  std::vector<RouteDeclaration> routes;
  std::set<std::string, std::less<>> provides;  ///< ids of services for other plugins
};

}  // namespace patchbay::plugin_services
