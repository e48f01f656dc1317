// How the answers of the phase decide become one, who decided, and entries that only watch.

#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/chain_run.h"
#include "support/shard_fixture.h"

using namespace patchbay::base;
using patchbay::test::ShardFixture;

namespace {

struct Note final : VerdictArgument {
  explicit Note(std::string value) : text(std::move(value)) { ++alive; }
  ~Note() override { --alive; }
  std::string text;
  static inline int alive = 0;
};

struct Event {
  static constexpr OnMissing kOnMissing = OnMissing::fallback;
  static constexpr uint8_t kDenyReason = 0x87;

  std::vector<std::string> met;
  std::string decided_by;
  std::string note;
  VerdictKind outcome = VerdictKind::proceed;
  uint8_t reason = 0;
  int transformed = 0;

  bool apply(Verdict& verdict) {
    if (verdict.kind == VerdictKind::replace) ++transformed;
    if (verdict.kind == VerdictKind::allow || verdict.kind == VerdictKind::deny) {
      outcome = verdict.kind;
      reason = verdict.reason;
      if (const auto taken = take_argument<Note>(verdict)) note = taken->text;
    }
    dispose(verdict);
    return outcome == VerdictKind::deny;  // an allow ends the phase, not the run
  }
  void own() {}
};

struct Entry {
  std::string name;
  std::function<Verdict()> answer;
  Token token;
  static Verdict call(void* self, Event& event, Token token) noexcept {
    auto& entry = *static_cast<Entry*>(self);
    entry.token = token;
    event.met.push_back(entry.name);
    return entry.answer();
  }
};

ChainEntry<Event> listed(Entry& from, Phase phase = Phase::decide) {
  ChainEntry<Event> entry;
  entry.call = &Entry::call;
  entry.self = &from;
  entry.order.phase = phase;
  entry.order.name = from.name;
  entry.deadline_ms = 1'000;
  return entry;
}

ChainEntry<Event> watching(Entry& from, std::shared_ptr<ShadowTally> tally) {
  ChainEntry<Event> entry = listed(from);
  entry.shadow = std::move(tally);
  return entry;
}

Verdict allows_with(const std::string& text) {
  return Verdict::allows_with(std::make_unique<Note>(text));
}

struct Bench {
  ShardFixture shard;
  Deferrals deferrals{shard.services, 10};
  ChainPoint<Event> point;
  ChainPending<Event> pending{[](void* self, Event& event) { static_cast<Bench*>(self)->late = std::move(event); },
                              this};
  Event late;

