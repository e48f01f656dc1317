#include "net/shard_lease.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdint>
#include <thread>

namespace patchbay::net {

TEST_CASE("a lease is taken once for each offer, and comes back", "[lending]") {
  ShardLease lease;
  CHECK_FALSE(lease.take());  // nobody has offered
  REQUIRE(lease.offer());
  CHECK(lease.take());
  CHECK_FALSE(lease.take());  // an older letter about the same shard
  lease.give_back();
  lease.wait_until_own();
  CHECK_FALSE(lease.take());
  REQUIRE(lease.offer());
  CHECK(lease.take());
}

TEST_CASE("a thread that is to end makes no offer, and withdraws the one that it made", "[lending]") {
  ShardLease lease;
  REQUIRE(lease.offer());
  lease.end();
  CHECK_FALSE(lease.take());
  lease.wait_until_own();  // does not wait
  CHECK_FALSE(lease.offer());
  lease.begin();
  CHECK(lease.offer());
}

TEST_CASE("a shard that is lent when its thread is to end stays with the host until it is given back", "[lending]") {
  ShardLease lease;
  REQUIRE(lease.offer());
  REQUIRE(lease.take());
  uint32_t turns = 0;  // not atomic: the lease orders the threads
  std::thread own([&] {
    lease.wait_until_own();
    ++turns;
  });
  lease.end();
  ++turns;
  lease.give_back();
  own.join();
  CHECK(turns == 2);
}

TEST_CASE("turns of two threads never overlap, and each sees what the other did", "[lending]") {
  constexpr uint32_t kLendings = 5'000;
  ShardLease lease;
  uint32_t turns = 0;  // not atomic: the thread sanitizer would tell if the lease did not order the threads
  std::atomic<uint32_t> inside{0};
  std::atomic<bool> overlapped{false};
  std::atomic<bool> done{false};
  const auto turn = [&] {
    if (inside.fetch_add(1, std::memory_order_relaxed) != 0) overlapped = true;
    ++turns;
    inside.fetch_sub(1, std::memory_order_relaxed);
  };
  std::thread host([&] {
    while (!done.load()) {
      if (!lease.take()) {
        std::this_thread::yield();
        continue;
      }
      turn();
      lease.give_back();
    }
  });
  for (uint32_t lending = 0; lending < kLendings; ++lending) {
    turn();
    REQUIRE(lease.offer());
    lease.wait_until_own();
  }
  done = true;
  host.join();
  CHECK_FALSE(overlapped);
  CHECK(turns == 2 * kLendings);
}

TEST_CASE("whenever the end comes, nobody waits for ever", "[lending]") {
  for (int round = 0; round < 300; ++round) {
    ShardLease lease;
    std::atomic<bool> host_ends{false};
    std::thread host([&] {
      while (!host_ends.load()) {
        if (lease.take()) {
          lease.give_back();
        } else {
          std::this_thread::yield();  // on two processors the others would wait for the end of its slice
        }
      }
    });
    std::thread own([&] {
      while (lease.offer()) lease.wait_until_own();
    });
    for (int spin = 0; spin < round % 40; ++spin) std::this_thread::yield();
    // The host may end first: then the last offer is taken by nobody.
    host_ends = true;
    host.join();
    lease.end();
    own.join();
    CHECK_FALSE(lease.take());
  }
}

}  // namespace patchbay::net
