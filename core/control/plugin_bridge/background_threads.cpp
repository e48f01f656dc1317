#include "plugin_bridge/background_threads.h"

#include <algorithm>

#include "base/shard.h"
#include "base/thread_urgency.h"

namespace patchbay::plugin_bridge {

BackgroundThreads::Scope::Scope(BackgroundThreads& threads, const char* name)
    : threads_(threads), kernel_thread_(base::kernel_thread_id()) {
  base::begin_patient_thread(name);
  threads_.add(kernel_thread_);
}

BackgroundThreads::Scope::~Scope() {
  threads_.remove(kernel_thread_);
}

void BackgroundThreads::add(int kernel_thread) {
  const std::lock_guard lock(mutex_);
  if (!tried_) possible_ = allowed_ && base::may_run_on_leftovers();
  tried_ = true;
  Entry& entry = entries_.emplace_back();
  entry.kernel_thread = kernel_thread;
  if (possible_) change(entry, true);
}

void BackgroundThreads::remove(int kernel_thread) {
  const std::lock_guard lock(mutex_);
  std::erase_if(entries_, [&](const Entry& each) { return each.kernel_thread == kernel_thread; });
}

void BackgroundThreads::change(Entry& entry, bool leftovers) {
  if (base::run_on_leftovers(entry.kernel_thread, leftovers)) entry.on_leftovers = leftovers;
}

void BackgroundThreads::look(uint64_t now_ns) {
  const std::lock_guard lock(mutex_);
  if (!possible_) return;
  for (Entry& entry : entries_) {
    const auto activity = thread_activity(entry.kernel_thread);
    if (!activity) continue;
    const bool leftovers = entry.share.look(*activity, now_ns);
    if (leftovers == entry.on_leftovers) continue;
    if (!leftovers) ++starved_;
    change(entry, leftovers);
  }
  if (++looks_ % kLooksBetweenStrays == 0) bring_back_strays();
}

void BackgroundThreads::hurry(int kernel_thread, uint64_t now_ns) {
  const std::lock_guard lock(mutex_);
  for (Entry& entry : entries_) {
    if (entry.kernel_thread != kernel_thread || !entry.on_leftovers) continue;
    entry.share.give_up(now_ns);
    ++starved_;
    change(entry, false);
  }
}

/// A thread inherits how its maker runs: those that a library starts for itself would run on leftovers for ever, and
/// nobody would look after them.
void BackgroundThreads::bring_back_strays() {
  for (const int thread : process_threads()) {
    const auto is_it = [&](const Entry& each) { return each.kernel_thread == thread; };
    if (std::any_of(entries_.begin(), entries_.end(), is_it)) continue;
    if (base::runs_on_leftovers(thread)) base::run_on_leftovers(thread, false);
  }
}

uint32_t BackgroundThreads::on_leftovers() const {
  const std::lock_guard lock(mutex_);
  return static_cast<uint32_t>(
      std::count_if(entries_.begin(), entries_.end(), [](const Entry& each) { return each.on_leftovers; }));
}

uint64_t BackgroundThreads::starved() const {
  const std::lock_guard lock(mutex_);
  return starved_;
}

}  // namespace patchbay::plugin_bridge
