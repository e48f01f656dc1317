#include "base/deferral.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <thread>
#include <vector>

#include "support/shard_fixture.h"

using namespace patchbay::base;
using patchbay::test::RecordingLog;
using patchbay::test::ShardFixture;

namespace {

struct Asker {
  Pending pending{&Asker::on_answer, this};
  int answers = 0;
  Verdict last;
  static void on_answer(void* owner, Verdict verdict) {
    auto& self = *static_cast<Asker*>(owner);
    ++self.answers;
    self.last = verdict;
    dispose(self.last);
  }
};

class Counted final : public VerdictArgument {
 public:
  explicit Counted(std::atomic<int>* n) : alive(n) { ++*alive; }
  ~Counted() override { --*alive; }
  std::atomic<int>* alive;
};

struct Table {
  ShardFixture shard{3};
  Deferrals deferrals;
  explicit Table(uint32_t maximum_open = 1'000) : deferrals(shard.services, maximum_open) {}
};

}  // namespace

TEST_CASE("a token is shard, generation and slot, and never empty") {
  const Token token = Token::make(200, 0xABCDEF012, 77'777);
  CHECK(token.shard() == 200);
  CHECK(token.generation() == 0xABCDEF012);
  CHECK(token.slot() == 77'777);
  CHECK_FALSE(Token{});
  CHECK(Token::make(0, 1, 0));
}

TEST_CASE("an answer reaches the asker through the mailbox of its shard") {
  Table table;
  Asker asker;
  const Token token = table.deferrals.open(1'000, Verdict::denies(), asker.pending);
  REQUIRE(token);
  CHECK(token.shard() == 3);
  CHECK(asker.pending.open());
  CHECK(table.deferrals.complete(token, Verdict::denies(0x99)) == CompletionStatus::accepted);
  CHECK(asker.answers == 0);
  CHECK(table.shard.wakes == 1);
  table.shard.mailbox.drain();
  CHECK(asker.answers == 1);
  CHECK(asker.last.kind == VerdictKind::deny);
  CHECK(asker.last.reason == 0x99);
  CHECK_FALSE(asker.pending.open());
  CHECK(table.deferrals.open_count() == 0);
  table.shard.after_ms(5'000);
  CHECK(asker.answers == 1);
  CHECK(table.shard.counted(Counter::deferral_opened) == 1);
  CHECK(table.shard.counted(Counter::deferral_timeout) == 0);
}

TEST_CASE("a second answer is stale, also while the first is on its way") {
  Table table;
  Asker asker;
  const Token token = table.deferrals.open(1'000, Verdict::denies(), asker.pending);
  CHECK(table.deferrals.complete(token, Verdict::allows()) == CompletionStatus::accepted);
  CHECK(table.deferrals.complete(token, Verdict::denies()) == CompletionStatus::stale);
  table.shard.mailbox.drain();
  CHECK(table.deferrals.complete(token, Verdict::denies()) == CompletionStatus::stale);
  CHECK(asker.answers == 1);
  CHECK(asker.last.kind == VerdictKind::allow);
  table.deferrals.fold_counters();
  CHECK(table.shard.counted(Counter::deferral_stale) == 2);
}

TEST_CASE("what was never a token is invalid") {
  Table table;
  std::atomic<int> alive{0};
  const auto give = [&alive] { return Verdict::allows_with(std::make_unique<Counted>(&alive)); };
  CHECK(table.deferrals.complete(Token{}, give()) == CompletionStatus::invalid);
  CHECK(table.deferrals.complete(Token::make(4, 1, 0), give()) == CompletionStatus::invalid);
  CHECK(table.deferrals.complete(Token::make(3, 1, 0), give()) == CompletionStatus::invalid);
  CHECK(table.deferrals.complete(Token::make(3, 1, 999'999), give()) == CompletionStatus::invalid);
  CHECK(alive == 0);
}

TEST_CASE("at the deadline the fallback is the answer, marked as such, and a late answer is stale") {
  Table table;
  Asker asker;
  const Token token = table.deferrals.open(2'000, Verdict::denies(0x87), asker.pending);
  table.shard.after_ms(1'999);
  CHECK(asker.answers == 0);
  table.shard.after_ms(1 + TimerWheel::kTickMs);
  CHECK(asker.answers == 1);
  CHECK(asker.last.reason == 0x87);
  CHECK(asker.last.has(Verdict::is_fallback));
  CHECK(table.deferrals.complete(token, Verdict::allows()) == CompletionStatus::stale);
  table.shard.mailbox.drain();
  CHECK(asker.answers == 1);
  CHECK(table.shard.counted(Counter::deferral_timeout) == 1);
}

TEST_CASE("an answer that was accepted in time wins over the deadline") {
  Table table;
  Asker asker;
  const Token token = table.deferrals.open(100, Verdict::denies(), asker.pending);
  CHECK(table.deferrals.complete(token, Verdict::allows()) == CompletionStatus::accepted);
  table.shard.after_ms(1'000);  // the deadline passes before the mail is read
  CHECK(asker.answers == 0);
  table.shard.mailbox.drain();
  CHECK(asker.answers == 1);
  CHECK(asker.last.kind == VerdictKind::allow);
  CHECK(table.shard.counted(Counter::deferral_timeout) == 0);
}

TEST_CASE("an answerer can't pass its answer off as a fallback") {
  Table table;
  Asker asker;
  const Token token = table.deferrals.open(100, Verdict::denies(), asker.pending);
  Verdict verdict = Verdict::allows();
  verdict.flags = Verdict::is_fallback;
  table.deferrals.complete(token, verdict);
  table.shard.mailbox.drain();
  CHECK_FALSE(asker.last.has(Verdict::is_fallback));
}

TEST_CASE("a deadline is at least a tick and at most the maximum") {
  Table table;
  Asker none;
  Asker endless;
  REQUIRE(table.deferrals.open(0, Verdict::denies(), none.pending));
  REQUIRE(table.deferrals.open(~uint32_t{0}, Verdict::denies(), endless.pending));
  table.shard.after_ms(1 + TimerWheel::kTickMs);
  CHECK(none.answers == 1);
  table.shard.after_ms(Deferrals::kMaximumDeadlineMs + TimerWheel::kTickMs);
  CHECK(endless.answers == 1);
}

TEST_CASE("a question that is given up, or whose asker is destroyed, isn't answered") {
  Table table;
  std::atomic<int> alive{0};
  Asker cancelled;
  const Token first = table.deferrals.open(100, Verdict::denies(), cancelled.pending);
  cancelled.pending.cancel();
  cancelled.pending.cancel();
  CHECK(table.deferrals.complete(first, Verdict::allows_with(std::make_unique<Counted>(&alive))) ==
        CompletionStatus::stale);
  auto gone = std::make_unique<Asker>();
  const Token second = table.deferrals.open(100, Verdict::denies(), gone->pending);
  CHECK(table.deferrals.complete(second, Verdict::allows_with(std::make_unique<Counted>(&alive))) ==
        CompletionStatus::accepted);
  CHECK(alive == 1);
  gone.reset();  // with the answer in the mailbox
  table.shard.mailbox.drain();
  table.shard.after_ms(1'000);
  CHECK(cancelled.answers == 0);
  CHECK(alive == 0);
  CHECK(table.deferrals.open_count() == 0);
  CHECK(table.shard.counted(Counter::deferral_timeout) == 0);
}

TEST_CASE("a slot's next question isn't touched by answers to the one before") {
  Table table;
  Asker first;
  Asker second;
  const Token old = table.deferrals.open(100, Verdict::denies(), first.pending);
  first.pending.cancel();
  const Token fresh = table.deferrals.open(100, Verdict::denies(), second.pending);
  REQUIRE(fresh.slot() == old.slot());
  CHECK(fresh.generation() == old.generation() + 1);
  CHECK(table.deferrals.complete(old, Verdict::allows()) == CompletionStatus::stale);
  CHECK(second.pending.open());
  CHECK(table.deferrals.complete(fresh, Verdict::allows()) == CompletionStatus::accepted);
  table.shard.mailbox.drain();
  CHECK(second.answers == 1);
}

TEST_CASE("an answer may come before the hook has returned") {
  Table table;
  Asker asker;
  const Token token = table.deferrals.reserve();
  CHECK(table.deferrals.complete(token, Verdict::allows()) == CompletionStatus::accepted);
  REQUIRE(table.deferrals.commit(token, asker.pending, 100, Verdict::denies()));
  table.shard.mailbox.drain();
  CHECK(asker.answers == 1);
  CHECK(asker.last.kind == VerdictKind::allow);
}

TEST_CASE("a hook that answers at once and completes its token as well has only its answer count") {
  Table table;
  std::atomic<int> alive{0};
  Asker next;
  const Token token = table.deferrals.reserve();
  CHECK(table.deferrals.complete(token, Verdict::allows_with(std::make_unique<Counted>(&alive))) ==
        CompletionStatus::accepted);
  table.deferrals.release(token);
  REQUIRE(table.deferrals.open(100, Verdict::denies(), next.pending));
  table.shard.mailbox.drain();
  CHECK(next.answers == 0);
  CHECK(alive == 0);
  CHECK(table.deferrals.complete(token, Verdict::allows()) == CompletionStatus::stale);
}

TEST_CASE("no more than max_open_deferrals are open; above, there is no token and it is counted") {
  constexpr uint32_t kMaximum = 150;  // more than two chunks of slots, and not a multiple
  Table table(kMaximum);
  std::vector<std::unique_ptr<Asker>> askers;
  for (uint32_t i = 0; i < kMaximum; ++i) {
    askers.push_back(std::make_unique<Asker>());
    REQUIRE(table.deferrals.open(1'000, Verdict::denies(), askers.back()->pending));
  }
  Asker over;
  CHECK_FALSE(table.deferrals.open(1'000, Verdict::denies(), over.pending));
  CHECK_FALSE(over.pending.open());
  CHECK(table.shard.counted(Counter::deferral_refused) == 1);
  askers.pop_back();
  CHECK(table.deferrals.open(1'000, Verdict::denies(), over.pending));
  table.shard.after_ms(2'000);
  for (const auto& asker : askers) CHECK(asker->answers == 1);
  CHECK(over.answers == 1);
  CHECK(table.deferrals.open_count() == 0);
}

TEST_CASE("an asker may ask again, or be destroyed, inside its callback") {
  Table table;
  struct Chained {
    Deferrals* deferrals;
    std::unique_ptr<Pending> pending;
    int answers = 0;
    static void on_answer(void* owner, Verdict) {
      auto& self = *static_cast<Chained*>(owner);
      self.pending = std::make_unique<Pending>(&on_answer, owner);  // the old one goes while it is being called
      if (++self.answers < 3) REQUIRE(self.deferrals->open(10, Verdict::denies(), *self.pending));
    }
  } chained{&table.deferrals, nullptr};
  chained.pending = std::make_unique<Pending>(&Chained::on_answer, &chained);
  REQUIRE(table.deferrals.open(10, Verdict::denies(), *chained.pending));
  for (int i = 0; i < 10; ++i) table.shard.after_ms(50);
  CHECK(chained.answers == 3);
}

TEST_CASE("four threads that answer everything twice: each question is answered exactly once") {
  Table table;
  constexpr size_t kQuestions = 400;
  std::vector<std::unique_ptr<Asker>> askers;
  std::vector<Token> tokens;
  std::atomic<int> alive{0};
  for (size_t i = 0; i < kQuestions; ++i) {
    askers.push_back(std::make_unique<Asker>());
    tokens.push_back(table.deferrals.open(60'000, Verdict::denies(), askers.back()->pending));
  }
  std::atomic<size_t> accepted{0};
  std::atomic<size_t> stale{0};
  std::atomic<int> running{4};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int round = 0; round < 2; ++round) {
        for (const Token token : tokens) {
          switch (table.deferrals.complete(token, Verdict::allows_with(std::make_unique<Counted>(&alive)))) {
            case CompletionStatus::accepted:
              ++accepted;
              break;
            case CompletionStatus::stale:
              ++stale;
              break;
            case CompletionStatus::invalid:
              break;
          }
        }
      }
      --running;
    });
  }
  size_t given_up = 0;
  for (size_t i = 0; i < kQuestions; i += 50) {  // some askers leave in the middle of it
    if (askers[i]->answers == 0) {
      askers[i].reset();
      ++given_up;
    }
  }
  while (running > 0) {
    table.shard.mailbox.drain();
    std::this_thread::yield();
  }
  for (std::thread& thread : threads) thread.join();
  table.shard.mailbox.drain();
  size_t answered = 0;
  for (const auto& asker : askers) {
    if (asker == nullptr) continue;
    CHECK(asker->answers == 1);
    ++answered;
  }
  CHECK(answered + given_up == kQuestions);
  CHECK(accepted + stale == 4 * 2 * kQuestions);
  CHECK(accepted >= answered);
  CHECK(accepted <= kQuestions);
  CHECK(alive == 0);
  CHECK(table.deferrals.open_count() == 0);
}

TEST_CASE("the router finds the shard of a token") {
  Table table;
  CompletionRouter router;
  Asker asker;
  const Token token = table.deferrals.open(100, Verdict::denies(), asker.pending);
  CHECK(router.complete(token, Verdict::allows()) == CompletionStatus::invalid);
  router.attach(3, &table.deferrals);
  CHECK(router.complete(Token{}, Verdict::allows()) == CompletionStatus::invalid);
  CHECK(router.complete(Token::make(255, 1, 0), Verdict::allows()) == CompletionStatus::invalid);
  CHECK(router.complete(token, Verdict::allows()) == CompletionStatus::accepted);
  table.shard.mailbox.drain();
  CHECK(asker.answers == 1);
  router.attach(3, nullptr);
  CHECK(router.complete(token, Verdict::allows()) == CompletionStatus::invalid);
}

TEST_CASE("who didn't answer is named in a rate-limited line") {
  RecordingLog log;
  Table table;
  for (int i = 0; i < 30; ++i) table.deferrals.log_missing_answer("auth-http:main", true);
  REQUIRE(log.lines.size() == LogLimiter::kLinesPerSecond);
  CHECK(log.lines[0] == "warning no answer in time: the fallback applies entry=auth-http:main lines_suppressed=0");
  table.shard.after_ms(1'000);
  table.deferrals.log_missing_answer("auth-http:main", false);
  CHECK(log.lines.back() == "warning no answer: the fallback applies entry=auth-http:main lines_suppressed=20");
}
