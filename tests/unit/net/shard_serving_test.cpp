#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "lending_fixture.h"
#include "net/readiness.h"

namespace patchbay::net {

TEST_CASE("mail for another shard of the same thread can be run at once, as that shard's", "[lending]") {
  if (!Readiness::kCanWatchOthers) return;
  const TellingClock clock;
  base::EpochDomain epoch;
  ShardGroup shards(2, clock, epoch, {}, at_once());
  struct TurnEnds {
    ShardGroup& shards;
    std::atomic<bool> watched{false};
    std::atomic<uint64_t> served_ms{0};  // the time of the turn's end that followed
  } ends{shards};
  const base::ShardId serving = GENERATE(base::ShardId{0}, base::ShardId{1});
  const auto served = static_cast<base::ShardId>(1 - serving);
  shards.shard(served).at_turn_end(
      [](void* self) {
        auto& own = *static_cast<TurnEnds*>(self);
        if (own.watched.exchange(false)) own.served_ms.store(own.shards.shard(base::current_shard()).services().now_ms);
      },
      &ends);
  shards.start();
  REQUIRE(is_lent_for_good(shards));

  struct Seen {
    bool ran = false;
    base::ShardId shard = base::kNoShard;
    bool readiness_is_its_own = false;
    bool nested = true;
    uint64_t now_ms = 0;
  } seen;
  bool accepted = false;
  base::ShardId shard_after = base::kNoShard;
  uint64_t serving_ms = 0;
  std::atomic<bool> done{false};
  shards.shard(serving).post(base::make_task([&] {
    auto back = base::make_task([] { FAIL("the shard that serves is in a call"); });
    auto mail = base::make_task([&] {
      IoShard& own = shards.shard(served);
      seen = {true, base::current_shard(), &Readiness::current() == &own.readiness(),
              shards.shard(serving).services().mailbox->run_at_once(*back), own.services().now_ms};
    });
    serving_ms = shards.shard(serving).services().now_ms;
    ends.watched.store(true);
    accepted = shards.shard(served).services().mailbox->run_at_once(*mail);
    shard_after = base::current_shard();
    done.store(true);
  }));
  while (!done.load() || ends.served_ms.load() == 0) std::this_thread::yield();
  CHECK(accepted);
  CHECK(seen.ran);
  CHECK(seen.shard == served);
  CHECK(seen.readiness_is_its_own);
  CHECK_FALSE(seen.nested);
  CHECK(seen.now_ms == serving_ms);
  CHECK(shard_after == serving);
  CHECK(ends.served_ms.load() == serving_ms);  // in the same round
  shards.stop();
  CHECK_FALSE(shards.shard(served).services().mailbox->run_at_once(*base::make_task([] { FAIL("nobody runs it"); })));
}

TEST_CASE("a shard that is served again and again by another's calls still looks at its timers", "[lending]") {
  if (!Readiness::kCanWatchOthers) return;
  NetFixture f({}, {}, at_once());
  REQUIRE(is_lent_soon(f));
  const base::ShardId serving = GENERATE(base::ShardId{0}, base::ShardId{1});
  struct Talk {
    IoShard& from;
    IoShard& to;
    std::atomic<bool> over{false};
    std::atomic<uint32_t> calls{0};
    void say() {
      auto mail = base::make_task([] {});
      if (to.services().mailbox->run_at_once(*mail)) ++calls;
      if (!over.load()) from.post(base::make_task([this] { say(); }));
    }
  } talk{f.shards.shard(serving), f.shards.shard(1U - serving)};
  std::atomic<bool> fired{false};
  base::Timer timer;
  timer.bind([](void* flag) { static_cast<std::atomic<bool>*>(flag)->store(true); }, &fired);
  talk.to.post(base::make_task([&] { talk.to.services().start(timer, 60); }));
  talk.from.post(base::make_task([&talk] { talk.say(); }));
  CHECK(comes_true(f, [&] { return fired.load(); }));
  CHECK(talk.calls > 0);
  talk.over.store(true);
  for (int turns = 0; turns < 3; ++turns) f.shards.run_on_each([](IoShard&) {});
}

}  // namespace patchbay::net
