#include "base/chain_run.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "support/shard_fixture.h"

using namespace patchbay::base;
using patchbay::test::RecordingLog;
using patchbay::test::ShardFixture;

namespace {

/// Notes whom it met; deny ends the run, replace appends.
template <OnMissing kMissing>
struct TestEvent {
  static constexpr OnMissing kOnMissing = kMissing;
  static constexpr uint8_t kDenyReason = 0x87;

  std::string_view text;  // stands for a view into the caller's buffer
  std::vector<std::string> met;
  Verdict last;
  bool denied = false;

  bool apply(Verdict& verdict) {
    dispose(verdict);
    last = verdict;
    denied = verdict.kind == VerdictKind::deny;
    return denied || verdict.kind == VerdictKind::allow;
  }
  void own() {
    owned_ = std::make_unique<std::string>(text);
    text = *owned_;
  }

 private:
  std::unique_ptr<std::string> owned_;
};

using Event = TestEvent<OnMissing::fallback>;

template <class E>
struct Scripted {
  std::string name;
  Verdict answer;
  Token token;
  int calls = 0;
  static Verdict call(void* self, E& event, Token token) noexcept {
    auto& script = *static_cast<Scripted*>(self);
    ++script.calls;
    script.token = token;
    event.met.push_back(script.name);
    return script.answer;
  }
  [[nodiscard]] ChainEntry<E> entry(Phase phase = Phase::decide) {
    ChainEntry<E> result;
    result.call = &Scripted::call;
    result.self = this;
    result.order.phase = phase;
    result.order.name = name;
    result.deadline_ms = 1'000;
    return result;
  }
};

template <class E>
struct Bench {
  ShardFixture shard;
  Deferrals deferrals;
  ChainPoint<E> point;
  ChainPending<E> pending{&Bench::on_complete, this};
  std::vector<std::string> met;
  std::string text;
  bool denied = false;
  Verdict last;
  int completions = 0;

  explicit Bench(uint32_t maximum_open = 100) : deferrals(shard.services, maximum_open) {}
  static void on_complete(void* owner, E& event) {
    auto& self = *static_cast<Bench*>(owner);
    ++self.completions;
    self.met = event.met;
    self.text = event.text;
    self.denied = event.denied;
    self.last = event.last;
  }
  bool run(E& event, bool may_wait = true) { return run_chain(point, deferrals, event, may_wait ? &pending : nullptr); }
  void complete(Token token, Verdict verdict) {
    REQUIRE(deferrals.complete(token, verdict) == CompletionStatus::accepted);
    shard.mailbox.drain();
  }
};

}  // namespace

TEST_CASE("an empty point asks nobody") {
  Bench<Event> bench;
  Event event;
  CHECK(bench.run(event));
  CHECK(event.met.empty());
}

TEST_CASE("deciders are asked before transformers until one is decisive; observers come apart and see the end") {
  Bench<Event> bench;
  Scripted<Event> decider{"decider"};
  Scripted<Event> changer{"changer"};
  Scripted<Event> observer{"observer", Verdict::denies()};
  bench.point.swap({observer.entry(Phase::observe), changer.entry(Phase::transform), decider.entry()},
                   bench.shard.epoch);
  Event event;
  CHECK(bench.run(event));
  CHECK(event.met == std::vector<std::string>{"decider", "changer"});
  observe_chain(bench.point, event);
  CHECK(event.met.back() == "observer");
  CHECK_FALSE(event.denied);
  CHECK_FALSE(observer.token);

  decider.answer = Verdict::denies(0x80);
  Event refused;
  CHECK(bench.run(refused));
  CHECK(refused.denied);
  CHECK(changer.calls == 1);
  CHECK(bench.deferrals.open_count() == 0);
}

TEST_CASE("observers that have no answer are told beside those that could have one, in the list's order") {
  Bench<Event> bench;
  Scripted<Event> first{"a", Verdict::denies()};
  ChainEntry<Event> teller;
  teller.tell = [](void* self, Event& event) noexcept { event.met.emplace_back(static_cast<const char*>(self)); };
  teller.self = const_cast<char*>("b");
  teller.order = {Phase::observe, ChainOrder::kUnlisted, 0, "b"};
  bench.point.swap({teller}, bench.shard.epoch);
  Event alone;
  observe_chain(bench.point, alone);
  CHECK(alone.met == std::vector<std::string>{"b"});
  teller.wants = [](const void*, const Event& event) noexcept { return event.text == "wanted"; };
  bench.point.swap({teller, first.entry(Phase::observe)}, bench.shard.epoch);
  Event other;
  observe_chain(bench.point, other);
  CHECK(other.met == std::vector<std::string>{"a"});
  Event wanted;
  wanted.text = "wanted";
  observe_chain(bench.point, wanted);
  CHECK(wanted.met == std::vector<std::string>{"a", "b"});
}

