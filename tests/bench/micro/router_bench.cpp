// What a look-up in the subscription index costs, and how many bytes a subscription takes.
#include <malloc.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/epoch.h"
#include "base/random.h"
#include "router/subscription_index.h"

using namespace patchbay;

namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kLookUps = 2'000'000;

size_t heap_bytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

double ns_since(Clock::time_point begin, size_t count) {
  return std::chrono::duration<double, std::nano>(Clock::now() - begin).count() / static_cast<double>(count);
}

std::string exact_filter(uint64_t i) {
  char text[32];
  std::snprintf(text, sizeof text, "site/%03u/device/%08u", static_cast<unsigned>(i % 500), static_cast<unsigned>(i));
  return text;
}

struct Index {
  base::EpochDomain epoch;
  router::RouterLimits limits;
  router::SubscriptionIndex index{limits, epoch, 1, 42};
  router::Matches matches;
  uint32_t next_slot = 1;

  void add(const std::string& filter) {
    const distribution::SubscriberHandle subscriber(0, 1, next_slot++);
    if (is_failure(index.add(filter, subscriber, {}, 0).reason)) std::abort();
  }
  size_t find(const std::string& topic) {
    size_t found = 0;
    index.find(topic, matches);
    matches.for_each([&found](const distribution::Delivery&) { ++found; });
    return found;
  }
};

void look_up(const char* what, Index& index, const std::vector<std::string>& topics) {
  base::SeededRandom random(7);
  std::vector<uint32_t> order(1 << 16);
  for (uint32_t& at : order) at = static_cast<uint32_t>(random.below(topics.size()));
  size_t found = 0;
  index.epoch.enter(0);
  for (const uint32_t at : order) found += index.find(topics[at]);
  found = 0;
  const auto begin = Clock::now();
  for (size_t i = 0; i < kLookUps; ++i) found += index.find(topics[order[i & (order.size() - 1)]]);
  const double ns = ns_since(begin, kLookUps);
  index.epoch.leave(0);
  std::printf("  %-44s %8.1f ns per look-up, %.2f found\n", what, ns,
              static_cast<double>(found) / static_cast<double>(kLookUps));
}

std::vector<std::string> some_topics(uint64_t filters, size_t count) {
  base::SeededRandom random(3);
  std::vector<std::string> topics;
  for (size_t i = 0; i < count; ++i) topics.push_back(exact_filter(random.below(filters)));
  return topics;
}

void exact(uint64_t filters) {
  Index index;
  const size_t before = heap_bytes();
  const auto begin = Clock::now();
  for (uint64_t i = 0; i < filters; ++i) index.add(exact_filter(i));
  const double add_ns = ns_since(begin, filters);
  const double bytes = static_cast<double>(heap_bytes() - before) / static_cast<double>(filters);
  std::printf("%llu exact filters of 24 bytes: %.0f bytes and %.0f ns to add each\n",
              static_cast<unsigned long long>(filters), bytes, add_ns);
  look_up("one topic", index, some_topics(filters, 1));
  look_up("200 topics", index, some_topics(filters, 200));
  look_up("50,000 topics", index, some_topics(filters, 50'000));
  look_up("200 topics without a subscriber", index, [] {
    std::vector<std::string> topics;
    for (int i = 0; i < 200; ++i) topics.push_back("nobody/listens/here/" + std::to_string(i));
    return topics;
  }());
}

void wildcard(uint64_t filters) {
  Index index;
  const size_t before = heap_bytes();
  for (uint64_t i = 0; i < filters; ++i) index.add("site/+/device/" + std::to_string(i) + "/#");
  const double bytes = static_cast<double>(heap_bytes() - before) / static_cast<double>(filters);
  std::printf("%llu wildcard filters: %.0f bytes each\n", static_cast<unsigned long long>(filters), bytes);
  std::vector<std::string> topics;
  base::SeededRandom random(5);
  for (int i = 0; i < 200; ++i) topics.push_back("site/7/device/" + std::to_string(random.below(filters)) + "/state");
  look_up("200 topics, one wildcard matches", index, topics);
  for (const std::string& topic : topics) index.add(topic);
  look_up("200 topics, wildcard and exact match", index, topics);
}

void fan_out(uint32_t subscribers) {
  Index index;
  const auto begin = Clock::now();
  for (uint32_t i = 0; i < subscribers; ++i) index.add("news");
  const double add_ns = ns_since(begin, subscribers);
  index.epoch.enter(0);
  constexpr int kRounds = 20;
  size_t found = 0;
  const auto walk = Clock::now();
  for (int i = 0; i < kRounds; ++i) found += index.find("news");
  std::printf("one filter, %u subscribers: %.0f ns to add each, %.2f ns per delivery\n", subscribers, add_ns,
              ns_since(walk, found));
  index.epoch.leave(0);
  const auto leave = Clock::now();
  for (uint32_t i = 0; i < subscribers; ++i) index.index.remove("news", distribution::SubscriberHandle(0, 1, i + 1));
  std::printf("  %.0f ns to remove each\n", ns_since(leave, subscribers));
}

}  // namespace

int main() {
  exact(1'000);
  exact(1'000'000);
  wildcard(1'000);
  wildcard(100'000);
  fan_out(100);
  fan_out(1'000'000);
  return 0;
}
