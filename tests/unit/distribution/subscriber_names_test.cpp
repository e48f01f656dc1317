#include "distribution/subscriber_names.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <thread>

using namespace patchbay;
using distribution::SubscriberHandle;
using distribution::SubscriberNames;

TEST_CASE("subscriber names: set, found, cleared, and not given to the slot's next tenant") {
  base::EpochDomain epoch;
  SubscriberNames names(2);
  const SubscriberHandle first(1, 1, 5000);
  CHECK(names.find(first).empty());
  names.clear(first, epoch);  // one without a name is fine
  names.set(first, "first", epoch);
  names.set(first, "again", epoch);
  CHECK(names.find(first) == "first");
  CHECK(names.find(SubscriberHandle(1, 2, 5000)).empty());
  CHECK(names.find(SubscriberHandle(0, 1, 5000)).empty());
  CHECK(names.find(SubscriberHandle(1, 1, 5001)).empty());
  const SubscriberHandle next(1, 2, 5000);
  names.set(next, "next", epoch);
  CHECK(names.find(next) == "next");
  CHECK(names.find(first).empty());
  names.clear(next, epoch);
  CHECK(names.find(next).empty());
  epoch.reclaim();
}

TEST_CASE("subscriber names: handles that are no sessions are nobody") {
  base::EpochDomain epoch;
  SubscriberNames names(1);
  names.set(SubscriberHandle(0, 1, 0), "a", epoch);
  CHECK(names.find(SubscriberHandle(7, 1, 0)).empty());
  CHECK(names.find(SubscriberHandle(0, 1, SubscriberHandle::kFirstInternalSlot)).empty());
  CHECK(names.find(SubscriberHandle()).empty());
  CHECK(names.find(SubscriberHandle(0, 1, 0)) == "a");
}

TEST_CASE("subscriber names: a reader keeps what it found until its section ends") {
  base::EpochDomain epoch;
  SubscriberNames names(1);
  const SubscriberHandle handle(0, 1, 3);
  names.set(handle, "a name that is too long for the small buffer of a string", epoch);
  epoch.enter(0);
  const std::string_view found = names.find(handle);
  names.clear(handle, epoch);
  epoch.reclaim();
  CHECK(found == "a name that is too long for the small buffer of a string");
  epoch.leave(0);
  epoch.reclaim();
}

TEST_CASE("subscriber names: read by one shard while another changes them, a name belongs to its handle always") {
  base::EpochDomain epoch;
  SubscriberNames names(1);
  constexpr uint32_t kGenerations = 20'000;
  std::atomic<uint32_t> newest{1};
  std::thread owner([&] {
    for (uint32_t generation = 1; generation <= kGenerations; ++generation) {
      const SubscriberHandle handle(0, generation, 1);
      names.set(handle, "client number " + std::to_string(generation) + ", as long as a name may well be", epoch);
      newest.store(generation, std::memory_order_release);
      if (generation % 3 == 0) names.clear(handle, epoch);
    }
  });
  uint64_t wrong = 0;
  uint32_t generation = 0;
  while (generation < kGenerations) {
    epoch.enter(1);
    generation = newest.load(std::memory_order_acquire);
    const std::string_view found = names.find(SubscriberHandle(0, generation, 1));
    const std::string wanted = "client number " + std::to_string(generation) + ", as long as a name may well be";
    if (!found.empty() && found != wanted) ++wrong;
    epoch.leave(1);
  }
  owner.join();
  CHECK(wrong == 0);
  epoch.reclaim();
}
