#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"

namespace patchbay::plugin_host {

/// One thing to do on the control thread.
struct ControlStep {
  std::string instance;  ///< whose code runs; "": the host's own
  std::string name;      ///< "start"
  uint64_t warn_ms = 1'000;
  uint64_t limit_ms = 10'000;
  std::function<void()> run;
};

/// The thread on which everything that plugins mark [control] runs, one step after the other. A step that passes its
/// limit cannot be ended: its thread is given up, the steps behind it go on on a new one, and whoever waits is told.
/// What a given-up step still touches must therefore be kept alive by the step itself.
class ControlThread {
 public:
  enum class Outcome : uint8_t {
    done,
    late,     ///< passed its limit; it runs on, and the thread is lost
    refused,  ///< the object is stopped
  };
  /// Told of a step that passed its limit, on a thread of the object's own, once for each.
  using OnLate = std::function<void(const ControlStep&)>;

  /// `clock` must outlive the object.
  ControlThread(const base::Clock& clock, OnLate on_late);
  /// stop()
  ~ControlThread();
  ControlThread(const ControlThread&) = delete;
  ControlThread& operator=(const ControlThread&) = delete;

  /// Runs the step after those before it, and waits for it. Not from the control thread itself. [any-thread]
  Outcome run(ControlStep step);
  /// Runs the step after those before it; nobody waits. [any-thread]
  void post(ControlStep step);
  /// Whether the caller is on the control thread. [any-thread]
  [[nodiscard]] bool is_current() const;
  /// Threads given up so far whose step has not returned yet.
  [[nodiscard]] size_t lost_threads() const;
  /// Kernel ids of its threads, those given up included. [any-thread]
  [[nodiscard]] std::vector<int> thread_ids() const;
  /// Ends the thread after the step that runs now; what still waits is not run. [any-thread]
  void stop();

 private:
  struct State;
  struct Job;
  struct Lane;
  static void work(const std::shared_ptr<State>& state, const std::shared_ptr<Lane>& lane);
  static void watch(const std::shared_ptr<State>& state, const OnLate& on_late);
  static void start_lane(const std::shared_ptr<State>& state);

  std::shared_ptr<State> state_;
};

}  // namespace patchbay::plugin_host
