#pragma once

#include <string>
#include <string_view>

#include "plugin_host/plugin_host.h"

namespace patchbay::admin {

/// What an operator is about to do.
struct AdminAction {
  std::string user;
  std::string method;
  std::string path;       ///< below the API's root
  std::string body_json;  ///< "{}" where there is none, or where it contains secrets
  bool change = false;
};

/// Role: what plugins say about the requests of operators.
class AdminHooks {
 public:
  virtual ~AdminHooks() = default;
  /// Whether a plugin would be asked about such a request at all.
  [[nodiscard]] virtual bool listens(bool change) const = 0;
  /// acl.admin and, for changes, admin.before. Waits for them.
  [[nodiscard]] virtual bool allows(const AdminAction& action) = 0;
  /// admin.audit: what became of it.
  virtual void tell(const AdminAction& action, int status) = 0;
};

/// The hook points of the plugin host. [any-thread]
class PluginAdminHooks final : public AdminHooks {
 public:
  explicit PluginAdminHooks(plugin_host::PluginHost& plugins) : plugins_(plugins) {}
  [[nodiscard]] bool listens(bool change) const override;
  [[nodiscard]] bool allows(const AdminAction& action) override;
  void tell(const AdminAction& action, int status) override;

 private:
  [[nodiscard]] bool ask(hooks::HookId hook, const AdminAction& action, bool when_silent);

  plugin_host::PluginHost& plugins_;
};

}  // namespace patchbay::admin
