#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/clock.h"
#include "plugin_bridge/call_place.h"
#include "plugin_bridge/held.h"

namespace patchbay::plugin_bridge {

/// One thing for a worker to do. Runs once, may block; destroyed on the worker, or by the pool when it stops first.
class Job {
 public:
  virtual ~Job() = default;
  virtual void run() = 0;
  /// What make_due() knows it by; null: nothing.
  [[nodiscard]] virtual const void* group() const { return nullptr; }

 private:
  friend class WorkerPool;
  Job* next_ = nullptr;
  HeldCounters* account_ = nullptr;
  uint64_t due_ms_ = 0;
};

/// A job made from a callable.
template <class F>
class CallableJob final : public Job {
 public:
  explicit CallableJob(F function) : function_(std::move(function)) {}
  void run() override { function_(); }

 private:
  F function_;
};

template <class F>
[[nodiscard]] std::unique_ptr<Job> make_job(F function) {
  return std::make_unique<CallableJob<F>>(std::move(function));
}

/// The threads on which plugins may block. Posting is without locks, so that shards may do it. What an instance has
/// waiting or running counts as Held::worker_jobs with it.
class WorkerPool {
 public:
  struct Options {
    uint32_t threads = 4;         ///< at most CallPlaces::kMaximumWorkers; 0: only run_pending()
    uint32_t queue_max = 10'000;  ///< jobs that may wait, those that are not due yet included
    std::string name = "plugin";  ///< threads are called "plugin-0" ...
  };

  WorkerPool(CallPlaces& places, const base::Clock& clock, Options options);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Starts the threads. [control]
  void start();
  /// Ends the threads after the jobs they are in, and joins them; jobs that wait are destroyed without being run.
  /// Idempotent. [control]
  void stop();

  /// False: `queue_max` jobs wait, or the pool has stopped; the job is destroyed. Order of jobs is the order of
  /// posting, but several run at once. `account` must live until its worker_jobs are zero. [any-thread]
  bool post(HeldCounters& account, std::unique_ptr<Job> job) { return post_at(account, std::move(job), 0); }
  /// The same, not before `due_ms` of the clock's steady time.
  bool post_at(HeldCounters& account, std::unique_ptr<Job> job, uint64_t due_ms);
  /// The same for jobs whose number is bounded otherwise: `queue_max` doesn't count.
  bool post_always(HeldCounters& account, std::unique_ptr<Job> job, uint64_t due_ms);
  /// The same within a job of this pool: no other worker is woken, since this one looks for its next job when this has
  /// ended; until then it may be that nobody knows of it. [worker]
  bool post_next(HeldCounters& account, std::unique_ptr<Job> job, uint64_t due_ms);

  /// Jobs of this group that wait for their time wait no longer. [control]
  void make_due(const void* group);

  /// The barrier for unloading: waits until `account` has no job waiting or running. False: not within `limit_ms`.
  /// Not from a worker. [control]
  [[nodiscard]] bool wait_until_idle(const HeldCounters& account, uint64_t limit_ms) const;

  /// Runs what is due on the calling thread; returns how many jobs. For pools without threads.
  size_t run_pending();

  [[nodiscard]] uint32_t waiting() const;
  [[nodiscard]] uint32_t running() const;
  [[nodiscard]] uint64_t refused() const;

 private:
  struct State;
  void work(uint32_t worker);
  bool push(HeldCounters& account, std::unique_ptr<Job> job, uint64_t due_ms);
  std::unique_ptr<State> state_;
};

}  // namespace patchbay::plugin_bridge
