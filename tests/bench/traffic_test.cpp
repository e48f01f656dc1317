// The whole tool against a broker that misbehaves on purpose: what the tool says about a broker is worth something only
// if it sees each of these faults, and none where there is none.
#include "bench/traffic.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <string>

#include "bench/scenarios.h"
#include "bench/support/relay_broker.h"

using namespace patchbay::bench;

namespace {

constexpr std::uint64_t kMessages = 4'000;

Options options_for(const RelayBroker& broker) {
  Options options;
  options.port = broker.port();
  options.publishers = 2;
  options.subscribers = 3;
  options.messages = kMessages;
  options.warmup_s = 0;
  options.duration_s = 20;
  options.drain_s = 0.3;
  return options;
}

// Four slots, and a little more.
Options alternating_with(pid_t beside, const RelayBroker& broker) {
  Options options = options_for(broker);
  options.messages = 0;
  options.rate = 1'000;
  options.alternate_pid = beside;
  options.alternate_every_s = 0.4;
  options.duration_s = 1.7;
  return options;
}

Report report_of(const Options& options) {
  Report report;
  run_scenario(options, Deadline(30), report);
  return report;
}

std::uint64_t count(const Report& report, const std::string& key) {
  for (const Figure& figure : report.figures()) {
    if (figure.key == key) return std::get<std::uint64_t>(figure.value);
  }
  FAIL("no figure " << key);
  return 0;
}

Fate always(std::uint64_t) {
  return Fate::deliver;
}

// Every 100th message meets this fate.
RelayBroker::FateOf now_and_then(Fate fate) {
  return [fate](std::uint64_t message) { return message % 100 == 50 ? fate : Fate::deliver; };
}

void check_clean(const Report& report, std::uint64_t deliveries) {
  INFO(report.text());
  CHECK_FALSE(report.failed());
  CHECK(count(report, "delivered_total") == deliveries);
  CHECK(count(report, "lost") == 0);
  CHECK(count(report, "duplicates") == 0);
  CHECK(count(report, "order_violations") == 0);
  CHECK(count(report, "unexpected") == 0);
}

}  // namespace

TEST_CASE("a faultless broker is found faultless") {
  RelayBroker broker(always);
  check_clean(report_of(options_for(broker)), kMessages);
}

TEST_CASE("packets that arrive byte by byte are put together") {
  RelayBroker broker(always, true);
  Options options = options_for(broker);
  options.messages = 400;
  check_clean(report_of(options), 400);
}

TEST_CASE("payloads larger than any one read are put together") {
  RelayBroker broker(always);
  Options options = options_for(broker);
  options.payload_size = 700'000;
  options.window = 4;
  options.messages = 40;
  check_clean(report_of(options), 40);
}

TEST_CASE("fan-out and fan-in count every delivery, with one thread and with several") {
  RelayBroker broker(always);
  Options options = options_for(broker);
  options.threads = static_cast<std::size_t>(GENERATE(1, 3));
  options.scenario = Scenario::fan_in;
  check_clean(report_of(options), kMessages);
  options.scenario = Scenario::fan_out;
  check_clean(report_of(options), kMessages * options.subscribers);
}

TEST_CASE("an open loop sends what the schedule says") {
  RelayBroker broker(always);
  Options options = options_for(broker);
  options.rate = 20'000;
  Report report = report_of(options);
  check_clean(report, kMessages);
}

TEST_CASE("a process beside is held and let go, and latencies are told for both") {
  RelayBroker broker(always);
  pid_t beside = fork();
  if (beside == 0) {
    while (true) pause();
  }
  Report report = report_of(alternating_with(beside, broker));
  kill(beside, SIGKILL);
  waitpid(beside, nullptr, 0);
  INFO(report.text());
  CHECK_FALSE(report.failed());
  CHECK(count(report, "lost") == 0);
  CHECK(count(report, "groups") == 1);
  CHECK(report.text().find("latency with it, p99") != std::string::npos);
  CHECK(report.text().find("latency without the process beside, p99") != std::string::npos);
}

TEST_CASE("a process beside that is gone is an error") {
  RelayBroker broker(always);
  pid_t beside = fork();
  if (beside == 0) _exit(0);
  waitpid(beside, nullptr, 0);
  Report report = report_of(alternating_with(beside, broker));
  CHECK(report.failed());
  CHECK(report.text().find("the process beside is gone") != std::string::npos);
}

TEST_CASE("lost messages are seen, and do not stop a closed loop for good") {
  RelayBroker broker(now_and_then(Fate::lose));
  Options options = options_for(broker);
  options.window = 64;
  Report report = report_of(options);
  INFO(report.text());
  CHECK(count(report, "published_total") == kMessages);
  CHECK(count(report, "lost") == kMessages / 100);
  CHECK(count(report, "delivered_total") == kMessages - kMessages / 100);
  CHECK(count(report, "duplicates") == 0);
  CHECK(count(report, "order_violations") == 0);
}

TEST_CASE("duplicates are seen") {
  RelayBroker broker(now_and_then(Fate::deliver_twice));
  Report report = report_of(options_for(broker));
  CHECK(count(report, "duplicates") == kMessages / 100);
  CHECK(count(report, "lost") == 0);
  CHECK(count(report, "order_violations") == 0);
}

TEST_CASE("messages that overtake each other are seen") {
  RelayBroker broker(now_and_then(Fate::hold_until_next));
  Options options = options_for(broker);
  options.publishers = 1;  // with several, the message that passes may be another subscriber's
  Report report = report_of(options);
  CHECK(count(report, "order_violations") == kMessages / 100);
  CHECK(count(report, "lost") == 0);
  CHECK(count(report, "duplicates") == 0);
}

TEST_CASE("a broker that hangs up is an error, and the run ends at once") {
  RelayBroker broker(always);
  broker.hang_up_after(1'000);
  Options options = options_for(broker);
  std::int64_t start = monotonic_ns();
  Report report = report_of(options);
  CHECK(report.failed());
  CHECK(report.text().find("publisher") != std::string::npos);
  CHECK(monotonic_ns() - start < 10 * kNanosecondsPerSecond);
}

TEST_CASE("a refused CONNECT is an error with the return code") {
  RelayBroker broker(always);
  broker.refuse_with(5);
  Report report = report_of(options_for(broker));
  CHECK(report.failed());
  CHECK(report.text().find("CONNACK refused with 5") != std::string::npos);
}

TEST_CASE("idle connections are counted and held") {
  RelayBroker broker(always);
  Options options = options_for(broker);
  options.scenario = Scenario::connections;
  options.count = 50;
  options.hold_s = 0.2;
  Report report = report_of(options);
  CHECK_FALSE(report.failed());
  CHECK(count(report, "connections") == 50);
  CHECK(count(report, "connections_lost") == 0);
}

TEST_CASE("churn goes round without a failure") {
  RelayBroker broker(always);
  Options options = options_for(broker);
  options.scenario = Scenario::churn;
  options.concurrent = 4;
  options.duration_s = 0.3;
  Report report = report_of(options);
  CHECK_FALSE(report.failed());
  CHECK(count(report, "cycles") > 10);
  CHECK(count(report, "failures") == 0);
}