TEST_CASE("an entry whose filter doesn't want the event isn't called") {
  Bench<Event> bench;
  Scripted<Event> picky{"picky", Verdict::denies()};
  auto entry = picky.entry();
  entry.wants = [](const void*, const Event& event) noexcept { return event.text.starts_with("factory/"); };
  bench.point.swap({entry}, bench.shard.epoch);
  Event other;
  other.text = "home/1";
  CHECK(bench.run(other));
  CHECK_FALSE(other.denied);
  Event wanted;
  wanted.text = "factory/1";
  CHECK(bench.run(wanted));
  CHECK(wanted.denied);
}

TEST_CASE("a deferred run goes on with the next entry, with its own copies, and calls back once") {
  Bench<Event> bench;
  Scripted<Event> first{"first"};
  Scripted<Event> second{"second", Verdict::defers()};
  Scripted<Event> third{"third"};
  bench.point.swap({first.entry(), second.entry(), third.entry(Phase::transform)}, bench.shard.epoch);
  {
    std::string buffer = "a topic longer than any small string";
    Event event;
    event.text = buffer;
    CHECK_FALSE(bench.run(event));
    buffer.assign(buffer.size(), '!');
  }
  CHECK(bench.pending.waiting());
  CHECK(bench.completions == 0);
  bench.complete(second.token, Verdict::proceeds());
  CHECK(bench.completions == 1);
  CHECK(bench.met == std::vector<std::string>{"first", "second", "third"});
  CHECK(bench.text == "a topic longer than any small string");
  CHECK_FALSE(bench.pending.waiting());
  CHECK(bench.deferrals.complete(second.token, Verdict::denies()) == CompletionStatus::stale);
}

TEST_CASE("a decisive late answer ends the run") {
  Bench<Event> bench;
  Scripted<Event> first{"first", Verdict::defers()};
  Scripted<Event> second{"second"};
  bench.point.swap({first.entry(), second.entry()}, bench.shard.epoch);
  Event event;
  CHECK_FALSE(bench.run(event));
  bench.complete(first.token, Verdict::denies(0x97));
  CHECK(bench.denied);
  CHECK(bench.last.reason == 0x97);
  CHECK(second.calls == 0);
}

TEST_CASE("several entries of one run may defer one after the other") {
  Bench<Event> bench;
  Scripted<Event> first{"first", Verdict::defers()};
  Scripted<Event> second{"second", Verdict::defers()};
  bench.point.swap({first.entry(), second.entry()}, bench.shard.epoch);
  Event event;
  CHECK_FALSE(bench.run(event));
  bench.complete(first.token, Verdict::proceeds());
  CHECK(bench.completions == 0);
  CHECK(bench.pending.waiting());
  bench.complete(second.token, Verdict::allows());
  CHECK(bench.completions == 1);
  CHECK(bench.last.kind == VerdictKind::allow);
}

TEST_CASE("a run that waits goes on in the chain that is current when the answer comes") {
  Bench<Event> bench;
  Scripted<Event> first{"b", Verdict::defers()};
  Scripted<Event> gone{"c"};
  bench.point.swap({first.entry(), gone.entry()}, bench.shard.epoch);
  Event event;
  CHECK_FALSE(bench.run(event));
  Scripted<Event> before{"a"};
  Scripted<Event> after{"d"};
  bench.point.swap({before.entry(), after.entry()}, bench.shard.epoch);
  CHECK(bench.shard.epoch.reclaim() == 0);
  bench.complete(first.token, Verdict::proceeds());
  CHECK(bench.met == std::vector<std::string>{"b", "d"});

  bench.point.swap({first.entry()}, bench.shard.epoch);
  Event second;
  CHECK_FALSE(bench.run(second));
  bench.point.swap({}, bench.shard.epoch);
  bench.complete(first.token, Verdict::proceeds());
  CHECK(bench.completions == 2);
}

