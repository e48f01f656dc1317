#include "bench/alternation.h"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <fstream>
#include <string>
#include <variant>

#include "bench/report.h"

using namespace patchbay::bench;

namespace {

constexpr SlotPlan kPlan{1'000, 100, 20, 8};

// A process that waits until it is killed.
class Waiting {
 public:
  Waiting() : pid_(fork()) {
    if (pid_ != 0) return;
    while (true) pause();
  }
  ~Waiting() { end(); }
  pid_t pid() const { return pid_; }
  void end() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }
  // Waits for the next change of state: stopped, going on.
  bool becomes_held() const { return changes_to(WUNTRACED) && WIFSTOPPED(status_); }
  bool goes_on() const { return changes_to(WCONTINUED) && WIFCONTINUED(status_); }

 private:
  bool changes_to(int what) const { return waitpid(pid_, &status_, what) == pid_; }

  pid_t pid_;
  mutable int status_ = 0;
};

// `with_ns` where the process is let go, `without_ns` elsewhere; a hundred in each slot, once it has settled.
SlotLatencies latencies(std::size_t slots, std::int64_t without_ns, std::int64_t with_ns) {
  SlotPlan plan{0, 1'000, 0, slots};
  SlotLatencies all;
  all.open(slots);
  for (std::size_t slot = 0; slot < slots; ++slot) {
    for (int i = 0; i < 100; ++i) {
      all.record(plan, static_cast<std::int64_t>(slot) * 1'000 + i, SlotPlan::is_with(slot) ? with_ns : without_ns);
    }
  }
  return all;
}

template <typename Value = double>
Value figure(const Report& report, const std::string& key) {
  for (const Figure& each : report.figures()) {
    if (each.key == key) return std::get<Value>(each.value);
  }
  FAIL("no figure " << key);
  return 0;
}

std::uint64_t count(const Report& report, const std::string& key) {
  return figure<std::uint64_t>(report, key);
}

}  // namespace

TEST_CASE("slots begin and end where the plan says") {
  CHECK_FALSE(kPlan.slot_at(999));
  CHECK(kPlan.slot_at(1'000) == 0U);
  CHECK(kPlan.slot_at(1'099) == 0U);
  CHECK(kPlan.slot_at(1'100) == 1U);
  CHECK(kPlan.slot_at(1'799) == 7U);
  CHECK_FALSE(kPlan.slot_at(1'800));
  CHECK_FALSE(SlotPlan{}.slot_at(1'000));
}

TEST_CASE("four slots: without, with, with, without, so that a drift falls on both") {
  std::string sides;
  for (std::size_t slot = 0; slot < 8; ++slot) sides += SlotPlan::is_with(slot) ? '+' : '-';
  CHECK(sides == "-++--++-");
}

TEST_CASE("what was sent while a slot settles belongs to neither side") {
  SlotLatencies slots;
  slots.open(kPlan.count);
  slots.record(kPlan, 1'019, 5);
  CHECK(slots[0].count() == 0);
  slots.record(kPlan, 1'020, 5);
  slots.record(kPlan, 1'120, 6);
  slots.record(kPlan, 999, 7);
  slots.record(kPlan, 1'850, 8);
  CHECK(slots[0].count() == 1);
  CHECK(slots[1].max() == 6);
  for (std::size_t slot = 2; slot < slots.size(); ++slot) CHECK(slots[slot].count() == 0);
}

TEST_CASE("without slots nothing is kept") {
  SlotLatencies slots;
  slots.record(SlotPlan{}, 1'000, 5);
  CHECK(slots.size() == 0);
  Report report;
  report_alternation(slots, report);
  CHECK(report.figures().empty());
}

TEST_CASE("the latencies of several workers are put together slot by slot") {
  SlotLatencies sum;
  sum.merge(latencies(4, 10, 20));
  sum.merge(latencies(4, 30, 40));
  CHECK(sum[0].count() == 200);
  CHECK(sum[0].max() == 30);
  CHECK(sum[1].max() == 40);
}

TEST_CASE("the process is held in the slots without it and let go in the others and afterwards") {
  Waiting child;
  ProcessBeside beside(child.pid());
  REQUIRE(beside.follow(kPlan, 500));  // before the first slot nothing is done
  REQUIRE(beside.follow(kPlan, 1'000));
  CHECK(child.becomes_held());
  REQUIRE(beside.follow(kPlan, 1'050));
  REQUIRE(beside.follow(kPlan, 1'100));
  CHECK(child.goes_on());
  REQUIRE(beside.follow(kPlan, 1'250));
  REQUIRE(beside.follow(kPlan, 1'300));
  CHECK(child.becomes_held());
  REQUIRE(beside.follow(kPlan, 1'900));
  CHECK(child.goes_on());
}

TEST_CASE("a run that is broken off leaves the process going") {
  Waiting child;
  {
    ProcessBeside beside(child.pid());
    REQUIRE(beside.follow(kPlan, 1'000));
    CHECK(child.becomes_held());
  }
  CHECK(child.goes_on());
}

TEST_CASE("a process that has ended is told") {
  Waiting child;
  ProcessBeside beside(child.pid());
  child.end();
  CHECK_FALSE(beside.follow(kPlan, 1'000));
}

TEST_CASE("the ratio of two sides that differ is told, and one that is sure has no width") {
  Report report;
  report_alternation(latencies(12, 100'000, 150'000), report);
  CHECK(figure(report, "latency_without_p99_us") == Approx(100).epsilon(0.01));
  CHECK(figure(report, "latency_with_p99_us") == Approx(150).epsilon(0.01));
  for (const char* key : {"latency_p50_ratio", "latency_p99_ratio", "latency_p99_ratio_median", "latency_p99_ratio_low",
                          "latency_p99_ratio_high"}) {
    INFO(key);
    CHECK(figure(report, key) == Approx(1.5).epsilon(0.02));
  }
}

TEST_CASE("a ratio that one group alone makes is told as unsure") {
  SlotPlan plan{0, 1'000, 0, 12};
  SlotLatencies slots = latencies(12, 100'000, 100'000);
  for (int i = 0; i < 100; ++i) slots.record(plan, 1'000 + i, 900'000);
  Report report;
  report_alternation(slots, report);
  CHECK(figure(report, "latency_p99_ratio") > 8);
  CHECK(figure(report, "latency_p99_ratio_low") == Approx(1));
  CHECK(figure(report, "latency_p99_ratio_high") > 8);
  CHECK(figure(report, "latency_p99_ratio_median") == Approx(1));
}

TEST_CASE("groups that the host has left alone are told apart, and which side it was that it has not") {
  SlotPlan plan{0, 1'000, 0, 16};
  SlotLatencies slots = latencies(16, 100'000, 110'000);
  auto stall = [&](std::size_t slot) {
    for (int i = 0; i < 50; ++i) slots.record(plan, static_cast<std::int64_t>(slot) * 1'000 + i, 9'000'000);
  };
  stall(0);  // without
  stall(5);  // with
  stall(8);
  stall(10);  // both
  Report report;
  report_alternation(slots, report);
  CHECK(count(report, "groups") == 4);
  CHECK(count(report, "groups_calm") == 1);
  CHECK(count(report, "groups_only_without_not_calm") == 1);
  CHECK(count(report, "groups_only_with_not_calm") == 1);
  CHECK(figure(report, "latency_p99_ratio_calm_median") == Approx(1.1).epsilon(0.02));
}
