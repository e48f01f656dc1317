#pragma once

#include <string>
#include <vector>

namespace patchbay::package {

/// An instance as starting sees it; interfaces of the host in the lists are passed over.
struct ServiceUser {
  std::string instance;  ///< unique
  std::vector<std::string> needs;
  std::vector<std::string> wants;
  std::vector<std::string> provides;
};

/// In which order instances start, so that providers are there before those who need them. Stopping goes backwards.
struct ServiceOrder {
  struct Position {
    std::string instance;
    std::string reason;  ///< "needs svc.http/1 of http-client", "no needs"
  };
  struct Refusal {
    std::string instance;
    std::string sentence;  ///< what it needs and nobody provides, or the cycle it is in
  };
  std::vector<Position> start;
  std::vector<Refusal> refused;  ///< and everybody who needs a service that only they provide
};

/// A provider of revision n serves users of revision n only: a new revision is a new interface. Wants order where they
/// can and are ignored where they would make a cycle. Otherwise the given order is kept. [any-thread]
[[nodiscard]] ServiceOrder order_services(const std::vector<ServiceUser>& instances);

}  // namespace patchbay::package