TEST_CASE("at the deadline the entry's fallback counts and its name is logged") {
  RecordingLog log;
  for (const Fallback fallback : {Fallback::deny, Fallback::allow, Fallback::next}) {
    Bench<Event> bench;
    Scripted<Event> slow{"auth-http:1", Verdict::defers()};
    Scripted<Event> second{"second"};
    auto entry = slow.entry();
    entry.fallback = fallback;
    bench.point.swap({entry, second.entry()}, bench.shard.epoch);
    Event event;
    CHECK_FALSE(bench.run(event));
    bench.shard.after_ms(1'000 + TimerWheel::kTickMs);
    REQUIRE(bench.completions == 1);
    CHECK(bench.denied == (fallback == Fallback::deny));
    CHECK(second.calls == (fallback == Fallback::next ? 1 : 0));
    if (fallback == Fallback::deny) CHECK(bench.last.reason == Event::kDenyReason);
    CHECK(bench.shard.counted(Counter::deferral_timeout) == 1);
  }
  REQUIRE(log.lines.size() == 3);
  CHECK(log.lines[0].find("entry=auth-http:1") != std::string::npos);
}

TEST_CASE("where a missing answer is never an opinion, next and failures deny") {
  using Strict = TestEvent<OnMissing::fallback_never_next>;
  for (const Fallback fallback : {Fallback::deny, Fallback::allow, Fallback::next}) {
    Bench<Strict> bench;
    Scripted<Strict> slow{"slow", Verdict::defers()};
    auto entry = slow.entry();
    entry.fallback = fallback;
    bench.point.swap({entry}, bench.shard.epoch);
    Strict late;
    CHECK_FALSE(bench.run(late));
    bench.shard.after_ms(2'000);
    CHECK(bench.denied == (fallback != Fallback::allow));  // allow is the operator's own word
    slow.answer = Verdict::fails();
    Strict failed;
    CHECK(bench.run(failed));
    CHECK(failed.denied);
    CHECK(failed.last.reason == Strict::kDenyReason);
  }
}

TEST_CASE("where missing answers always deny, no fallback helps") {
  using Closed = TestEvent<OnMissing::deny>;
  for (const Fallback fallback : {Fallback::deny, Fallback::allow, Fallback::next}) {
    Bench<Closed> bench;
    Scripted<Closed> slow{"slow", Verdict::defers()};
    auto entry = slow.entry();
    entry.fallback = fallback;
    bench.point.swap({entry}, bench.shard.epoch);
    Closed late;
    CHECK_FALSE(bench.run(late));
    bench.shard.after_ms(2'000);
    CHECK(bench.denied);
    CHECK(bench.last.has(Verdict::is_fallback));
    slow.answer = Verdict::fails();
    Closed failed;
    CHECK(bench.run(failed));
    CHECK(failed.denied);
  }
}

TEST_CASE("an answer that comes later may be a failure, and a second deferral is none") {
  Bench<Event> bench;
  Scripted<Event> slow{"slow", Verdict::defers()};
  bench.point.swap({slow.entry()}, bench.shard.epoch);
  Event event;
  CHECK_FALSE(bench.run(event));
  bench.complete(slow.token, Verdict::fails());
  CHECK(bench.denied);
  Event again;
  CHECK_FALSE(bench.run(again));
  bench.complete(slow.token, Verdict::defers());
  CHECK(bench.denied);
  CHECK(bench.shard.counted(Counter::deferral_refused) == 1);
}

TEST_CASE("over the limit of open questions the fallback applies at once") {
  Bench<Event> bench(1);
  Scripted<Event> slow{"slow", Verdict::defers()};
  bench.point.swap({slow.entry()}, bench.shard.epoch);
  Event first;
  CHECK_FALSE(bench.run(first));
  Event second;
  CHECK(bench.run(second));
  CHECK(second.denied);
  CHECK(bench.shard.counted(Counter::deferral_refused) == 1);
}

TEST_CASE("where nobody waits, an entry that defers has not answered") {
  Bench<Event> bench;
  Scripted<Event> slow{"slow", Verdict::defers()};
  auto entry = slow.entry();
  entry.fallback = Fallback::next;
  bench.point.swap({entry}, bench.shard.epoch);
  Event event;
  CHECK(bench.run(event, false));
  CHECK_FALSE(event.denied);
  CHECK_FALSE(slow.token);
  CHECK(bench.shard.counted(Counter::deferral_refused) == 1);
}

TEST_CASE("an asker that goes away is not called back, and the answer is stale") {
  Bench<Event> bench;
  Scripted<Event> slow{"slow", Verdict::defers()};
  bench.point.swap({slow.entry()}, bench.shard.epoch);
  {
    ChainPending<Event> pending([](void*, Event&) { FAIL("called back"); }, nullptr);
    Event event;
    CHECK_FALSE(run_chain(bench.point, bench.deferrals, event, &pending));
    CHECK(bench.deferrals.open_count() == 1);
  }
  CHECK(bench.deferrals.open_count() == 0);
  CHECK(bench.deferrals.complete(slow.token, Verdict::allows()) == CompletionStatus::stale);
  bench.shard.after_ms(5'000);
}

TEST_CASE("an asker may start its next run, or destroy itself, when it is called back") {
  Bench<Event> bench;
  Scripted<Event> slow{"slow", Verdict::defers()};
  bench.point.swap({slow.entry()}, bench.shard.epoch);
  struct Asker {
    Bench<Event>* bench;
    std::unique_ptr<ChainPending<Event>> pending;
    int completions = 0;
    static void on_complete(void* owner, Event&) {
      auto& self = *static_cast<Asker*>(owner);
      if (++self.completions == 1) {
        Event next;
        CHECK_FALSE(run_chain(self.bench->point, self.bench->deferrals, next, self.pending.get()));
      } else {
        self.pending.reset();
      }
    }
  } asker{&bench, nullptr};
  asker.pending = std::make_unique<ChainPending<Event>>(&Asker::on_complete, &asker);
  Event event;
  CHECK_FALSE(run_chain(bench.point, bench.deferrals, event, asker.pending.get()));
  bench.complete(slow.token, Verdict::allows());
  CHECK(asker.completions == 1);
  CHECK(asker.pending->waiting());
  bench.complete(slow.token, Verdict::allows());
  CHECK(asker.completions == 2);
  CHECK(asker.pending == nullptr);
}
