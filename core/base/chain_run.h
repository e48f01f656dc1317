#pragma once

#include <concepts>
#include <memory>
#include <string_view>
#include <utility>

#include "base/assert.h"
#include "base/chain.h"
#include "base/chain_ballot.h"
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
///  - decided_by, a std::string, where there is one: the name of the entry that decided, empty while none has.
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
  std::unique_ptr<ChainBallot> ballot;
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
  friend bool run_chain_from(const Chain<E>*, size_t, const ChainPoint<E>&, Deferrals&, E&, ChainPending<E>*,
                             std::unique_ptr<ChainBallot>&);

  Callback callback_;
  void* owner_;
  std::unique_ptr<detail::WaitingRun<Event>> run_;
};

namespace detail {

/// Puts what counts in place of an answer that is missing.
template <class Event>
void settle(Verdict& verdict, Fallback fallback, const std::string& name, Deferrals& deferrals) {
  const bool failed = verdict.has(Verdict::failed);
  const bool refused = verdict.kind == VerdictKind::defer;  // no token, so over a limit or not deferrable; or said so
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

enum class Step : uint8_t { next, phase_over, run_over };

template <class Event>
void name_decider(Event& event, std::string_view name) {
  if constexpr (requires { event.decided_by.assign(name); }) event.decided_by.assign(name);
}

/// Takes one answer in. `ballot` is null in runs where the first decisive answer ends the phase and nobody watches.
template <class Event>
[[nodiscard]] Step take_answer(Event& event, Verdict& verdict, Phase phase, std::string_view name,
                               ChainBallot* ballot) {
  if (verdict.kind == VerdictKind::proceed && verdict.has(Verdict::hold_ack)) return Step::next;  // the event has it
  const bool decides = phase == Phase::decide;
  if (decides && ballot != nullptr && ballot->combine() != Combine::first_decisive) {
    if (verdict.kind == VerdictKind::allow) {
      ballot->allow(verdict, name);
      return Step::next;
    }
    if (verdict.kind == VerdictKind::proceed) ballot->abstain(name);
  }
  const VerdictKind kind = verdict.kind;
  const bool over = event.apply(verdict);
  if (!over && (!decides || kind != VerdictKind::allow)) return Step::next;
  name_decider(event, name);
  if (ballot != nullptr) ballot->decided(kind);
  return over ? Step::run_over : Step::phase_over;
}

/// The phase decide is over: takes in what its answers come to together. True when that ends the run.
template <class Event>
[[nodiscard]] bool close_ballot(Event& event, ChainBallot* ballot) {
  if (ballot == nullptr) return false;
  std::string decided_by;
  Verdict verdict = ballot->close(Event::kDenyReason, decided_by);
  if (verdict.kind == VerdictKind::proceed) return false;
  name_decider(event, decided_by);
  ballot->decided(verdict.kind);
  return event.apply(verdict);
}

/// The ballot of a new run that needs one. Those who only watch are asked here, before anybody could end the run.
template <class Event>
[[nodiscard]] std::unique_ptr<ChainBallot> open_ballot(const Chain<Event>& chain, Event& event) {
  auto ballot = std::make_unique<ChainBallot>(chain.combine());
  for (const ChainEntry<Event>& entry : chain.entries()) {
    if (entry.order.phase == Phase::observe) break;
    if (entry.shadow == nullptr || !entry.is_for(event)) continue;
    Verdict verdict = entry.call(entry.self, event, Token{});
    ballot->watch(entry.shadow, verdict.kind);
    dispose(verdict);
  }
  return ballot;
}

/// Asks one entry. False: it deferred, and `event` waits in `pending`.
template <class Event>
[[nodiscard]] bool ask(const ChainEntry<Event>& entry, const ChainPoint<Event>& point, Deferrals& deferrals,
                       Event& event, ChainPending<Event>* pending, std::unique_ptr<WaitingRun<Event>>& waiting,
                       Verdict& verdict) {
  const Token token = pending != nullptr ? deferrals.reserve() : Token{};
  verdict = entry.call(entry.self, event, token);
  if (verdict.kind == VerdictKind::defer && token && !verdict.has(Verdict::refused)) {
    if (took_hold(event, verdict, token, entry, deferrals)) {
      verdict = {VerdictKind::proceed, 0, Verdict::hold_ack};
      return true;
    }
    PATCHBAY_ASSERT(!pending->waiting());
    waiting = suspend(point, entry, token, deferrals, event, *pending);
    return false;
  }
  if (token) deferrals.release(token);
  if (!says_nothing(verdict)) settle<Event>(verdict, entry.fallback, entry.order.name, deferrals);
  return true;
}

}  // namespace detail

/// Asks the entries of the phases decide and transform from index `first` on. True: complete, the outcome is in
/// `event`. False: deferred; `event` was moved into `pending`, whose callback gets it. With a null `pending` nobody may
/// defer, and an entry that tries has failed to answer. [shard]
template <ChainEvent Event>
[[nodiscard]] bool run_chain_from(const Chain<Event>* chain, size_t first, const ChainPoint<Event>& point,
                                  Deferrals& deferrals, Event& event, ChainPending<Event>* pending,
                                  std::unique_ptr<ChainBallot>& ballot) {
  const ChainEntry<Event>* const entries = chain == nullptr ? nullptr : chain->entries().data();
  const ChainEntry<Event>* const end = chain == nullptr ? nullptr : entries + chain->transform_end();
  bool over = false;
  for (const ChainEntry<Event>* next = entries + first; next < end && !over;) {
    // First of all, so that it costs little not to be wanted.
    const ChainEntry<Event>& entry = *next++;
    if (!entry.is_for(event)) continue;
    const Phase phase = entry.order.phase;
    if (phase == Phase::transform && detail::close_ballot(event, ballot.get())) break;
    if (entry.shadow != nullptr) continue;
    Verdict verdict;
    std::unique_ptr<detail::WaitingRun<Event>> waiting;
    if (!detail::ask(entry, point, deferrals, event, pending, waiting, verdict)) {
      waiting->ballot = std::move(ballot);
      pending->run_ = std::move(waiting);
      return false;
    }
    if (says_nothing(verdict)) [[likely]] {
      if (ballot != nullptr && phase == Phase::decide) ballot->abstain(entry.order.name);
      continue;
    }
    const detail::Step step = detail::take_answer(event, verdict, phase, entry.order.name, ballot.get());
    over = step == detail::Step::run_over;
    if (step == detail::Step::phase_over) next = entries + chain->decide_end();
  }
  if (ballot != nullptr) {
    if (!over) static_cast<void>(detail::close_ballot(event, ballot.get()));
    ballot->tally();
  }
  return true;
}

/// Asks everybody of the phases decide and transform at `point`; see run_chain_from(). [shard]
template <ChainEvent Event>
[[nodiscard]] bool run_chain(const ChainPoint<Event>& point, Deferrals& deferrals, Event& event,
                             ChainPending<Event>* pending) {
  const Chain<Event>* chain = point.load();
  if (chain == nullptr) return true;
  std::unique_ptr<ChainBallot> ballot;
  if (chain->combine() != Combine::first_decisive || chain->has_shadows()) ballot = detail::open_ballot(*chain, event);
  return run_chain_from(chain, 0, point, deferrals, event, pending, ballot);
}

/// Tells the observers of `point` about the final event; nobody answers. [shard]
template <class Event>
void observe_chain(const ChainPoint<Event>& point, Event& event) {
  if (const Chain<Event>* chain = point.load(); chain != nullptr) chain->tell(event);
}

namespace detail {

template <class Event>
void WaitingRun<Event>::answered(void* self, Verdict verdict) {
  auto& asker = *static_cast<WaitingRun*>(self)->asker;
  // From here on the asker is free for its next run, and this one lives on this stack.
  const std::unique_ptr<WaitingRun> run = std::move(asker.run_);
  if (verdict.has(Verdict::is_fallback)) run->deferrals->log_missing_answer(run->position.name, true);
  settle<Event>(verdict, run->fallback, run->position.name, *run->deferrals);
  const Chain<Event>* chain = run->point->load();
  const Phase phase = run->position.phase;
  size_t next = chain == nullptr ? 0 : chain->first_after(run->position);
  switch (take_answer(run->event, verdict, phase, run->position.name, run->ballot.get())) {
    case Step::run_over:
      if (run->ballot != nullptr) run->ballot->tally();
      return asker.callback_(asker.owner_, run->event);
    case Step::phase_over:
      if (chain != nullptr) next = chain->decide_end();
      break;
    case Step::next:
      break;
  }
  if (!run_chain_from(chain, next, *run->point, *run->deferrals, run->event, &asker, run->ballot)) return;
  asker.callback_(asker.owner_, run->event);
}

}  // namespace detail

}  // namespace patchbay::base
