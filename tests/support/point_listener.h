#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/chain.h"
#include "base/epoch.h"

namespace patchbay::testing {

/// Listens at one point with a function of the test, alone, as long as it lives. The function runs where the point is
/// called: with running shards, on their threads.
template <class Event>
class PointListener {
 public:
  using Function = std::function<base::Verdict(Event&, base::Token)>;

  PointListener(base::ChainPoint<Event>& point, base::EpochDomain& epoch, base::Phase phase, Function function,
                std::string name = "test", base::Fallback fallback = base::Fallback::deny)
      : point_(point), epoch_(epoch), function_(std::move(function)) {
    base::ChainEntry<Event> entry;
    entry.call = [](void* self, Event& event, base::Token token) noexcept {
      return static_cast<PointListener*>(self)->function_(event, token);
    };
    entry.self = this;
    entry.order.phase = phase;
    entry.order.name = std::move(name);
    entry.fallback = fallback;
    std::vector<base::ChainEntry<Event>> entries;
    entries.push_back(std::move(entry));
    point_.swap(std::move(entries), epoch_);
  }
  /// No shard may be in the middle of a call any more.
  ~PointListener() { point_.swap({}, epoch_); }
  PointListener(const PointListener&) = delete;
  PointListener& operator=(const PointListener&) = delete;

 private:
  base::ChainPoint<Event>& point_;
  base::EpochDomain& epoch_;
  Function function_;
};

/// One that only looks.
template <class Event, class Function>
[[nodiscard]] std::unique_ptr<PointListener<Event>> observer(base::ChainPoint<Event>& point, base::EpochDomain& epoch,
                                                             Function function) {
  return std::make_unique<PointListener<Event>>(point, epoch, base::Phase::observe,
                                                [function](Event& event, base::Token) {
                                                  function(event);
                                                  return base::Verdict::proceeds();
                                                });
}

}  // namespace patchbay::testing
