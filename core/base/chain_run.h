#pragma once

#include <concepts>
#include <memory>
#include <utility>

#include "base/assert.h"
#include "base/chain.h"
#include "base/deferral.h"

namespace patchbay::base {

/// What counts at a point when an entry fails, is late, or defers where it can't.
enum class OnMissing : uint8_t {
  fallback,             ///< the entry's fallback
  fallback_never_next,  ///< late: the fallback, but a missing answer is never "no opinion"; failed: deny
  deny,                 ///< always deny
};

/// What a point's event offers to the run: the run itself knows no point.
///  - apply(verdict): takes the answer in, the argument included; true ends the run (a decisive answer).
///  - own(): the run is deferred; copies whatever views would not outlive the call.
///  - kOnMissing: see OnMissing.
///  - kDenyReason: the reason code of a deny that names none.
template <class Event>
concept ChainEvent = std::movable<Event> && requires(Event event, Verdict& verdict) {
  { event.apply(verdict) } -> std::same_as<bool>;
  event.own();
  { Event::kOnMissing } -> std::convertible_to<OnMissing>;
  { Event::kDenyReason } -> std::convertible_to<uint8_t>;
};

template <class Event>
class ChainPending;

namespace detail {

/// What counts in place of an answer that is missing.
template <class Event>
[[nodiscard]] Verdict missing_answer(Fallback fallback, bool failed) {
  Verdict verdict = Verdict::denies(Event::kDenyReason);
  const bool strict = Event::kOnMissing == OnMissing::deny || (Event::kOnMissing != OnMissing::fallback && failed);
  if (!strict && fallback == Fallback::allow) verdict = Verdict::allows();
  if (Event::kOnMissing == OnMissing::fallback && fallback == Fallback::next) verdict = Verdict::proceeds();
  verdict.flags = Verdict::is_fallback;
  return verdict;
}

/// A run that waits for an answer; exists only while it does.
template <class Event>
struct WaitingRun {
  explicit WaitingRun(Event&& e) : event(std::move(e)), pending(&WaitingRun::answered, this) { event.own(); }
  static void answered(void* self, Verdict verdict);

  Event event;
  Pending pending;
  ChainOrder position;
  Fallback fallback = Fallback::deny;
  const ChainPoint<Event>* point = nullptr;
  Deferrals* deferrals = nullptr;
  ChainPending<Event>* asker = nullptr;
};

}  // namespace detail

/// The asker's side of a run that may be deferred: three words, embedded in the asker, destroying it cancels. At most
/// one run waits in it. [shard]
template <class Event>
class ChainPending {
 public:
  /// Called once when a deferred run is complete, with everything the entries said taken into `event`. May destroy the
  /// ChainPending, or start the next run in it.
  using Callback = void (*)(void* owner, Event& event);

  ChainPending(Callback callback, void* owner) : callback_(callback), owner_(owner) {}
  ChainPending(const ChainPending&) = delete;
  ChainPending& operator=(const ChainPending&) = delete;

  [[nodiscard]] bool waiting() const { return run_ != nullptr; }
  void cancel() { run_.reset(); }

 private:
  friend struct detail::WaitingRun<Event>;
  template <ChainEvent E>
  friend bool run_chain_from(const Chain<E>*, size_t, const ChainPoint<E>&, Deferrals&, E&, ChainPending<E>*);

