#include "bench/report.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <string>

#include "bench/credits.h"
#include "bench/publisher.h"

using namespace patchbay::bench;

namespace {

ProcessSample sample(double user_us, double system_us, std::uint64_t rss_bytes) {
  ProcessSample result;
  result.valid = true;
  result.user_us = user_us;
  result.system_us = system_us;
  result.rss_bytes = rss_bytes;
  return result;
}

const Figure* find(const Report& report, const std::string& key) {
  for (const Figure& figure : report.figures()) {
    if (figure.key == key) return &figure;
  }
  return nullptr;
}

double number(const Report& report, const std::string& key) {
  const Figure* figure = find(report, key);
  REQUIRE(figure != nullptr);
  return std::get<double>(figure->value);
}

}  // namespace

TEST_CASE("CPU time is told per event, user and system apart") {
  Report report;
  report.add_cpu(sample(1'000, 500, 0), sample(3'000, 1'500, 0), 1'000, "delivered");
  CHECK(number(report, "broker_cpu_us_per_delivered") == Approx(3.0));
  CHECK(number(report, "broker_cpu_user_us_per_delivered") == Approx(2.0));
  CHECK(number(report, "broker_cpu_system_us_per_delivered") == Approx(1.0));
}

TEST_CASE("user time by the stamp counter is told where the broker notes it") {
  ProcessSample before = sample(0, 0, 0);
  ProcessSample after = sample(1'000, 0, 0);
  before.user_time = UserTimeSample{.ticks = 100, .calls = 7, .stamp = 1'000, .at_ns = 0};
  Report without;
  without.add_cpu(before, after, 1'000, "delivered");
  CHECK(find(without, "broker_user_time_us_per_delivered") == nullptr);
  after.user_time =
      UserTimeSample{.ticks = 1'500'100, .calls = 2'507, .left_out = 3, .stamp = 3'001'000, .at_ns = 1'000'000};
  Report report;
  report.add_cpu(before, after, 1'000, "delivered");
  CHECK(number(report, "broker_user_time_us_per_delivered") == Approx(0.5));
  CHECK(number(report, "broker_calls_per_delivered") == Approx(2.5));
  CHECK(std::get<std::uint64_t>(find(report, "broker_user_times_left_out")->value) == 3);
  CHECK_FALSE(report.failed());
  after.user_time->threads_without_place = 2;
  report.add_cpu(before, after, 1'000, "delivered");
  CHECK(report.failed());
}

TEST_CASE("without a process to look at nothing is told of it") {
  Report report;
  report.add_cpu(ProcessSample(), sample(1, 1, 1), 10, "delivered");
  report.add_memory(sample(1, 1, 1), ProcessSample(), 10, "connection");
  CHECK(report.figures().empty());
}

TEST_CASE("memory may shrink") {
  Report report;
  report.add_memory(sample(0, 0, 5'000), sample(0, 0, 4'000), 10, "connection");
  CHECK(number(report, "broker_rss_bytes_per_connection") == Approx(-100.0));
  CHECK(find(report, "broker_pss_bytes_per_connection") == nullptr);
}

TEST_CASE("the CPU time of threads is their difference, busiest first") {
  ProcessSample before = sample(0, 0, 0);
  ProcessSample after = sample(100, 0, 0);
  before.threads = {{1, "idle", 10, 0}, {2, "busy", 10, 0}};
  after.threads = {{1, "idle", 10, 0}, {2, "busy", 2'000'010, 0}, {3, "new", 1'000'000, 0}};
  Report report;
  report.add_cpu(before, after, 1, "delivered");
  std::string text = report.text();
  CHECK(text.find("(idle)") == std::string::npos);
  CHECK(text.find("(busy): user 2.000 s") < text.find("(new): user 1.000 s"));
}

TEST_CASE("an error makes the run a failure and stands in both forms of the report") {
  Report report;
  report.add("lost", "lost", std::uint64_t{3});
  CHECK_FALSE(report.failed());
  report.mark_partial("--timeout reached");
  CHECK(report.failed());
  CHECK(report.text().find("ERROR partial result: --timeout reached") != std::string::npos);
  CHECK(report.json().find("\"lost\": 3") != std::string::npos);
  CHECK(report.json().find("--timeout reached") != std::string::npos);
}

TEST_CASE("a latency that was never taken is not told as 0") {
  Report report;
  Histogram histogram;
  report.add_latency("latency", "latency", histogram);
  CHECK(report.figures().empty());
  histogram.record(2'000);
  report.add_latency("latency", "latency", histogram);
  CHECK(number(report, "latency_p99_us") == Approx(2.0));
}

TEST_CASE("this very process can be sampled, another that does not exist cannot") {
  ProcessSample own = sample_process({getpid(), {}});
  CHECK(own.valid);
  CHECK(own.rss_bytes > 100'000);
  CHECK_FALSE(own.threads.empty());
  CHECK_FALSE(sample_process({}).valid);
  CHECK_FALSE(sample_process({999'999'999, {}}).valid);
}

TEST_CASE("credits are given back once per turn, summed by publisher") {
  CreditBook credits(3);
  credits.add(2);
  credits.add(0);
  credits.add(2);
  std::string given;
  auto give = [&](std::uint32_t publisher, std::uint64_t deliveries) {
    given += std::to_string(publisher) + ":" + std::to_string(deliveries) + " ";
  };
  credits.drain(give);
  CHECK(given == "2:2 0:1 ");
  given.clear();
  credits.drain(give);
  CHECK(given.empty());
}

TEST_CASE("the schedule of an open loop spaces the messages of all publishers evenly") {
  TrafficPlan plan;
  plan.publishers.resize(4);
  plan.rate = 1'000;
  CHECK(Publisher::scheduled_ns(plan, 100, 0, 0) == 100);
  CHECK(Publisher::scheduled_ns(plan, 100, 1, 0) == 1'000'100);
  CHECK(Publisher::scheduled_ns(plan, 100, 3, 0) == 3'000'100);
  CHECK(Publisher::scheduled_ns(plan, 100, 0, 1) == 4'000'100);
  // An hour later it is still exact to the microsecond.
  CHECK(Publisher::scheduled_ns(plan, 0, 0, 900'000) == 3'600'000'000'000);
}
