#pragma once

#include <functional>
#include <string_view>

#include "patchbay/registry.h"
#include "plugin_services/service_account.h"

namespace patchbay::plugin_services {

/// Role: the instances of this node, for those that may manage them. Implemented by the plugin host.
class InstanceAdministration {
 public:
  using Visit = std::function<void(std::string_view instance, std::string_view state, std::string_view health)>;

  virtual ~InstanceAdministration() = default;
  /// [control], [worker]
  virtual void list(const Visit& visit) = 0;
  /// Whether there is an instance of that name. [any-thread]
  [[nodiscard]] virtual bool knows(std::string_view instance) const = 0;
  /// Asks; done later on the control thread, and told in the log in the name of `author`. [any-thread]
  virtual void request_start(std::string_view author, std::string_view instance) = 0;
  virtual void request_stop(std::string_view author, std::string_view instance) = 0;
};

/// patchbay.admin/1 for one instance.
class AdminService {
 public:
  AdminService(ServiceAccount& account, InstanceAdministration& administration)
      : account_(account), administration_(administration) {}

  patchbay_status list(const InstanceAdministration::Visit& visit);
  patchbay_status start(std::string_view instance);
  patchbay_status stop(std::string_view instance);

 private:
  [[nodiscard]] patchbay_status check(std::string_view instance) const;

  ServiceAccount& account_;
  InstanceAdministration& administration_;
};

}  // namespace patchbay::plugin_services
