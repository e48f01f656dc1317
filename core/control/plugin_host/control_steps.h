#pragma once

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "plugin_host/control_thread.h"
#include "plugin_host/step_limits.h"

namespace patchbay::plugin_host {

/// Runs `function` as a step on the control thread and gives its result; nothing: it passed its limit and may still
/// run, so that whatever it uses must be kept alive by what it has captured. [any-thread but control]
template <class F>
[[nodiscard]] auto run_step(ControlThread& control, const std::string& instance, const StepLimit& limit, F function) {
  using Answer = decltype(function());
  using Kept = std::conditional_t<std::is_void_v<Answer>, bool, Answer>;
  const auto result = std::make_shared<std::optional<Kept>>();
  ControlStep step{instance, std::string(limit.name), limit.warn_ms, limit.limit_ms, nullptr};
  step.run = [result, held = std::make_shared<F>(std::move(function))] {
    if constexpr (std::is_void_v<Answer>) {
      (*held)();
      result->emplace(true);
    } else {
      result->emplace((*held)());
    }
  };
  if (control.run(std::move(step)) != ControlThread::Outcome::done) return std::optional<Kept>();
  return std::move(*result);
}

}  // namespace patchbay::plugin_host
