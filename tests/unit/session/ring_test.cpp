#include "session/ring.h"

#include <catch2/catch.hpp>
#include <deque>
#include <memory>

#include "base/random.h"

using namespace patchbay;
using session::Ring;

TEST_CASE("ring: what goes in at the back comes out at the front, across the wrap") {
  Ring<int> ring;
  CHECK(ring.empty());
  for (int round = 0; round < 50; ++round) {
    for (int i = 0; i < 3; ++i) ring.push_back(round * 3 + i);
    CHECK(ring.front() == round * 3);
    CHECK(ring[2] == round * 3 + 2);
    for (int i = 0; i < 3; ++i) CHECK(ring.pop_front() == round * 3 + i);
    CHECK(ring.empty());
  }
}

TEST_CASE("ring: grows in place of the front, and gives a burst's memory back") {
  Ring<int> ring;
  for (int i = 0; i < 3; ++i) ring.push_back(i);
  CHECK(ring.pop_front() == 0);
  for (int i = 3; i < 1000; ++i) ring.push_back(i);
  CHECK(ring.size() == 999);
  for (int i = 1; i < 1000; ++i) REQUIRE(ring.pop_front() == i);
  CHECK(ring.empty());
  ring.push_back(7);
  CHECK(ring.front() == 7);
  ring.clear();
  CHECK(ring.empty());
}

TEST_CASE("ring: what was popped is let go of at once") {
  Ring<std::shared_ptr<int>> ring;
  const auto item = std::make_shared<int>(1);
  ring.push_back(item);
  CHECK(item.use_count() == 2);
  static_cast<void>(ring.pop_front());
  CHECK(item.use_count() == 1);
}

TEST_CASE("ring: a ring that was moved from is empty and usable") {
  Ring<int> first;
  first.push_back(1);
  Ring<int> second(std::move(first));
  CHECK(second.front() == 1);
  CHECK(first.empty());  // NOLINT(bugprone-use-after-move)
  first.push_back(2);
  CHECK(first.front() == 2);
  CHECK(second.size() == 1);
}

TEST_CASE("ring: behaves like a queue under a random load") {
  base::SeededRandom random(11);
  Ring<uint64_t> ring;
  std::deque<uint64_t> model;
  for (int step = 0; step < 20'000; ++step) {
    if (model.empty() || random.below(100) < 52) {
      ring.push_back(random.next());
      model.push_back(ring[ring.size() - 1]);
    } else {
      REQUIRE(ring.pop_front() == model.front());
      model.pop_front();
    }
    REQUIRE(ring.size() == model.size());
    if (!model.empty()) {
      const size_t index = random.below(model.size());
      REQUIRE(ring[index] == model[index]);
    }
  }
}
