#include "alarms/alarms.h"

#include <nlohmann/json.hpp>

#include "base/log.h"

namespace patchbay::alarms {

bool Alarms::raise(std::string_view name, std::string message, std::string details_json) {
  Alarm alarm{std::string(name), std::move(message), std::move(details_json), clock_.unix_ms(), std::nullopt};
  {
    const std::lock_guard lock(mutex_);
    const auto found = active_.find(name);
    if (found != active_.end()) {
      found->second.message = std::move(alarm.message);
      found->second.details_json = std::move(alarm.details_json);
      return false;
    }
    if (active_.size() < kActiveMax) active_.emplace(alarm.name, alarm);
  }
  base::log(base::LogArea::broker, base::LogLevel::warning, "alarm raised",
            {{"alarm", alarm.name}, {"message", alarm.message}});
  const bool kept = is_active(alarm.name);
  if (kept) tell(alarm);
  return kept;
}

bool Alarms::clear(std::string_view name) {
  Alarm alarm;
  {
    const std::lock_guard lock(mutex_);
    const auto found = active_.find(name);
    if (found == active_.end()) return false;
    alarm = std::move(found->second);
    active_.erase(found);
    alarm.deactivated_unix_ms = clock_.unix_ms();
    history_.push_front(alarm);
    if (history_.size() > kHistoryMax) history_.pop_back();
  }
  base::log(base::LogArea::broker, base::LogLevel::info, "alarm cleared", {{"alarm", alarm.name}});
  tell(alarm);
  return true;
}

bool Alarms::is_active(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  return active_.find(name) != active_.end();
}

std::vector<Alarm> Alarms::active() const {
  const std::lock_guard lock(mutex_);
  std::vector<Alarm> result;
  for (const auto& [name, alarm] : active_) result.push_back(alarm);
  return result;
}

std::vector<Alarm> Alarms::history() const {
  const std::lock_guard lock(mutex_);
  return {history_.begin(), history_.end()};
}

void Alarms::clear_history() {
  const std::lock_guard lock(mutex_);
  history_.clear();
}

void Alarms::tell(const Alarm& alarm) const {
  for (const Listener& listener : listeners_) listener(alarm);
}

AlarmMessage alarm_message(std::string_view node_name, const Alarm& alarm) {
  nlohmann::json details = nlohmann::json::parse(alarm.details_json, nullptr, false);
  if (details.is_discarded()) details = nlohmann::json::object();
  // Times are microseconds in EMQX's messages, and whoever reads these may have been written for it.
  nlohmann::json payload = {{"name", alarm.name},
                            {"message", alarm.message},
                            {"details", std::move(details)},
                            {"activated_at", alarm.activated_unix_ms * 1000}};
  if (alarm.deactivated_unix_ms) payload["deactivated_at"] = *alarm.deactivated_unix_ms * 1000;
  const char* verb = alarm.deactivated_unix_ms ? "deactivate" : "activate";
  return {"$SYS/brokers/" + std::string(node_name) + "/alarms/" + verb,
          payload.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
}

}  // namespace patchbay::alarms
