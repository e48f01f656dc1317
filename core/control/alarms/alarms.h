#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace patchbay::alarms {

/// Something that an operator should look at, from when until when.
struct Alarm {
  std::string name;     ///< "plugin/auth-jwt"; one alarm of a name is active at a time
  std::string message;  ///< a sentence
  std::string details_json = "{}";
  uint64_t activated_unix_ms = 0;
  std::optional<uint64_t> deactivated_unix_ms;  ///< nothing: active
};

/// The node's alarms: raised and cleared by name, the cleared ones kept for a while. [any-thread]
class Alarms {
 public:
  static constexpr size_t kActiveMax = 1000;   ///< more are only logged
  static constexpr size_t kHistoryMax = 1000;  ///< cleared ones; the oldest go

  /// Told of every change, on the thread that made it, without a lock held.
  using Listener = std::function<void(const Alarm&)>;

  /// `clock` must outlive this.
  explicit Alarms(const base::Clock& clock) : clock_(clock) {}

  /// Adds a listener; before any other thread uses the object. [control]
  void listen(Listener listener) { listeners_.push_back(std::move(listener)); }

  /// False when the alarm is active already (its message and details are renewed), or too many are.
  bool raise(std::string_view name, std::string message, std::string details_json = "{}");
  /// False when no such alarm is active.
  bool clear(std::string_view name);

  [[nodiscard]] bool is_active(std::string_view name) const;
  [[nodiscard]] std::vector<Alarm> active() const;   ///< by name
  [[nodiscard]] std::vector<Alarm> history() const;  ///< cleared ones, newest first
  /// Forgets the cleared ones.
  void clear_history();

 private:
  void tell(const Alarm& alarm) const;

  const base::Clock& clock_;
  std::vector<Listener> listeners_;
  mutable std::mutex mutex_;  // guards what follows
  std::map<std::string, Alarm, std::less<>> active_;
  std::deque<Alarm> history_;
};

/// What is published of an alarm below `$SYS/brokers/<node>/alarms/`, as EMQX does. [any-thread]
struct AlarmMessage {
  std::string topic;
  std::string payload;
};
[[nodiscard]] AlarmMessage alarm_message(std::string_view node_name, const Alarm& alarm);

}  // namespace patchbay::alarms
