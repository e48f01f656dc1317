#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "base/random.h"
#include "router/member_choice.h"
#include "router/shared_group.h"
#include "router/subscription_index.h"
#include "unit/router/router_fixture.h"

using namespace patchbay;
using namespace patchbay::router;
using namespace patchbay::router::testing;

namespace {

constexpr int kReaders = 2;
constexpr int kWriters = 2;
constexpr int kChanges = 6000;
constexpr uint32_t kStaying = 40;  // subscribers that never leave; those of the writers have greater slots

const std::vector<std::string>& filters() {
  static const std::vector<std::string> all{"a/b",          "a/c",        "a/+",         "a/#",   "#",
                                            "+/b",          "b/a/c",      "+/+/c",       "b/+/#", "$share/g/a/b",
                                            "$share/h/+/b", "$queue/a/+", "b/a/c/d/e/f", "+/a/c"};
  return all;
}

/// Says who the subscriber is, so that a mixture of two entries is noticed.
uint32_t identifier_of(uint32_t slot, uint8_t qos) {
  return slot * 4 + qos;
}

void change(SubscriptionIndex& index, int writer, std::atomic<int>& running) {
  base::SeededRandom random(static_cast<uint64_t>(writer) + 100);
  for (int i = 0; i < kChanges; ++i) {
    const std::string& filter = filters()[random.below(filters().size())];
    // Every writer has its own subscribers, so that both meet in the same lists but not in the same entries.
    const auto slot = static_cast<uint32_t>(1000 + random.below(60) * kWriters + static_cast<uint64_t>(writer));
    const auto qos = static_cast<uint8_t>(random.below(3));
    if (random.below(2) == 0) {
      (void)index.add(filter, handle(slot), options_of(qos), identifier_of(slot, qos));
    } else {
      index.remove(filter, handle(slot));
    }
  }
  running.fetch_sub(1);
}

/// What a reader may never see, counted since assertions of the test framework belong to one thread.
struct Faults {
  uint64_t mixed_entry = 0;
  uint64_t lost = 0;
  uint64_t repeated = 0;
  uint64_t no_member = 0;
  uint64_t looks = 0;
};

void look(const SubscriptionIndex& index, base::EpochDomain& epoch, size_t reader, const std::string& topic,
          Matches& matches, Faults& faults) {
  std::vector<int> seen(kStaying, 0);
  epoch.enter(reader);
  index.find(topic, matches);
  matches.for_each([&](const distribution::Delivery& delivery) {
    const uint32_t slot = delivery.subscriber.slot();
    if (delivery.subscription_identifier / 4 != slot) ++faults.mixed_entry;
    if (slot < kStaying && delivery.continuation == 0) ++seen[slot];
  });
  for (SharedGroup* const group : matches.groups()) {
    const EntryView members = group->members();
    distribution::Delivery member;
    bool any = false;
    for (uint32_t i = 0; i < members.size; ++i) {
      if (!members.entries[i].read(member)) continue;
      any = any || member.subscriber.slot() < kStaying;
      if (member.subscription_identifier != identifier_of(member.subscriber.slot(), member.options.maximum_qos)) {
        ++faults.mixed_entry;
      }
    }
    if (!any) ++faults.no_member;
  }
  epoch.leave(reader);
  for (const int count : seen) {
    if (count == 0) ++faults.lost;
    if (count > 1) ++faults.repeated;
  }
  ++faults.looks;
}

}  // namespace

TEST_CASE("readers see every lasting subscriber exactly once while writers change the same lists") {
  base::EpochDomain epoch;
  RouterLimits limits;
  SubscriptionIndex index(limits, epoch, kReaders, 8);
  for (const std::string& filter : filters()) {
    for (uint32_t slot = 0; slot < kStaying; ++slot) {
      (void)index.add(filter, handle(slot), options_of(1), identifier_of(slot, 1));
    }
  }
  std::atomic<int> running{kWriters};
  std::vector<Faults> faults(kReaders);
  std::vector<std::thread> threads;
  for (int writer = 0; writer < kWriters; ++writer) {
    threads.emplace_back([&, writer] { change(index, writer, running); });
  }
  for (int reader = 0; reader < kReaders; ++reader) {
    threads.emplace_back([&, reader] {
      Matches matches;
      base::SeededRandom random(static_cast<uint64_t>(reader) + 1);
      static const char* const kTopics[] = {"a/b", "a/c", "b/a/c", "b/a/c/d/e/f", "a/x"};
      while (running.load() != 0) {
        look(index, epoch, static_cast<size_t>(reader), kTopics[random.below(5)], matches,
             faults[static_cast<size_t>(reader)]);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Faults& fault : faults) {
    CHECK(fault.mixed_entry == 0);
    CHECK(fault.lost == 0);
    CHECK(fault.repeated == 0);
    CHECK(fault.no_member == 0);
    CHECK(fault.looks > 0);
  }
}

TEST_CASE("filters come and go under the readers' feet") {
  base::EpochDomain epoch;
  RouterLimits limits;
  SubscriptionIndex index(limits, epoch, kReaders, 8);
  (void)index.add("keep/me", handle(1), options_of(0), identifier_of(1, 0));
  (void)index.add("keep/+", handle(2), options_of(0), identifier_of(2, 0));
  std::atomic<int> running{kWriters};
  std::vector<uint64_t> wrong(kReaders, 0);
  std::vector<std::thread> threads;
  for (int writer = 0; writer < kWriters; ++writer) {
    threads.emplace_back([&, writer] {
      base::SeededRandom random(static_cast<uint64_t>(writer) + 50);
      for (int i = 0; i < kChanges; ++i) {
        // The table grows, its chains change, trie nodes appear and vanish, groups are made and dropped.
        const std::string name = std::to_string(random.below(3000));
        for (const std::string& filter :
             {"x/" + name, "+/" + name + "/#", "$share/g/keep/" + name, "keep/me/" + name}) {
          const auto slot = static_cast<uint32_t>(10 + writer);
          if (!index.remove(filter, handle(slot))) {
            (void)index.add(filter, handle(slot), options_of(0), identifier_of(slot, 0));
          }
        }
      }
      running.fetch_sub(1);
    });
  }
  for (size_t reader = 0; reader < kReaders; ++reader) {
    threads.emplace_back([&, reader] {
      Matches matches;
      base::SeededRandom random(reader + 1);
      while (running.load() != 0) {
        epoch.enter(reader);
        index.find("keep/me", matches);
        size_t found = 0;
        matches.for_each(
            [&](const distribution::Delivery& delivery) { found += delivery.subscriber.slot() <= 2 ? 1 : 0; });
        if (found != 2) ++wrong[reader];
        index.find("x/" + std::to_string(random.below(3000)), matches);
        matches.for_each([&](const distribution::Delivery& delivery) {
          if (delivery.subscription_identifier / 4 != delivery.subscriber.slot()) ++wrong[reader];
        });
        epoch.leave(reader);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const uint64_t count : wrong) CHECK(count == 0);
}
