#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "plugin_bridge/breaker.h"
#include "plugin_bridge/hook_statistics.h"
#include "plugin_host/loaded_plugin.h"
#include "plugin_host/plugin_state.h"

/// What the plugin host tells whoever operates it: plain values, copies. [any-thread]
namespace patchbay::plugin_host {

/// What became of an operation.
struct Outcome {
  bool ok = true;
  std::string sentence;              ///< what was done, or what was found and what is allowed
  std::vector<std::string> details;  ///< further lines: "/json/pointer: sentence", what is still held

  [[nodiscard]] static Outcome done(std::string sentence = {}) { return {true, std::move(sentence), {}}; }
  [[nodiscard]] static Outcome refused(std::string sentence) { return {false, std::move(sentence), {}}; }
};

/// Told once of an operation's end, on a thread of the host; must be quick and must not wait for the host. May be
/// empty.
using Done = std::function<void(const Outcome&)>;

struct HookStatus {
  std::string hook;
  std::string phase;  ///< "decide", "transform", "observe"
  plugin_bridge::HookStatistics statistics;
  plugin_bridge::Breaker::State breaker = plugin_bridge::Breaker::State::closed;
  uint64_t openings = 0;  ///< of the breaker
};

/// A version that has been taken out of service and has not been unmapped.
struct LeavingStatus {
  std::string instance;
  std::string version;
  PluginState state = PluginState::draining;  ///< draining, stopped or zombie
  std::string reason;
  std::vector<std::string> held;  ///< "3 message references"
};

/// What an instance did that no plugin must do, each counted. What was left behind is counted since the broker runs,
/// the rest since this version was loaded.
struct PluginFaults {
  uint64_t thrown = 0;         ///< exceptions that a hook let out
  uint64_t bad_answers = 0;    ///< a hook answered what the point doesn't take
  uint64_t hung_calls = 0;     ///< beyond the hard budget
  uint64_t late_answers = 0;   ///< deadlines that passed
  uint64_t stale_answers = 0;  ///< a second answer to a question, or one after its deadline
  uint64_t leaks = 0;          ///< kinds of things that it had not given back when it was to be unmapped
  uint64_t threads_left = 0;   ///< threads that ran on then
};

struct InstanceStatus {
  std::string name;
  std::string plugin_id;  ///< "" until its file has been verified once, as everything else that the file says
  std::string version;
  std::string title;
  std::string file;
  std::string sha256;
  bool enabled = false;  ///< wanted by the operator
  PluginState state = PluginState::installed;
  std::string reason;                         ///< of the state
  std::vector<PluginTransition> transitions;  ///< the newest last
  PluginHealth health;
  uint32_t number = 0;  ///< as messages name it; 0: not loaded
  uint32_t open_tokens = 0;
  PluginFaults faults;
  std::vector<HookStatus> hooks;
  std::vector<std::string> permissions;
  std::vector<std::string> needs, wants, provides;
  std::string settings;  ///< in force, with defaults, secrets masked
  uint64_t settings_version = 0;
  std::optional<uint64_t> soak_until_unix_ms;  ///< after an upgrade: until then a drop of health rolls back
  std::string soak_previous_version;
};

/// Who uses whom, by services.
struct DependencyEdge {
  std::string user;
  std::string service;   ///< "svc.http/1"
  std::string provider;  ///< "": nobody provides it
  bool needed = true;    ///< "needs" rather than "wants"
};

}  // namespace patchbay::plugin_host
