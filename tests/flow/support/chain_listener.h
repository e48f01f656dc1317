#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/chain.h"
#include "support/flow_harness.h"

namespace patchbay::test {

/// Listens at one point with a function of the test, alone, as long as it lives.
template <class Event>
class ChainListener {
 public:
  using Function = std::function<base::Verdict(Event&, base::Token)>;

  ChainListener(FlowHarness& harness, base::ChainPoint<Event>& point, base::Phase phase, Function function,
                base::Fallback fallback = base::Fallback::deny)
      : harness_(harness), point_(point), function_(std::move(function)) {
    base::ChainEntry<Event> entry;
    entry.call = [](void* self, Event& event, base::Token token) noexcept {
      return static_cast<ChainListener*>(self)->function_(event, token);
    };
    entry.self = this;
    entry.order.phase = phase;
    entry.order.name = "test";
    entry.fallback = fallback;
    std::vector<base::ChainEntry<Event>> entries;
    entries.push_back(std::move(entry));
    point_.swap(std::move(entries), harness_.epoch);
  }
  ~ChainListener() { point_.swap({}, harness_.epoch); }
  ChainListener(const ChainListener&) = delete;
  ChainListener& operator=(const ChainListener&) = delete;

 private:
  FlowHarness& harness_;
  base::ChainPoint<Event>& point_;
  Function function_;
};

/// An observer from a function without result.
template <class Event, class Function>
[[nodiscard]] auto observe(FlowHarness& harness, base::ChainPoint<Event>& point, Function function) {
  return std::make_unique<ChainListener<Event>>(harness, point, base::Phase::observe,
                                                [function](Event& event, base::Token) {
                                                  function(event);
                                                  return base::Verdict::proceeds();
                                                });
}

}  // namespace patchbay::test
