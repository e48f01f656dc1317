#include "plugin_services/alarm_service.h"

#include <algorithm>

namespace patchbay::plugin_services {

namespace {
bool is_alarm_name(std::string_view name) {
  return !name.empty() && name.size() <= AlarmService::kMaximumName &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
                  c == '.';
         });
}
}  // namespace

patchbay_status AlarmService::raise(std::string_view name, std::string_view text) {
  if (!is_alarm_name(name))
    return account_.invalid("the name of an alarm is empty, too long, or has other than [A-Za-z0-9_.-]");
  if (!account_.finishes_work()) return PATCHBAY_CLOSED;
  const std::lock_guard lock(mutex_);
  const bool known = raised_.find(name) != raised_.end();
  if ((!known && raised_.size() >= account_.limits.max_alarms) ||
      !board_.raise(account_.facts, name, text.substr(0, kMaximumText))) {
    account_.refusals.count(Refusal::alarms);
    return PATCHBAY_BUSY;
  }
  if (!known) raised_.emplace(name);
  return PATCHBAY_OK;
}

patchbay_status AlarmService::clear(std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto found = raised_.find(name);
  if (found == raised_.end()) return PATCHBAY_NOT_FOUND;
  raised_.erase(found);
  board_.clear(account_.facts, name);
  return PATCHBAY_OK;
}

void AlarmService::clear_all() {
  const std::lock_guard lock(mutex_);
  for (const std::string& name : raised_) board_.clear(account_.facts, name);
  raised_.clear();
}

}  // namespace patchbay::plugin_services
