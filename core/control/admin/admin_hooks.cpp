#include "admin/admin_hooks.h"

#include <algorithm>
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
bool PluginAdminHooks::asks(std::string_view hook) const {
  const auto order = plugins_.order();
  return std::any_of(order.begin(), order.end(),
                     [hook](const package::HookOrder& one) { return one.hook == hook && !one.positions.empty(); });
}

bool PluginAdminHooks::ask(hooks::HookId hook, const AdminAction& action, bool when_silent) {
  const auto answer = std::make_shared<std::promise<bool>>();
  std::future<bool> given = answer->get_future();
  plugins_.ask(hook, {action.user, action.method, action.path, action.body_json},
               [answer](bool allowed) { answer->set_value(allowed); });
  return given.wait_for(kPatience) == std::future_status::ready ? given.get() : when_silent;
}

bool PluginAdminHooks::allows(const AdminAction& action) {
  if (asks("acl.admin") && !ask(hooks::HookId::acl_admin, action, false)) return false;
  return !action.change || !asks("admin.before") || ask(hooks::HookId::admin_before, action, true);
}

void PluginAdminHooks::tell(const AdminAction& action, int status) {
  const Json details = {{"action", action.method}, {"status", status}};
  plugins_.tell(hooks::HookId::admin_audit,
                {action.path, "", status < 400 ? "applied" : "refused", action.user, details.dump()});
}

}  // namespace patchbay::admin