  Event run(std::vector<ChainEntry<Event>> entries, Combine combine = Combine::first_decisive) {
    point.swap(std::move(entries), shard.epoch, combine);
    Event event;
    static_cast<void>(run_chain(point, deferrals, event, &pending));
    return event;
  }
  void complete(Token token, Verdict verdict) {
    REQUIRE(deferrals.complete(token, verdict) == CompletionStatus::accepted);
    shard.mailbox.drain();
  }
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("first decisive: an allow ends the decisions and the transformers are asked all the same") {
  Bench bench;
  Entry a{"a", [] { return Verdict::proceeds(); }, {}};
  Entry b{"b", [] { return allows_with("b's word"); }, {}};
  Entry c{"c", [] { return Verdict::denies(); }, {}};
  Entry t{"t", [] { return Verdict{VerdictKind::replace}; }, {}};
  const Event event = bench.run({listed(a), listed(b), listed(c), listed(t, Phase::transform)});
  CHECK(event.met == Names{"a", "b", "t"});
  CHECK(event.outcome == VerdictKind::allow);
  CHECK(event.note == "b's word");
  CHECK(event.decided_by == "b");
  CHECK(event.transformed == 1);
}

TEST_CASE("first decisive: a deny ends the run, and nobody decided where all proceed") {
  Bench bench;
  Entry a{"a", [] { return Verdict::denies(0x8A); }, {}};
  Entry t{"t", [] { return Verdict::proceeds(); }, {}};
  Event event = bench.run({listed(a), listed(t, Phase::transform)});
  CHECK(event.met == Names{"a"});
  CHECK(event.decided_by == "a");
  CHECK(event.reason == 0x8A);
  event = bench.run({listed(t)});
  CHECK(event.decided_by.empty());
  CHECK(event.outcome == VerdictKind::proceed);
}

TEST_CASE("deny overrides: everybody is asked, the first allow counts when nobody denies") {
  Bench bench;
  Entry a{"a", [] { return allows_with("a's word"); }, {}};
  Entry b{"b", [] { return Verdict::proceeds(); }, {}};
  Entry c{"c", [] { return allows_with("c's word"); }, {}};
  Entry t{"t", [] { return Verdict{VerdictKind::replace}; }, {}};
  const Event event =
      bench.run({listed(a), listed(b), listed(c), listed(t, Phase::transform)}, Combine::deny_overrides);
  CHECK(event.met == Names{"a", "b", "c", "t"});
  CHECK(event.outcome == VerdictKind::allow);
  CHECK(event.note == "a's word");
  CHECK(event.decided_by == "a");
  CHECK(event.transformed == 1);
  CHECK(Note::alive == 0);
}

TEST_CASE("deny overrides: one deny wins over the allows before it, which are given up") {
  Bench bench;
  Entry a{"a", [] { return allows_with("a's word"); }, {}};
  Entry b{"b", [] { return Verdict::denies(0x97); }, {}};
  Entry t{"t", [] { return Verdict{VerdictKind::replace}; }, {}};
  const Event event = bench.run({listed(a), listed(b), listed(t, Phase::transform)}, Combine::deny_overrides);
  CHECK(event.outcome == VerdictKind::deny);
  CHECK(event.reason == 0x97);
  CHECK(event.decided_by == "b");
  CHECK(event.transformed == 0);
  CHECK(Note::alive == 0);
}

TEST_CASE("deny overrides: a failure denies, and nobody decided where nobody said anything") {
  Bench bench;
  Entry a{"a", [] { return Verdict::allows(); }, {}};
  Entry b{"b", [] { return Verdict::fails(); }, {}};
  Event event = bench.run({listed(a), listed(b)}, Combine::deny_overrides);
  CHECK(event.outcome == VerdictKind::deny);
  Entry c{"c", [] { return Verdict::proceeds(); }, {}};
  event = bench.run({listed(c)}, Combine::deny_overrides);
  CHECK(event.outcome == VerdictKind::proceed);
  CHECK(event.decided_by.empty());
}

TEST_CASE("unanimous: all allow, or it is denied in the name of who did not") {
  Bench bench;
  Entry a{"a", [] { return allows_with("a's word"); }, {}};
  Entry b{"b", [] { return Verdict::allows(); }, {}};
  Event event = bench.run({listed(a), listed(b)}, Combine::unanimous);
  CHECK(event.outcome == VerdictKind::allow);
  CHECK(event.decided_by == "a");
  Entry c{"c", [] { return Verdict::proceeds(); }, {}};
  event = bench.run({listed(a), listed(b), listed(c)}, Combine::unanimous);
  CHECK(event.outcome == VerdictKind::deny);
  CHECK(event.reason == Event::kDenyReason);
  CHECK(event.decided_by == "c");
  Entry d{"d", [] { return Verdict::denies(0x80); }, {}};
  event = bench.run({listed(a), listed(d)}, Combine::unanimous);
  CHECK(event.decided_by == "d");
  CHECK(Note::alive == 0);
}

TEST_CASE("an allow that was heard before a deferral counts after it, and goes with an asker that goes") {
  Bench bench;
  Entry a{"a", [] { return allows_with("a's word"); }, {}};
  Entry b{"b", [] { return Verdict::defers(); }, {}};
  Entry t{"t", [] { return Verdict{VerdictKind::replace}; }, {}};
  static_cast<void>(bench.run({listed(a), listed(b), listed(t, Phase::transform)}, Combine::deny_overrides));
  CHECK(Note::alive == 1);
  bench.complete(b.token, Verdict::proceeds());
  CHECK(bench.late.outcome == VerdictKind::allow);
  CHECK(bench.late.note == "a's word");
  CHECK(bench.late.decided_by == "a");
  CHECK(bench.late.transformed == 1);

  static_cast<void>(bench.run({listed(a), listed(b)}, Combine::deny_overrides));
  bench.complete(b.token, Verdict::denies());
  CHECK(bench.late.outcome == VerdictKind::deny);
  CHECK(bench.late.decided_by == "b");

  static_cast<void>(bench.run({listed(a), listed(b)}, Combine::deny_overrides));
  bench.pending.cancel();
  CHECK(Note::alive == 0);
}

TEST_CASE("a late allow ends the phase in the name of its entry, also when the point was emptied meanwhile") {
  Bench bench;
  Entry a{"a", [] { return Verdict::defers(); }, {}};
  Entry b{"b", [] { return Verdict::denies(); }, {}};
  Entry t{"t", [] { return Verdict{VerdictKind::replace}; }, {}};
  static_cast<void>(bench.run({listed(a), listed(b), listed(t, Phase::transform)}));
  bench.complete(a.token, Verdict::allows());
  CHECK(bench.late.outcome == VerdictKind::allow);
  CHECK(bench.late.decided_by == "a");
  CHECK(bench.late.met == Names{"a", "t"});

  Entry first{"0", [] { return Verdict::allows(); }, {}};
  static_cast<void>(bench.run({listed(first), listed(a)}, Combine::unanimous));
  bench.point.swap({}, bench.shard.epoch);
  bench.complete(a.token, Verdict::allows());
  CHECK(bench.late.outcome == VerdictKind::allow);
  CHECK(bench.late.decided_by == "0");
}

TEST_CASE("who only watches is asked, also behind who decides, and what it says is tallied and not used") {
  Bench bench;
  const auto tally = std::make_shared<ShadowTally>();
  Entry old_one{"old", [] { return Verdict::allows(); }, {}};
  Entry new_one{"zz-new", [] { return Verdict::denies(); }, {}};
  Event event = bench.run({listed(old_one), watching(new_one, tally)});
  CHECK(event.outcome == VerdictKind::allow);
  CHECK(event.decided_by == "old");
  CHECK(tally->asked == 1);
  CHECK(tally->denied == 1);
  CHECK(tally->disagreed == 1);

  old_one.answer = [] { return Verdict::denies(); };
  event = bench.run({listed(old_one), watching(new_one, tally)});
  CHECK(event.outcome == VerdictKind::deny);
  CHECK(tally->asked == 2);
  CHECK(tally->disagreed == 1);

  new_one.answer = [] { return allows_with("unused"); };
  event = bench.run({listed(old_one), watching(new_one, tally)});
  CHECK(event.note.empty());
  CHECK(tally->disagreed == 2);
  CHECK(Note::alive == 0);
}

TEST_CASE("who only watches may not defer, and has no opinion then") {
  Bench bench;
  const auto tally = std::make_shared<ShadowTally>();
  Entry slow{"slow", [] { return Verdict::defers(); }, {}};
  Entry decider{"d", [] { return Verdict::denies(); }, {}};
  const Event event = bench.run({listed(decider), watching(slow, tally)});
  CHECK(event.outcome == VerdictKind::deny);
  CHECK_FALSE(slow.token);
  CHECK(tally->asked == 1);
  CHECK(tally->disagreed == 0);
  CHECK(bench.deferrals.open_count() == 0);
}

TEST_CASE("a run that waits tallies when it is complete") {
  Bench bench;
  const auto tally = std::make_shared<ShadowTally>();
  Entry slow{"slow", [] { return Verdict::defers(); }, {}};
  Entry watcher{"watcher", [] { return Verdict::denies(); }, {}};
  static_cast<void>(bench.run({listed(slow), watching(watcher, tally)}));
  CHECK(tally->asked == 0);
  bench.complete(slow.token, Verdict::allows());
  CHECK(tally->asked == 1);
  CHECK(tally->disagreed == 1);
}
