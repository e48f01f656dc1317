#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace patchbay::plugin_host {

/// The thread that thinks for the plugin host: it takes operations one after the other and looks after what takes its
/// time in between. It runs no code of plugins itself; that is the control thread's work, for which it waits.
class Conductor {
 public:
  /// Called in between; returns in how many milliseconds at the latest it wants to be called again.
  using Tick = std::function<uint64_t()>;

  explicit Conductor(Tick tick);
  /// stop()
  ~Conductor();
  Conductor(const Conductor&) = delete;
  Conductor& operator=(const Conductor&) = delete;

  void start();
  /// False: stopped, `operation` will not run. [any-thread]
  bool post(std::function<void()> operation);
  /// Ends the thread after what has been posted; idempotent.
  void stop();
  [[nodiscard]] bool is_current() const;

 private:
  void run();
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace patchbay::plugin_host
