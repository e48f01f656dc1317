#include "bench/alternation.h"

#include <algorithm>
#include <cmath>
#include <csignal>
#include <random>
#include <utility>

#include "bench/report.h"

namespace patchbay::bench {
namespace {

constexpr std::size_t kDraws = 1'000;
constexpr std::uint64_t kSeed = 20'261'127;
constexpr double kP50 = 0.5;
constexpr double kP99 = 0.99;
// What 90 % of the draws lie between.
constexpr double kLow = 0.05;
constexpr double kHigh = 0.95;
constexpr double kLowerQuartile = 0.25;
constexpr double kCalmFactor = 2;
constexpr double kNsPerUs = 1e3;

struct Sides {
  Histogram without;
  Histogram with;

  void add(const SlotLatencies& slots, std::size_t group) {
    for (std::size_t i = 0; i < SlotPlan::kGroup; ++i) {
      (SlotPlan::is_with(i) ? with : without).merge(slots[group * SlotPlan::kGroup + i]);
    }
  }
  double ratio(double share) const {
    auto base = static_cast<double>(std::max<std::int64_t>(without.value_at(share), 1));
    return static_cast<double>(with.value_at(share)) / base;
  }
};

std::vector<Sides> groups_of(const SlotLatencies& slots) {
  std::vector<Sides> groups(slots.size() / SlotPlan::kGroup);
  for (std::size_t i = 0; i < groups.size(); ++i) groups[i].add(slots, i);
  return groups;
}

using Chosen = std::vector<const Sides*>;

double pooled_ratio(const Chosen& groups) {
  Sides sum;
  for (const Sides* group : groups) {
    sum.without.merge(group->without);
    sum.with.merge(group->with);
  }
  return sum.ratio(kP99);
}

double at_share(const std::vector<double>& sorted, double share) {
  return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(share * static_cast<double>(sorted.size())))];
}

double median_ratio(const Chosen& groups) {
  std::vector<double> ratios;
  for (const Sides* group : groups) ratios.push_back(group->ratio(kP99));
  std::sort(ratios.begin(), ratios.end());
  return at_share(ratios, kP50);
}

// A figure of the groups, and what 90 % of it lie between when as many groups are drawn at random.
void add_with_draws(const std::string& key, const std::string& label, const Chosen& groups,
                    double (*figure)(const Chosen&), Report& report) {
  std::mt19937_64 random(kSeed);
  std::uniform_int_distribution<std::size_t> any(0, groups.size() - 1);
  std::vector<double> drawn;
  Chosen draw(groups.size());
  for (std::size_t i = 0; i < kDraws; ++i) {
    for (const Sides*& group : draw) group = groups[any(random)];
    drawn.push_back(figure(draw));
  }
  std::sort(drawn.begin(), drawn.end());
  report.add(key, label, figure(groups));
  report.add(key + "_low", "  90 % of the draws from", at_share(drawn, kLow));
  report.add(key + "_high", "  to", at_share(drawn, kHigh));
}

// What a host does to a slot, it adds, often tenfold. Calm is a side whose p99 is near the better ones of all; in a
// calm group both are. How often just one of the two is not tells whether what runs beside has its share in that.
void report_calm_groups(const std::vector<Sides>& groups, Report& report) {
  std::vector<double> all;
  for (const Sides& group : groups) {
    all.push_back(static_cast<double>(group.without.value_at(kP99)));
    all.push_back(static_cast<double>(group.with.value_at(kP99)));
  }
  std::sort(all.begin(), all.end());
  double limit = kCalmFactor * at_share(all, kLowerQuartile);
  Chosen calm;
  std::uint64_t only_without = 0;
  std::uint64_t only_with = 0;
  for (const Sides& group : groups) {
    bool without = static_cast<double>(group.without.value_at(kP99)) > limit;
    bool with = static_cast<double>(group.with.value_at(kP99)) > limit;
    if (!without && !with) calm.push_back(&group);
    only_without += without && !with ? 1 : 0;
    only_with += with && !without ? 1 : 0;
  }
  report.add("groups", "groups of four slots", std::uint64_t{groups.size()});
  report.add("groups_calm", "  in which both sides are calm", std::uint64_t{calm.size()});
  report.add("groups_only_without_not_calm", "  only the side without it is not", only_without);
  report.add("groups_only_with_not_calm", "  only the side with it is not", only_with);
  if (calm.empty()) return;
  add_with_draws("latency_p99_ratio_calm_median", "p99, median of the calm groups' ratios", calm, median_ratio, report);
}

std::string p99_of_each(const std::vector<Sides>& groups) {
  auto us = [](const Histogram& side) {
    return std::to_string(std::llround(static_cast<double>(side.value_at(kP99)) / kNsPerUs));
  };
  std::string each;
  for (const Sides& group : groups) {
    each += (each.empty() ? "" : " ") + us(group.without) + "/" + us(group.with);
  }
  return each;
}

}  // namespace

std::optional<std::size_t> SlotPlan::slot_at(std::int64_t ns) const {
  if (length_ns == 0 || ns < start_ns) return std::nullopt;
  auto slot = static_cast<std::size_t>((ns - start_ns) / length_ns);
  return slot < count ? std::optional(slot) : std::nullopt;
}

void SlotLatencies::record(const SlotPlan& plan, std::int64_t scheduled_ns, std::int64_t latency_ns) {
  std::optional<std::size_t> slot = plan.slot_at(scheduled_ns);
  if (slot && *slot < slots_.size() && plan.settled_at(scheduled_ns)) slots_[*slot].record(latency_ns);
}

void SlotLatencies::merge(const SlotLatencies& other) {
  slots_.resize(std::max(slots_.size(), other.slots_.size()));
  for (std::size_t i = 0; i < other.slots_.size(); ++i) slots_[i].merge(other.slots_[i]);
}

bool ProcessBeside::let(bool go) {
  if (pid_ <= 0 || go == going_) return true;
  going_ = go;
  return kill(pid_, go ? SIGCONT : SIGSTOP) == 0;
}

bool ProcessBeside::follow(const SlotPlan& plan, std::int64_t now_ns) {
  std::optional<std::size_t> slot = plan.slot_at(now_ns);
  return let(!slot || SlotPlan::is_with(*slot));
}

void report_alternation(const SlotLatencies& slots, Report& report) {
  std::vector<Sides> groups = groups_of(slots);
  if (groups.empty()) return;
  Sides all;
  for (std::size_t i = 0; i < groups.size(); ++i) all.add(slots, i);
  report.add_latency("latency_without", "latency without the process beside", all.without);
  report.add_latency("latency_with", "latency with it", all.with);
  report.add("latency_p50_ratio", "p50 with it / without", all.ratio(kP50));
  Chosen every;
  for (const Sides& group : groups) every.push_back(&group);
  add_with_draws("latency_p99_ratio", "p99 with it / without, all messages", every, pooled_ratio, report);
  add_with_draws("latency_p99_ratio_median", "p99, median of the groups' ratios", every, median_ratio, report);
  report_calm_groups(groups, report);
  report.add("latency_p99_us_of_groups", "p99 of each group, without / with (us)", p99_of_each(groups));
}

}  // namespace patchbay::bench
