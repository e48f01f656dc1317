#include "metrics/metrics_registry.h"

#include <catch2/catch.hpp>
#include <string_view>

using namespace patchbay;  // NOLINT: test
using base::Counter;

TEST_CASE("without shards everything is 0") {
  metrics::MetricsRegistry registry;
  CHECK(registry.snapshot().get(Counter::messages_received) == 0);
}

TEST_CASE("a snapshot sums the shards") {
  base::Counters one;
  base::Counters two;
  metrics::MetricsRegistry registry;
  registry.add(one);
  registry.add(two);
  one.add(Counter::messages_received, 5);
  two.add(Counter::messages_received, 7);
  two.add(Counter::bytes_sent, 100);
  const metrics::MetricsSnapshot snapshot = registry.snapshot();
  CHECK(snapshot.get(Counter::messages_received) == 12);
  CHECK(snapshot.get(Counter::bytes_sent) == 100);
  CHECK(snapshot.get(Counter::messages_sent) == 0);
}

TEST_CASE("a gauge that goes up on one shard and down on another sums up right") {
  base::Counters one;
  base::Counters two;
  metrics::MetricsRegistry registry;
  registry.add(one);
  registry.add(two);
  one.add(Counter::sessions, 3);
  two.subtract(Counter::sessions, 2);
  CHECK(registry.snapshot().get(Counter::sessions) == 1);
  two.subtract(Counter::sessions, 2);
  // Below zero for a moment only, and never shown.
  CHECK(registry.snapshot().get(Counter::sessions) == 0);
}

TEST_CASE("maxima of gauges stay, and other counters have none") {
  base::Counters shard;
  metrics::MetricsRegistry registry;
  registry.add(shard);
  shard.add(Counter::connections, 10);
  shard.add(Counter::messages_sent, 10);
  CHECK(registry.snapshot().max(Counter::connections) == 10);
  shard.subtract(Counter::connections, 4);
  const metrics::MetricsSnapshot snapshot = registry.snapshot();
  CHECK(snapshot.get(Counter::connections) == 6);
  CHECK(snapshot.max(Counter::connections) == 10);
  CHECK(snapshot.max(Counter::messages_sent) == 0);
}

TEST_CASE("every counter named count is a gauge") {
  size_t gauges = 0;
  for (size_t index = 0; index < base::kCounterCount; ++index) {
    const auto counter = static_cast<Counter>(index);
    const std::string_view name = base::counter_info(counter).name;
    INFO(name);
    const bool is_count = name.size() > 6 && name.substr(name.size() - 6) == ".count";
    if (is_count) CHECK(metrics::is_gauge(counter));
    gauges += metrics::is_gauge(counter) ? 1 : 0;
  }
  CHECK(gauges >= 10);
}
