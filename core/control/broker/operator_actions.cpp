#include "broker/operator_actions.h"

#include <chrono>
#include <future>
#include <memory>

namespace patchbay::broker {

namespace {
/// Above the greatest deadline that the point has by itself; then the thread of the host is busy with something else.
constexpr auto kPatience = std::chrono::seconds(15);
}  // namespace

bool may_act(plugin_host::PluginHost& plugins, const OperatorAction& action) {
  const auto answer = std::make_shared<std::promise<bool>>();
  std::future<bool> given = answer->get_future();
  plugins.ask(hooks::HookId::admin_before, {action.user, action.action, action.object, "{}"},
              [answer](bool allowed) { answer->set_value(allowed); });
  return given.wait_for(kPatience) != std::future_status::ready || given.get();
}

void audit(plugin_host::PluginHost& plugins, const OperatorAction& action, std::string_view outcome) {
  plugins.tell(hooks::HookId::admin_audit,
               {action.object, "", std::string(outcome), action.user, "{\"action\":\"" + action.action + "\"}"});
}

}  // namespace patchbay::broker
