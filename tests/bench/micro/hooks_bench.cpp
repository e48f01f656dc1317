// What a hook point costs: empty, with one C callback behind the bridge, with four, and how much of it is the sampled
// timing. `bench_hooks <case> <calls>` runs one case alone, for counting instructions.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "hooks/dispatch.h"
#include "patchbay/events.h"
#include "plugin_bridge/bridge.h"
#include "plugin_bridge/instance.h"

using namespace patchbay;

namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kCalls = 20'000'000;
constexpr int kBlocks = 10;

/// One shard and a bridge on it.
struct Bench {
  Bench() : timers(clock.steady_ms()) {
    services = {0, clock.steady_ms(), clock.unix_ms(), &clock, &random, &timers, &counters, &epoch, &mailbox};
    plugin_bridge::BridgeOptions options;
    options.workers.threads = 0;
    bridge = std::make_unique<plugin_bridge::Bridge>(
        plugin_bridge::BridgeEnvironment{clock, epoch, completions, points, access, {&services}, nullptr}, options);
    access::ClientInfoFields client_fields;
    client_fields.client_id = "bench";
    client = access::ClientInfo::create(client_fields);
    mqtt::MessageFields fields;
    fields.topic = "site/001/device/00000001";
    message = mqtt::Message::create(fields);
  }
  ~Bench() { static_cast<void>(bridge->publish({}, 1'000)); }

  /// `count` instances, each with one observer that runs on the shard and says nothing.
  void listen(uint32_t count) {
    plugin_bridge::PublishedChains chains;
    for (uint32_t number = 1; number <= count; ++number) {
      plugin_bridge::InstanceFacts facts;
      facts.name = "bench" + std::to_string(number);
      facts.number = number;
      instances.push_back(std::make_unique<plugin_bridge::Instance>(*bridge, facts));
      patchbay_hook hook{};
      hook.size = sizeof hook;
      hook.hook = PATCHBAY_HOOK_publish_routed;
      hook.phase = PATCHBAY_PHASE_OBSERVE;
      hook.flags = PATCHBAY_HOOK_INLINE;
      hook.self = &seen;
      hook.fn = [](void* self, const void* raw, patchbay_token) {
        *static_cast<uint64_t*>(self) += static_cast<const patchbay_publish_routed_event*>(raw)->receivers;
        return patchbay_verdict{};
      };
      if (instances.back()->host()->add_hook(instances.back()->host(), &hook) != PATCHBAY_OK) std::abort();
      plugin_bridge::PublishedHook published;
      published.hook = instances.back()->hooks()[0].get();
      published.list_index = number;
      chains.hooks.push_back(published);
    }
    if (!bridge->publish(std::move(chains), 1'000)) std::abort();
  }

  void run(size_t calls) {
    const base::ShardScope scope(0);
    epoch.enter(0);
    for (size_t i = 0; i < calls; ++i) {
      hooks::observe(points.publish_routed, {client.get(), message.get(), 1});
      asm volatile("" ::: "memory");
    }
    epoch.leave(0);
  }

  base::SystemClock clock;
  base::SeededRandom random{1};
  base::TimerWheel timers;
  base::Counters counters;
  base::EpochDomain epoch;
  base::Mailbox mailbox{[](void*) {}, nullptr};
  base::ShardServices services;
  base::CompletionRouter completions;
  hooks::HookPoints points;
  access::AccessPoints access;
  access::ClientInfoRef client;
  mqtt::MessageRef message;
  uint64_t seen = 0;
  std::unique_ptr<plugin_bridge::Bridge> bridge;
  std::vector<std::unique_ptr<plugin_bridge::Instance>> instances;
};

double best_ns(Bench& bench) {
  double best = 1e9;
  for (int block = 0; block < kBlocks; ++block) {
    const auto begin = Clock::now();
    bench.run(kCalls / kBlocks);
    const double ns =
        std::chrono::duration<double, std::nano>(Clock::now() - begin).count() / static_cast<double>(kCalls / kBlocks);
    best = ns < best ? ns : best;
  }
  return best;
}

/// A bare function pointer in a loop: what cannot be saved.
double pointer_ns() {
  static uint64_t seen = 0;
  using Function = patchbay_verdict (*)(void*, const void*, patchbay_token);
  volatile Function function = [](void* self, const void*, patchbay_token) {
    ++*static_cast<uint64_t*>(self);
    return patchbay_verdict{};
  };
  double best = 1e9;
  for (int block = 0; block < kBlocks; ++block) {
    const auto begin = Clock::now();
    for (size_t i = 0; i < kCalls / kBlocks; ++i) static_cast<void>(function(&seen, nullptr, {0}));
    const double ns =
        std::chrono::duration<double, std::nano>(Clock::now() - begin).count() / static_cast<double>(kCalls / kBlocks);
    best = ns < best ? ns : best;
  }
  return best;
}

/// What one timing costs, a 256th of which falls on each call.
double timing_ns() {
  base::SystemClock clock;
  const auto begin = Clock::now();
  constexpr size_t kTimings = 1'000'000;
  uint64_t sum = 0;
  for (size_t i = 0; i < kTimings; ++i) {
    const uint64_t before_ns = clock.steady_ns();
    sum += clock.steady_ns() - before_ns;
  }
  asm volatile("" ::"r"(sum));
  return std::chrono::duration<double, std::nano>(Clock::now() - begin).count() / static_cast<double>(kTimings);
}

int run_one(std::string_view name, size_t calls) {
  Bench bench;
  if (name == "one") bench.listen(1);
  if (name == "four") bench.listen(4);
  bench.run(calls);
  std::printf("%s: %zu calls, %llu seen\n", std::string(name).c_str(), calls,
              static_cast<unsigned long long>(bench.seen));
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  if (count == 3) return run_one(arguments[1], std::strtoull(arguments[2], nullptr, 10));
  std::printf("function pointer alone       %6.2f ns\n", pointer_ns());
  for (const uint32_t listeners : {0U, 1U, 4U}) {
    Bench bench;
    if (listeners != 0) bench.listen(listeners);
    std::printf("publish.routed, %u listeners  %6.2f ns\n", listeners, best_ns(bench));
  }
  std::printf("timing, a 256th of it        %6.2f ns\n", timing_ns() / 256);
  return 0;
}
