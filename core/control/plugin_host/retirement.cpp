#include "plugin_host/retirement.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "plugin_bridge/held.h"
#include "plugin_bridge/thread_activity.h"
#include "plugin_host/control_steps.h"
#include "plugin_host/process_threads.h"

namespace patchbay::plugin_host {

namespace {

using plugin_bridge::Held;

// What a callback into the plugin can still come from. The rest is memory, which is waited for after destroy().
constexpr Held kRunning[] = {Held::hook_entries, Held::tokens,      Held::leases,  Held::timers,     Held::fd_watches,
                             Held::streams,      Held::connections, Held::threads, Held::worker_jobs};
// What a plugin that drains is given time for; timers and watches are its own to end in stop().
constexpr Held kDraining[] = {Held::hook_entries, Held::tokens, Held::leases, Held::connections, Held::worker_jobs};

std::string joined(const std::vector<std::string>& texts) {
  std::string result;
  for (const std::string& text : texts) result += (result.empty() ? "" : ", ") + text;
  return result;
}

template <size_t N>
bool any_held(const plugin_bridge::Instance& instance, const Held (&kinds)[N]) {
  for (const Held kind : kinds) {
    if (instance.held().value(kind) != 0) return true;
  }
  return instance.open_tokens() != 0;
}

}  // namespace

void keep_for_ever(std::shared_ptr<LoadedPlugin> plugin) {
  static std::mutex mutex;
  static auto* kept = new std::vector<std::shared_ptr<LoadedPlugin>>();
  const std::lock_guard lock(mutex);
  kept->push_back(std::move(plugin));
}

Retirement::Retirement(RetirementTools tools, std::shared_ptr<LoadedPlugin> plugin, bool started, uint64_t drain_ms)
    : tools_(tools),
      plugin_(std::move(plugin)),
      name_(plugin_->instance() == nullptr ? plugin_->manifest().id : plugin_->instance()->facts().name),
      version_(plugin_->manifest().version.text()),
      started_(started),
      deadline_ms_(tools_.clock.steady_ms() + drain_ms) {
  if (plugin_->instance() == nullptr) stage_ = Stage::close;
}

std::string Retirement::reason() const {
  if (!reason_.empty() || held_.empty()) return reason_;
  return "waits for " + joined(held_);
}

bool Retirement::advance() {
  while (stage_ != Stage::over && step()) {
  }
  return stage_ == Stage::over;
}

bool Retirement::step() {
  switch (stage_) {
    case Stage::barrier:
      return pass_barrier();
    case Stage::drain:
      return drain();
    case Stage::quiet:
      return wait_until_quiet();
    case Stage::stop:
      return stop();
    case Stage::running_out:
      return wait_until_nothing_runs();
    case Stage::destroy:
      return destroy();
    case Stage::memory:
      return wait_for_memory();
    case Stage::close:
      return close();
    case Stage::over:
      break;
  }
  return false;
}

bool Retirement::pass_barrier() {
  const auto passed =
      run_step(tools_.control, name_, tools_.limits.publish,
               [&bridge = tools_.bridge, ms = tools_.limits.barrier_ms] { return bridge.chains().settle(ms); });
  if (!passed || !*passed) {
    held_ = plugin_->instance()->held_back();
    if (late()) return become_zombie("a shard has not left the hook that it is in");
    return false;
  }
  stage_ = Stage::drain;
  return true;
}

bool Retirement::drain() {
  plugin_->instance()->gate().move_to(plugin_bridge::GateState::draining);
  if (started_) {
    const auto done = run_step(tools_.control, name_, tools_.limits.drain, [plugin = plugin_] { plugin->drain(); });
    if (!done) return become_zombie("drain() has not returned in time");
  }
  stage_ = Stage::quiet;
  return true;
}

bool Retirement::wait_until_quiet() {
  if (any_held(*plugin_->instance(), kDraining) && !late()) {
    held_ = plugin_->instance()->held_back();
    return false;
  }
  stage_ = Stage::stop;
  return true;
}

bool Retirement::stop() {
  plugin_bridge::Instance& instance = *plugin_->instance();
  // What clients keep for it is destroyed by its own code, so before stop().
  if (instance.held().value(Held::client_slots) != 0 && !late()) {
    if (!slots_asked_) tools_.bridge.end_client_slots(instance);
    slots_asked_ = true;
    held_ = instance.held_back();
    return false;
  }
  instance.gate().move_to(plugin_bridge::GateState::closed);
  const auto done = run_step(tools_.control, name_, tools_.limits.stop, [plugin = plugin_, started = started_] {
    started ? plugin->stop() : plugin->end_services();
  });
  if (!done) return become_zombie("stop() has not returned in time");
  state_ = PluginState::stopped;
  stage_ = Stage::running_out;
  deadline_ms_ = std::max(deadline_ms_, tools_.clock.steady_ms() + tools_.limits.after_stop_grace_ms);
  return true;
}

bool Retirement::anything_runs() const {
  return any_held(*plugin_->instance(), kRunning);
}

void Retirement::note_strangers() {
  std::vector<int> known = tools_.control.thread_ids();
  for (const int id : tools_.services.thread_ids()) known.push_back(id);
  threads_ = strangers(plugin_->threads_before, plugin_bridge::process_threads(), known);
  for (const int id : threads_) held_.push_back(thread_text(id));
}

bool Retirement::wait_until_nothing_runs() {
  held_ = anything_runs() ? plugin_->instance()->held_back() : std::vector<std::string>{};
  note_strangers();
  if (!held_.empty()) {
    if (late()) return become_zombie("after stop() there is still " + joined(held_));
    return false;
  }
  stage_ = Stage::destroy;
  return true;
}

bool Retirement::destroy() {
  const auto done = run_step(tools_.control, name_, tools_.limits.destroy, [plugin = plugin_] { plugin->destroy(); });
  if (!done) return become_zombie("destroy() has not returned in time");
  stage_ = Stage::memory;
  return true;
}

bool Retirement::wait_for_memory() {
  held_ = plugin_->instance()->held_back();
  if (!held_.empty()) {
    if (late()) return become_zombie("after destroy() it still has " + joined(held_));
    return false;
  }
  stage_ = Stage::close;
  return true;
}

bool Retirement::close() {
  if (plugin_->manifest().unload == package::Manifest::Unload::never)
    return become_zombie("its manifest says \"unload\": \"never\"");
  const auto done =
      run_step(tools_.control, name_, tools_.limits.close, [plugin = plugin_] { return plugin->close(); });
  if (!done) return become_zombie("dlclose has not returned in time");
  if (!*done) return become_zombie(done->error());
  state_ = PluginState::unloaded;
  stage_ = Stage::over;
  return false;
}

bool Retirement::become_zombie(std::string reason) {
  reason_ = std::move(reason);
  state_ = PluginState::zombie;
  stage_ = Stage::over;
  if (plugin_->instance() != nullptr) plugin_->instance()->gate().move_to(plugin_bridge::GateState::closed);
  plugin_->keep_mapped();
  keep_for_ever(plugin_);
  return false;
}

}  // namespace patchbay::plugin_host
