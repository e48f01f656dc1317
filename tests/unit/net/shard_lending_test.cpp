#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/timer_wheel.h"
#include "blocking_client.h"
#include "lending_fixture.h"
#include "net/readiness.h"

namespace patchbay::net {

namespace {

/// Gives the guest back after each window in which anything was done.
LendingPolicy restless() {
  LendingPolicy policy = at_once();
  policy.part_percent = 0;
  return policy;
}

std::vector<std::unique_ptr<BlockingClient>> clients_on_both_shards(uint16_t port, size_t count) {
  std::vector<std::unique_ptr<BlockingClient>> clients;
  for (size_t i = 0; i < count; ++i) {
    clients.push_back(std::make_unique<BlockingClient>(port));
    clients.back()->send(">" + std::to_string(i % 2));
    REQUIRE(clients.back()->receive(2) == ">" + std::to_string(i % 2));
  }
  return clients;
}

}  // namespace

TEST_CASE("a quiet shard is run by the thread of its host, and its clients do not notice", "[lending]") {
  if (!Readiness::kCanWatchOthers) return;
  NetFixture f({}, {}, at_once());
  const uint16_t port = f.start(ListenerType::tcp);
  const auto clients = clients_on_both_shards(port, 4);
  REQUIRE(is_lent_soon(f));
  std::vector<std::thread::id> threads;
  std::vector<base::ShardId> shards;
  f.shards.run_on_each([&](IoShard& shard) {  // one after the other, since one thread runs both
    threads.push_back(std::this_thread::get_id());
    shards.push_back(base::current_shard());
    CHECK(&Readiness::current() == &shard.readiness());
  });
  REQUIRE(threads.size() == 2);
  CHECK(threads[0] == threads[1]);
  CHECK(shards[0] != shards[1]);
  for (int round = 0; round < 100; ++round) {
    for (const auto& client : clients) client->send("hello");
    for (const auto& client : clients) REQUIRE(client->receive(5) == "hello");
  }
  BlockingClient late(port);
  late.send(">1");
  CHECK(late.receive(2) == ">1");
  late.send(">0");
  CHECK(late.receive(2) == ">0");
  CHECK(f.shards.shard(1).lendings() == 1);
}

TEST_CASE("timers of a lent shard fire", "[lending]") {
  if (!Readiness::kCanWatchOthers) return;
  NetFixture f({}, {}, at_once());
  REQUIRE(is_lent_soon(f));
  std::atomic<uint32_t> fired{0};
  base::Timer timers[2];
  f.shards.run_on_each([&](IoShard& shard) {
    base::Timer& timer = timers[shard.id()];
    timer.bind([](void* count) { ++*static_cast<std::atomic<uint32_t>*>(count); }, &fired);
    shard.services().start(timer, 40);
  });
  CHECK(comes_true(f, [&] { return fired == 2; }));
}

TEST_CASE("a host with much to do gives its guest back", "[lending]") {
  if (!Readiness::kCanWatchOthers) return;
  NetFixture f({}, {}, restless());
  REQUIRE(is_lent_soon(f));
  const uint32_t before = f.shards.shard(1).lendings();
  // Works until the guest has been lent again, so it has been given back in between.
  CHECK(comes_true(f, [&] {
    f.shards.run_on_each([](IoShard& shard) {
      const uint64_t end_us = shard.services().clock->thread_cpu_us() + 200;
      while (shard.services().clock->thread_cpu_us() < end_us) continue;
    });
    return f.shards.shard(1).lendings() > before + 3;
  }));
}

TEST_CASE("a host that something holds up gives its guest back", "[lending]") {
  if (!Readiness::kCanWatchOthers) return;
  LendingPolicy policy = at_once();
  policy.stall_ms = 5;
  NetFixture f({}, {}, policy);
  REQUIRE(is_lent_soon(f));
  const uint32_t before = f.shards.shard(1).lendings();
  f.shards.shard(0).post(base::make_task([&f] {
    const uint64_t end_ms = f.clock.steady_ms() + 10;
    while (f.clock.steady_ms() < end_ms) continue;
  }));
  CHECK(is_lent_soon(f));
  CHECK(comes_true(f, [&] {
    f.shards.run_on_each([](IoShard&) {});
    return f.shards.shard(1).lendings() > before;
  }));
}

TEST_CASE("after a hang each shard has its own thread, so that the next one holds up one shard only", "[lending]") {
  if (!Readiness::kCanWatchOthers) return;
  LendingPolicy policy = at_once();
  policy.stall_ms = 5;
  policy.hang_ms = 10;
  policy.hang_stay_ms = 600'000;
  NetFixture f({}, {}, policy);
  const auto hang = [&f](uint32_t shard, const std::atomic<bool>& may_end) {
    f.shards.shard(shard).post(base::make_task([&] {
      const uint64_t end_ms = f.clock.steady_ms() + 20;
      while (f.clock.steady_ms() < end_ms || !may_end.load()) std::this_thread::yield();
    }));
  };
  REQUIRE(is_lent_soon(f));
  const std::atomic<bool> at_once_over = true;
  hang(1, at_once_over);
  CHECK(comes_true(f, [&f] { return !f.shards.shard(1).lent(); }));
  const uint32_t before = f.shards.shard(1).lendings();
  for (int i = 0; i < 200; ++i) f.shards.run_on_each([](IoShard&) {});
  CHECK(f.shards.shard(1).lendings() == before);

  // The host's own shard goes on while shard 1 hangs again.
  std::atomic<bool> may_end = false;
  std::atomic<bool> ran = false;
  hang(1, may_end);
  f.shards.shard(0).post(base::make_task([&ran] { ran.store(true); }));
  CHECK(comes_true(f, [&ran] { return ran.load(); }));
  may_end.store(true);
  f.shards.run_on_each([](IoShard&) {});
}

TEST_CASE("nothing is lost while a shard goes to and fro between threads", "[lending]") {
  NetFixture f({}, {}, restless());
  const uint16_t port = f.start(ListenerType::tcp);
  constexpr int kRounds = 1000;
  constexpr int kAtMost = 20'000;
  constexpr uint32_t kLendings = 10;
  const auto clients = clients_on_both_shards(port, 4);
  uint32_t wrong = 0;
  // How many times a shard is lent in so many rounds depends on how fast they are.
  const auto lent_enough = [&f] { return !Readiness::kCanWatchOthers || f.shards.shard(1).lendings() > kLendings; };
  for (int round = 0; round < kRounds || (round < kAtMost && !lent_enough()); ++round) {
    // Every so often each moves to the other shard, so that mail runs both ways.
    const auto text = [round](size_t client) {
      const std::string number = std::to_string(round);
      return round % 3 == 0 ? ">" + std::to_string((static_cast<size_t>(round) / 3 + client) % 2) + number : number;
    };
    for (size_t client = 0; client < clients.size(); ++client) clients[client]->send(text(client));
    for (size_t client = 0; client < clients.size(); ++client) {
      if (clients[client]->receive(text(client).size()) != text(client)) ++wrong;
    }
    if (round % 50 == 0) f.shards.run_on_each([](IoShard&) {});
  }
  CHECK(wrong == 0);
  CHECK(f.shards.count(base::Counter::connections_moved) >= kRounds / 3);
  CHECK(lent_enough());
}

TEST_CASE("mail between shards keeps its order while they go to and fro between threads", "[lending]") {
  if (!Readiness::kCanWatchOthers) return;
  constexpr size_t kShards = 3;
  constexpr uint32_t kAtLeast = 3'000;
  constexpr uint32_t kAtMost = 2'000'000;
  constexpr uint32_t kLendings = 10;
  const base::SystemClock clock;
  base::EpochDomain epoch;
  ShardGroup shards(kShards, clock, epoch, {}, restless());

  // Whose turn it is to talk sends numbers to all, itself included, at once where that may be, and passes the word on.
  // Two have it, so that boxes are empty at times and not at others.
  struct Talk {
    ShardGroup& shards;
    uint32_t next[kShards] = {};           // by sender
    uint32_t last[kShards][kShards] = {};  // by receiver and sender, each touched by its receiver only
    std::atomic<uint32_t> wrong{0};
    std::atomic<bool> over{false};
    std::atomic<uint32_t> numbers{0};
    std::atomic<uint32_t> at_once{0};

    void say(base::ShardId from) {
      if (over.load()) return;
      const uint32_t number = ++next[from];
      for (base::ShardId to = 0; to < kShards; ++to) {
        auto mail = base::make_task([this, from, to, number] {
          if (last[to][from] + 1 != number || base::current_shard() != to) ++wrong;
          last[to][from] = number;
        });
        if (number % 3 != 0 && to != from && shards.shard(to).services().mailbox->run_at_once(*mail)) {
          ++at_once;
        } else {
          shards.shard(to).post(std::move(mail));
        }
      }
      ++numbers;
      const auto then = static_cast<base::ShardId>((from + 1 + number % 2) % kShards);
      shards.shard(then).post(base::make_task([this, then] { say(then); }));
    }
  } talk{shards};

  shards.start();
  for (base::ShardId from = 0; from < 2; ++from)
    shards.shard(from).post(base::make_task([&talk, from] { talk.say(from); }));
  const auto lent_enough = [&shards] {
    return shards.shard(1).lendings() > kLendings && shards.shard(2).lendings() > kLendings;
  };
  while (talk.numbers < kAtLeast || (talk.numbers < kAtMost && !(lent_enough() && talk.at_once > 0)))
    std::this_thread::yield();
  talk.over.store(true);
  CHECK(lent_enough());
  CHECK(talk.at_once > 0);
  for (int turns = 0; turns < 3; ++turns) shards.run_on_each([](IoShard&) {});
  shards.stop();
  CHECK(talk.wrong == 0);
  for (base::ShardId from = 0; from < kShards; ++from) {
    for (base::ShardId to = 0; to < kShards; ++to) CHECK(talk.last[to][from] == talk.next[from]);
  }
}

TEST_CASE("every wake reaches a thread that sleeps for several shards", "[lending]") {
  if (!Readiness::kCanWatchOthers) return;
  NetFixture f({}, {}, at_once());
  REQUIRE(is_lent_soon(f));
  std::atomic<uint32_t> ran{0};
  for (uint32_t round = 0; round < 20'000; ++round) {
    f.shards.shard(round % 2).post(base::make_task([&ran] { ++ran; }));
    // One that is lost would be found by the next, or after the longest sleep of a minute.
    REQUIRE(comes_true(f, [&] { return ran == round + 1; }));
  }
}

TEST_CASE("a lent shard's turns are in an epoch section, which ends", "[lending]") {
  if (!Readiness::kCanWatchOthers) return;
  NetFixture f({}, {}, at_once());
  REQUIRE(is_lent_soon(f));
  std::atomic<uint64_t> barriers[2] = {0, 0};
  std::atomic<uint32_t> open{0};
  f.shards.run_on_each([&](IoShard& shard) {
    base::EpochDomain& epoch = *shard.services().epoch;
    const uint64_t barrier = epoch.advance();
    if (!epoch.passed(barrier)) ++open;  // what this turn has in hand is not freed yet
    barriers[shard.id()].store(barrier);
  });
  CHECK(open == 2);
  base::EpochDomain& epoch = *f.shards.shard(0).services().epoch;
  CHECK(comes_true(f, [&] { return epoch.passed(barriers[0]) && epoch.passed(barriers[1]); }));
}

TEST_CASE("the time of a guest that comes in the middle of a round does not go back", "[lending]") {
  if (!Readiness::kCanWatchOthers) return;
  const TellingClock clock;
  base::EpochDomain epoch;
  ShardGroup shards(3, clock, epoch, {}, at_once());
  shards.start();
  const auto both_lent = [&shards] {
    shards.run_on_each([](IoShard&) {});
    return shards.shard(1).lent() && shards.shard(2).lent();
  };
  for (int round = 0; round < 200'000 && !both_lent(); ++round) continue;
  REQUIRE(both_lent());
  IoShard& coming = shards.shard(2);
  coming.stop();
  std::atomic<uint64_t> own_ms = 0;
  std::atomic<uint64_t> guest_ms = 0;
  std::atomic<bool> on_host = false;
  shards.shard(0).post(base::make_task([&] {
    const std::thread::id host = std::this_thread::get_id();
    // The host's wait is over; now the other one begins, has a turn of its own and offers itself.
    coming.start();
    coming.post(base::make_task([&] { own_ms.store(coming.services().now_ms); }));
    while (own_ms.load() == 0) std::this_thread::yield();
    for (int quiet = 0; quiet < 20'000; ++quiet) {  // until it looks at the clock no more: it waits for the answer
      const uint64_t look = clock.looks();
      std::this_thread::yield();
      if (clock.looks() != look) quiet = 0;
    }
    coming.post(base::make_task([&, host] {
      on_host.store(std::this_thread::get_id() == host);
      guest_ms.store(coming.services().now_ms);
    }));
  }));
  while (guest_ms.load() == 0) std::this_thread::yield();
  CHECK(on_host.load());
  CHECK(guest_ms.load() >= own_ms.load());
  shards.stop();
}

TEST_CASE("the turns of a round have the time at which its wait ended", "[lending]") {
  if (!Readiness::kCanWatchOthers) return;
  const TellingClock clock;
  base::EpochDomain epoch;
  ShardGroup shards(2, clock, epoch, {}, at_once());
  shards.start();
  REQUIRE(is_lent_for_good(shards));
  // Mail from the host's turn to the guest is run in the same round.
  uint64_t host_ms = 0;
  std::atomic<uint64_t> guest_ms = 0;
  shards.shard(0).post(base::make_task([&] {
    host_ms = shards.shard(0).services().now_ms;
    shards.shard(1).post(base::make_task([&] { guest_ms.store(shards.shard(1).services().now_ms); }));
  }));
  while (guest_ms.load() == 0) std::this_thread::yield();
  CHECK(guest_ms.load() == host_ms);
  shards.stop();
}

TEST_CASE("shards stop in whatever state their lease is", "[lending]") {
  for (int round = 0; round < 60; ++round) {
    NetFixture f({}, {}, round % 2 == 0 ? restless() : at_once());
    const uint16_t port = f.start(ListenerType::tcp);
    BlockingClient client(port);
    client.send(">1");
    REQUIRE(client.receive(2) == ">1");
    if (round % 3 == 0 && Readiness::kCanWatchOthers) REQUIRE(is_lent_soon(f));
    for (int spin = 0; spin < round * 20; ++spin) std::this_thread::yield();
    f.shards.stop();
    CHECK_FALSE(f.shards.shard(1).lent());
    if (round % 5 != 0) continue;
    // And they may begin again.
    f.shards.start();
    client.send("again");
    CHECK(client.receive(5) == "again");
  }
}

TEST_CASE("one shard may stop while its host goes on", "[lending]") {
  if (!Readiness::kCanWatchOthers) return;
  NetFixture f({}, {}, at_once());
  REQUIRE(is_lent_soon(f));
  f.shards.shard(1).stop();
  CHECK_FALSE(f.shards.shard(1).lent());
  std::atomic<bool> ran{false};
  f.shards.shard(0).post(base::make_task([&ran] { ran = true; }));
  CHECK(comes_true(f, [&ran] { return ran.load(); }));
}

TEST_CASE("where lending is off, each shard keeps its thread", "[lending]") {
  LendingPolicy policy = at_once();
  policy.enabled = false;
  NetFixture f({}, {}, policy);
  for (int round = 0; round < 50; ++round) f.shards.run_on_each([](IoShard&) {});
  CHECK(f.shards.shard(1).lendings() == 0);
}

}  // namespace patchbay::net
