#include "base/counters.h"

#include <catch2/catch.hpp>
#include <cctype>
#include <set>
#include <string>
#include <thread>

using namespace patchbay::base;

TEST_CASE("counters start at zero and count apart from each other") {
  Counters counters;
  for (size_t i = 0; i < kCounterCount; ++i) CHECK(counters.get(static_cast<Counter>(i)) == 0);
  counters.add(Counter::connections);
  counters.add(Counter::connections, 4);
  counters.subtract(Counter::connections, 2);
  counters.add(Counter::bytes_received, uint64_t{1} << 40);
  CHECK(counters.get(Counter::connections) == 3);
  CHECK(counters.get(Counter::bytes_received) == uint64_t{1} << 40);
  CHECK(counters.get(Counter::bytes_sent) == 0);
}

TEST_CASE("every counter has a name of its own in EMQX's form, and an explanation") {
  std::set<std::string> names;
  for (size_t i = 0; i < kCounterCount; ++i) {
    const CounterInfo& info = counter_info(static_cast<Counter>(i));
    const std::string name = info.name;
    INFO(name);
    CHECK(names.insert(name).second);
    CHECK(name.find('.') != std::string::npos);
    for (const char c : name) CHECK((std::islower(c) || std::isdigit(c) || c == '.' || c == '_'));
    CHECK(std::string(info.help).size() > 3);
  }
  CHECK(std::string(counter_info(Counter::deferral_stale).name) == "deferral.stale");
}

TEST_CASE("counters are read by another thread while their shard counts") {
  Counters counters;
  constexpr uint64_t kRounds = 50'000;
  std::thread shard([&counters] {
    for (uint64_t i = 0; i < kRounds; ++i) counters.add(Counter::packets_received);
  });
  uint64_t last = 0;
  while (last < kRounds) {
    const uint64_t seen = counters.get(Counter::packets_received);
    if (seen < last) FAIL("a counter went backwards");
    last = seen;
    std::this_thread::yield();
  }
  shard.join();
  CHECK(counters.get(Counter::packets_received) == kRounds);
}
