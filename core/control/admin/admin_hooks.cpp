#include "admin/admin_hooks.h"

#include <chrono>
#include <future>
#include <memory>

#include "admin/json.h"

namespace patchbay::admin {

namespace {
/// Above the greatest deadline that the points have by themselves: then the host's thread is busy with something else.
constexpr auto kPatience = std::chrono::seconds(15);
}  // namespace

// A request costs no way to the control thread unless a plugin listens.
bool PluginAdminHooks::listens(bool change) const {
  return plugins_.listens("acl.admin") || (change && plugins_.listens("admin.before"));
}

bool PluginAdminHooks::ask(hooks::HookId hook, const AdminAction& action, bool when_silent) {
  const auto answer = std::make_shared<std::promise<bool>>();
  std::future<bool> given = answer->get_future();
  plugins_.ask(hook, {action.user, action.method, action.path, action.body_json},
               [answer](bool allowed) { answer->set_value(allowed); });
  return given.wait_for(kPatience) == std::future_status::ready ? given.get() : when_silent;
}

bool PluginAdminHooks::allows(const AdminAction& action) {
  if (plugins_.listens("acl.admin") && !ask(hooks::HookId::acl_admin, action, false)) return false;
  return !action.change || !plugins_.listens("admin.before") || ask(hooks::HookId::admin_before, action, true);
}

void PluginAdminHooks::tell(const AdminAction& action, int status) {
  const Json details = {{"action", action.method}, {"status", status}};
  plugins_.tell(hooks::HookId::admin_audit,
                {action.path, "", status < 400 ? "applied" : "refused", action.user, details.dump()});
}

}  // namespace patchbay::admin