  Callback callback_;
  void* owner_;
  std::unique_ptr<detail::WaitingRun<Event>> run_;
};

namespace detail {

/// Puts what counts in place of an answer that is missing.
template <class Event>
void settle(Verdict& verdict, Fallback fallback, const std::string& name, Deferrals& deferrals) {
  const bool failed = verdict.has(Verdict::failed);
  const bool refused = verdict.kind == VerdictKind::defer;  // without a token: over the limit, or not deferrable here
  if (!failed && !refused) return;
  if (refused) deferrals.count_refused();
  deferrals.log_missing_answer(name, false);
  dispose(verdict);
  verdict = missing_answer<Event>(fallback, failed);
}

/// Moves the event into a run that waits for `entry`'s answer.
template <class Event>
[[nodiscard]] std::unique_ptr<WaitingRun<Event>> suspend(const ChainPoint<Event>& point, const ChainEntry<Event>& entry,
                                                         Token token, Deferrals& deferrals, Event& event,
                                                         ChainPending<Event>& pending) {
  auto run = std::make_unique<WaitingRun<Event>>(std::move(event));
  run->position = entry.order;
  run->fallback = entry.fallback;
  run->point = &point;
  run->deferrals = &deferrals;
  run->asker = &pending;
  const bool open =
      deferrals.commit(token, run->pending, entry.deadline_ms, missing_answer<Event>(entry.fallback, false));
  PATCHBAY_ASSERT(open);
  return run;
}

/// True when `event` itself took the token, to have its acknowledgement held until the answer.
template <class Event>
[[nodiscard]] bool took_hold(Event& event, const Verdict& verdict, Token token, const ChainEntry<Event>& entry,
                             Deferrals& deferrals) {
  if constexpr (requires { event.hold(token, entry.deadline_ms, Verdict{}, deferrals); }) {
    if (!verdict.has(Verdict::hold_ack)) return false;
    event.hold(token, entry.deadline_ms, missing_answer<Event>(entry.fallback, false), deferrals);
    return true;
  }
  return false;
}

}  // namespace detail

/// Asks the entries of the phases decide and transform from index `first` on. True: complete, the outcome is in
/// `event`. False: deferred; `event` was moved into `pending`, whose callback gets it. With a null `pending` nobody may
/// defer, and an entry that tries has failed to answer. [shard]
template <ChainEvent Event>
[[nodiscard]] bool run_chain_from(const Chain<Event>* chain, size_t first, const ChainPoint<Event>& point,
                                  Deferrals& deferrals, Event& event, ChainPending<Event>* pending) {
  if (chain == nullptr) return true;
  const auto& entries = chain->entries();
  for (size_t i = first; i < entries.size() && entries[i].order.phase != Phase::observe; ++i) {
    const ChainEntry<Event>& entry = entries[i];
    if (!entry.is_for(event)) continue;
    const Token token = pending != nullptr ? deferrals.reserve() : Token{};
    Verdict verdict = entry.call(entry.self, event, token);
    if (verdict.kind == VerdictKind::defer && token) {
      if (detail::took_hold(event, verdict, token, entry, deferrals)) continue;
      PATCHBAY_ASSERT(!pending->waiting());
      pending->run_ = detail::suspend(point, entry, token, deferrals, event, *pending);
      return false;
    }
    if (token) deferrals.release(token);
    detail::settle<Event>(verdict, entry.fallback, entry.order.name, deferrals);
    if (event.apply(verdict)) return true;
  }
  return true;
}

/// Asks everybody of the phases decide and transform at `point`; see run_chain_from(). [shard]
template <ChainEvent Event>
[[nodiscard]] bool run_chain(const ChainPoint<Event>& point, Deferrals& deferrals, Event& event,
                             ChainPending<Event>* pending) {
  return run_chain_from(point.load(), 0, point, deferrals, event, pending);
}

/// Tells the observers of `point` about the final event; nobody answers. [shard]
template <class Event>
void observe_chain(const ChainPoint<Event>& point, Event& event) {
  const Chain<Event>* chain = point.load();
  if (chain == nullptr) return;
  for (const ChainEntry<Event>& entry : chain->entries()) {
    if (entry.order.phase != Phase::observe || !entry.is_for(event)) continue;
    Verdict verdict = entry.call(entry.self, event, Token{});
    dispose(verdict);
  }
}

namespace detail {

template <class Event>
void WaitingRun<Event>::answered(void* self, Verdict verdict) {
  auto& asker = *static_cast<WaitingRun*>(self)->asker;
  // From here on the asker is free for its next run, and this one lives on this stack.
  const std::unique_ptr<WaitingRun> run = std::move(asker.run_);
  if (verdict.has(Verdict::is_fallback)) run->deferrals->log_missing_answer(run->position.name, true);
  settle<Event>(verdict, run->fallback, run->position.name, *run->deferrals);
  if (!run->event.apply(verdict)) {
    const Chain<Event>* chain = run->point->load();
    const size_t next = chain == nullptr ? 0 : chain->first_after(run->position);
    if (!run_chain_from(chain, next, *run->point, *run->deferrals, run->event, &asker)) return;
  }
  asker.callback_(asker.owner_, run->event);
}

}  // namespace detail

}  // namespace patchbay::base
