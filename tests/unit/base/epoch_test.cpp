#include "base/epoch.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>
#include <vector>

using namespace patchbay::base;

namespace {

struct Tracked {
  explicit Tracked(int* n) : alive(n) { ++*alive; }
  ~Tracked() { --*alive; }
  int* alive;
};

}  // namespace

TEST_CASE("what nobody can see is freed at once") {
  int alive = 0;
  EpochDomain domain;
  domain.retire(new Tracked(&alive));
  CHECK(domain.reclaim() == 0);
  CHECK(alive == 0);
}

TEST_CASE("what a reader may see stays until that reader leaves") {
  int alive = 0;
  EpochDomain domain;
  domain.enter(0);
  domain.retire(new Tracked(&alive));
  CHECK(domain.reclaim() == 1);
  domain.enter(1);  // came after the unlinking: doesn't hold the object
  CHECK(domain.reclaim() == 1);
  CHECK(alive == 1);
  domain.leave(0);
  CHECK(domain.reclaim() == 0);
  CHECK(alive == 0);
  domain.leave(1);
}

TEST_CASE("an older reader holds what was retired in its time, not what was retired before") {
  int alive = 0;
  EpochDomain domain;
  domain.enter(3);
  domain.retire(new Tracked(&alive));
  domain.leave(3);
  domain.enter(3);
  domain.retire(new Tracked(&alive));
  CHECK(domain.reclaim() == 1);
  CHECK(alive == 1);
  domain.leave(3);
  CHECK(domain.reclaim() == 0);
}

TEST_CASE("retiring reclaims now and then by itself, and the domain frees the rest") {
  int alive = 0;
  {
    EpochDomain domain;
    for (int i = 0; i < 200; ++i) domain.retire(new Tracked(&alive));
    CHECK(alive < 64);
    domain.enter(0);
    for (int i = 0; i < 10; ++i) domain.retire(new Tracked(&alive));
    CHECK(alive >= 10);
    domain.leave(0);
  }
  CHECK(alive == 0);
}

TEST_CASE("many objects retired within one section cost no more than each its own", "[epoch]") {
  // A look at all that wait at every 64th object would be 8,000,000,000 steps here: half a minute, and not half a
  // second.
  constexpr uint32_t kObjects = 1'000'000;
  static uint32_t freed;
  freed = 0;
  EpochDomain domain;
  domain.enter(0);
  const auto begin = std::chrono::steady_clock::now();
  for (uint32_t i = 0; i < kObjects; ++i) {
    domain.retire(&freed, [](void* counter) { ++*static_cast<uint32_t*>(counter); });
  }
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(15));
  CHECK(freed == 0);
  CHECK(domain.reclaim() == kObjects);
  domain.leave(0);
  CHECK(domain.reclaim() == 0);
  CHECK(freed == kObjects);
}

TEST_CASE("a barrier is passed when every reader was outside or came later") {
  EpochDomain domain;
  CHECK(domain.passed(domain.advance()));
  domain.enter(0);
  domain.enter(200);
  const uint64_t barrier = domain.advance();
  CHECK_FALSE(domain.passed(barrier));
  domain.leave(0);
  CHECK_FALSE(domain.passed(barrier));
  domain.leave(200);
  CHECK(domain.passed(barrier));
  domain.enter(0);  // a new section: sees only what is linked now
  CHECK(domain.passed(barrier));
  domain.leave(0);
}

TEST_CASE("readers on three threads never see freed memory while a writer replaces it") {
  struct Box {
    explicit Box(uint64_t n) : first(n), second(~n) {}
    ~Box() { first = second = 0; }
    uint64_t first;
    uint64_t second;
  };
  EpochDomain domain;
  std::atomic<const Box*> shared{new Box(0)};
  std::atomic<bool> stop{false};
  std::atomic<uint64_t> torn{0};
  std::atomic<uint64_t> reads{0};
  std::vector<std::thread> readers;
  for (size_t reader = 0; reader < 3; ++reader) {
    readers.emplace_back([&, reader] {
      while (!stop.load(std::memory_order_relaxed)) {
        domain.enter(reader);
        const Box* box = shared.load(std::memory_order_seq_cst);
        if (box->first != ~box->second) torn.fetch_add(1);
        domain.leave(reader);
        reads.fetch_add(1, std::memory_order_relaxed);
      }
    });
  }
  for (uint64_t i = 1; i <= 20'000 || reads.load() < 1'000; ++i) {
    domain.retire(shared.exchange(new Box(i), std::memory_order_seq_cst));
    if (i % 1'000 == 0) std::this_thread::yield();
  }
  stop = true;
  for (std::thread& reader : readers) reader.join();
  CHECK(torn == 0);
  CHECK(domain.reclaim() == 0);
  delete shared.load();
}
