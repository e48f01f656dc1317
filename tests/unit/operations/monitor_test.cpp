// The history, the alarms of the node itself, and the thread that does what shards leave.
#include "operations/monitor.h"

#include <atomic>
#include <thread>

#include <catch2/catch.hpp>

#include "unit/operations/operations_fixture.h"

namespace patchbay::test {
namespace {

using operations::Monitor;
using operations::MonitorSample;
using operations::NodeWatch;
using operations::WorkQueue;

/// The watch looks at intervals: far enough for one look.
void look(OperationsFixture& fixture) {
  fixture.pass_s(NodeWatch::kIntervalMs / 1'000);
}

}  // namespace

TEST_CASE("A sample every ten seconds says what there is and what has happened since the last", "[operations]") {
  OperationsFixture fixture;
  TestClient client(fixture.flow);
  client.connect({.client_id = "c"});
  client.subscribe("t");
  fixture.pass_s(10);
  for (int i = 0; i < 4; ++i) client.publish("t", "x");
  fixture.pass_s(20);
  const auto samples = fixture.operations->monitor().samples(0);
  REQUIRE(samples.size() == 3);
  CHECK(samples[0].live_connections == 1);
  CHECK(samples[0].subscriptions == 1);
  CHECK(samples[0].topics == 7);
  CHECK(samples[0].received == 0);
  CHECK(samples[1].received == 4);
  CHECK(samples[1].sent == 4);
  CHECK(samples[2].received == 0);
  CHECK(samples[2].unix_ms == samples[1].unix_ms + Monitor::kFineMs);
  CHECK(fixture.operations->monitor().samples(15'000).size() == 2);
  CHECK(fixture.operations->monitor().now().received == 4);
  fixture.operations->monitor().clear();
  CHECK(fixture.operations->monitor().samples(0).empty());
}

TEST_CASE("Rates are averages over the last seconds of the whole node", "[operations]") {
  OperationsFixture fixture;
  TestClient client(fixture.flow);
  client.connect({.client_id = "c"});
  CHECK(fixture.operations->monitor().rates().received == 0);
  fixture.pass_s(1);
  for (int i = 0; i < 10; ++i) {
    for (int message = 0; message < 3; ++message) client.publish("t", "x");
    fixture.pass_s(1);
  }
  CHECK(fixture.operations->monitor().rates().received == Approx(3.0));
  CHECK(fixture.operations->monitor().rates().dropped == Approx(3.0));  // nobody subscribed
  fixture.pass_s(10);
  CHECK(fixture.operations->monitor().rates().received == 0);
}

TEST_CASE("What is old becomes coarse, what is older goes, and sums stay", "[operations]") {
  OperationsFixture fixture;
  Monitor& monitor = fixture.operations->monitor();
  TestClient client(fixture.flow);
  client.connect({.client_id = "c"});
  const auto pass_ten_seconds = [&] {
    fixture.flow.clock.advance_ms(Monitor::kFineMs);
    monitor.tick();
  };
  for (int i = 0; i < 60; ++i) {  // ten minutes
    client.publish("t", "x");
    pass_ten_seconds();
  }
  for (int i = 0; i < 6 * 60; ++i) pass_ten_seconds();  // an hour
  const auto samples = monitor.samples(0);
  CHECK(samples.size() < 6 * 60 + 10);
  uint64_t received = 0;
  for (const MonitorSample& sample : samples) received += sample.received;
  CHECK(received == 60);
  for (size_t i = 1; i < samples.size(); ++i) CHECK(samples[i].unix_ms > samples[i - 1].unix_ms);
  for (int i = 0; i < 26 * 6 * 60; ++i) pass_ten_seconds();  // more than a day
  const auto later = monitor.samples(0);
  CHECK(later.size() <= 6 * 60 + 24 * 12 + 2);
  CHECK(later.front().received == 0);
}

TEST_CASE("A node that nobody watches has no entry at any hook point, however long it runs", "[operations]") {
  OperationsFixture fixture;
  fixture.operations->configure({});
  TestClient client(fixture.flow);
  client.connect({.client_id = "c"});
  client.subscribe("t");
  client.publish("t", "x");
  fixture.pass_s(15);
  CHECK(fixture.nobody_listens());
  client.disconnect();
}

TEST_CASE("Too many connections raise an alarm until there is room again", "[operations]") {
  OperationsFixture fixture;
  base::Counters& counters = *fixture.flow.environment(0).shard.counters;
  look(fixture);
  counters.add(base::Counter::connections, 8);  // of 10
  look(fixture);
  CHECK_FALSE(fixture.alarms.is_active("too_many_connections"));
  counters.add(base::Counter::connections);
  look(fixture);
  REQUIRE(fixture.alarms.is_active("too_many_connections"));
  CHECK(fixture.alarms.active().front().message.find("9 of at most 10") != std::string::npos);
  counters.subtract(base::Counter::connections);
  look(fixture);
  CHECK_FALSE(fixture.alarms.is_active("too_many_connections"));
}

TEST_CASE("Counters that should stand still raise an alarm while they move", "[operations]") {
  OperationsFixture fixture;
  base::Counters& counters = *fixture.flow.environment(1).shard.counters;
  look(fixture);
  CHECK_FALSE(fixture.alarms.is_active("log_lines_dropped"));
  fixture.lines_dropped = 5;
  counters.add(base::Counter::reads_paused_mailbox, 2);
  counters.add(base::Counter::messages_dropped_queue_full, 3);
  counters.add(base::Counter::connections_refused_limit, 4);
  look(fixture);
  for (const char* name : {"log_lines_dropped", "mailbox_high_water", "session_queue_full", "connections_refused"}) {
    INFO(name);
    CHECK(fixture.alarms.is_active(name));
  }
  look(fixture);
  for (const char* name : {"log_lines_dropped", "mailbox_high_water", "session_queue_full", "connections_refused"}) {
    INFO(name);
    CHECK_FALSE(fixture.alarms.is_active(name));
  }
}

TEST_CASE("A shard that does not read its mail raises an alarm", "[operations]") {
  OperationsFixture fixture;
  look(fixture);
  CHECK_FALSE(fixture.alarms.is_active("event_loop_lag"));
  fixture.operations->tick();
  fixture.flow.clock.advance_ms(NodeWatch::kIntervalMs);
  fixture.operations->tick();  // the letter is written
  fixture.flow.clock.advance_ms(NodeWatch::kIntervalMs);
  fixture.operations->tick();  // and still not read
  CHECK(fixture.alarms.is_active("event_loop_lag"));
  fixture.settle();
  look(fixture);
  look(fixture);
  CHECK_FALSE(fixture.alarms.is_active("event_loop_lag"));
}

TEST_CASE("Work that is left is done by the queue's thread, all of it before it ends", "[operations]") {
  WorkQueue queue;
  std::atomic<int> done{0};
  std::atomic<int> ticks{0};
  queue.start([&] { ++ticks; });
  std::vector<std::thread> posters;
  for (int i = 0; i < 3; ++i) {
    posters.emplace_back([&] {
      for (int work = 0; work < 1'000; ++work) static_cast<void>(queue.post([&done] { ++done; }));
    });
  }
  for (std::thread& poster : posters) poster.join();
  queue.stop();
  CHECK(done == 3'000);
  CHECK(queue.refused() == 0);
}

TEST_CASE("The machine tells how much memory and processor time there is", "[operations]") {
  const auto memory = operations::SystemMemory::now();
  CHECK(memory.total_bytes > memory.available_bytes);
  CHECK(memory.process_bytes > 0);
  const operations::SystemCpu before{100, 100};
  CHECK(operations::SystemCpu{150, 150}.use_percent_since(before) == Approx(50.0));
  CHECK(before.use_percent_since(before) == 0);
  CHECK(operations::SystemCpu::now().idle > 0);
}

}  // namespace patchbay::test
