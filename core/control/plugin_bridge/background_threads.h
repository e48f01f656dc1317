#pragma once

#include <cstdint>
#include <list>
#include <mutex>

#include "plugin_bridge/leftover_share.h"

namespace patchbay::plugin_bridge {

/// The threads whose work may come a little later: workers, and those that plugins start. They run while a processor
/// has nothing else to do, as far as the system allows to change that again (base/thread_urgency.h) and as long as it
/// is enough for them; else among all others, only nicer. Without it a shard that wakes is put to wait behind another
/// shard because a worker, of all things, keeps the other processor busy.
class BackgroundThreads {
 public:
  static constexpr uint64_t kLookMs = 50;
  static constexpr uint32_t kLooksBetweenStrays = 20;

  BackgroundThreads() = default;
  BackgroundThreads(const BackgroundThreads&) = delete;
  BackgroundThreads& operator=(const BackgroundThreads&) = delete;

  /// plugins.leftovers: false: all are only nicer. Before the first thread. [control]
  void allow(bool allowed) { allowed_ = allowed; }

  /// The calling thread is one of them while this lives, and patient ever after.
  class Scope {
   public:
    Scope(BackgroundThreads& threads, const char* name);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    BackgroundThreads& threads_;
    int kernel_thread_;
  };

  /// Looks after all of them: once in kLookMs. [watchdog, or any one thread]
  void look(uint64_t now_ns);
  /// That one gets none of the leftovers, and somebody may wait for it: back among the others at once. Nothing for a
  /// thread that is none of these. [watchdog, or any one thread]
  void hurry(int kernel_thread, uint64_t now_ns);

  /// Threads that run on leftovers at this moment. [any-thread]
  [[nodiscard]] uint32_t on_leftovers() const;
  /// How often one had too little of them. [any-thread]
  [[nodiscard]] uint64_t starved() const;

 private:
  struct Entry {
    int kernel_thread = 0;
    bool on_leftovers = false;
    LeftoverShare share;
  };
  void add(int kernel_thread);
  void remove(int kernel_thread);
  void change(Entry& entry, bool leftovers);
  void bring_back_strays();

  bool allowed_ = true;
  mutable std::mutex mutex_;  // guards what follows; no shard takes it
  bool tried_ = false;
  bool possible_ = false;
  std::list<Entry> entries_;
  uint64_t starved_ = 0;
  uint32_t looks_ = 0;
};

}  // namespace patchbay::plugin_bridge
