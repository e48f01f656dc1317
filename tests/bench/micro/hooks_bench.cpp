// What a hook point costs: empty, with one C callback behind the bridge, with four, and how much of it is the sampled
// timing. The callbacks are those of bench_listener.so, which is loaded from this program's folder. Every figure has
// the loop in it, which stands in a line of its own. `bench_hooks <case> <calls>` runs one case alone, for counting
// instructions.
#include <dlfcn.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
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

/// The plugin that lies beside this program.
const patchbay_entry& entry() {
  static const patchbay_entry* const loaded = [] {
    const std::string file = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "bench_listener.so";
    void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    const void* symbol = library == nullptr ? nullptr : dlsym(library, PATCHBAY_ENTRY_SYMBOL);
    if (symbol == nullptr) {
      std::fprintf(stderr, "%s\n", dlerror());
      std::abort();
    }
    return static_cast<const patchbay_entry*>(symbol);
  }();
  return *loaded;
}

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
  ~Bench() {
    static_cast<void>(bridge->publish({}, 1'000));
    for (const auto& instance : instances) {
      instance->plugin()->stop(instance->plugin()->self);
      instance->plugin()->destroy(instance->plugin()->self);
    }
  }

  /// `count` instances of the plugin that listen where `kind` says.
  void listen(std::string_view kind, uint32_t count) {
    plugin_bridge::PublishedChains chains;
    for (uint32_t number = 1; number <= count; ++number) {
      plugin_bridge::InstanceFacts facts;
      facts.name = std::string(kind) + std::to_string(number);
      facts.number = number;
      instances.push_back(std::make_unique<plugin_bridge::Instance>(*bridge, facts));
      plugin_bridge::Instance& instance = *instances.back();
      instance.set_plugin(entry().create(instance.host(), {facts.name.data(), facts.name.size()}));
      if (instance.plugin() == nullptr) std::abort();
      if (instance.plugin()->start(instance.plugin()->self, nullptr) != PATCHBAY_OK) std::abort();
      instance.gate().move_to(plugin_bridge::GateState::open);
      plugin_bridge::PublishedHook published;
      published.hook = instance.hooks()[0].get();
      published.list_index = number;
      chains.hooks.push_back(published);
    }
    if (!bridge->publish(std::move(chains), 1'000)) std::abort();
  }

  /// Calls that the plugin's hooks have got.
  [[nodiscard]] uint64_t calls() const {
    uint64_t sum = 0;
    for (const auto& instance : instances) sum += instance->hooks()[0]->statistics().calls;
    return sum;
  }

  template <class Call>
  void repeat(size_t calls, Call&& call) {
    const base::ShardScope scope(0);
    epoch.enter(0);
    for (size_t i = 0; i < calls; ++i) {
      call();
      asm volatile("" ::: "memory");
    }
    epoch.leave(0);
  }
  [[gnu::noinline]] void loop_alone(size_t count) {
    repeat(count, [] {});
  }
  [[gnu::noinline]] void tell(size_t count) {
    repeat(count, [this] { hooks::observe(points.publish_routed, {client.get(), message.get(), 1}); });
  }
  /// As a session asks: the answer may come later.
  [[gnu::noinline]] void ask(size_t count) {
    hooks::PublishAcceptEvent event;
    event.client = client.get();
    event.message = message;
    hooks::HookPending<hooks::PublishAcceptEvent> pending([](void*, hooks::PublishAcceptEvent&) {}, nullptr);
    repeat(count, [&] {
      if (!hooks::run(points.publish_accept, deferrals, event, pending)) std::abort();
    });
  }

  base::SystemClock clock;
  base::SeededRandom random{1};
  base::TimerWheel timers;
  base::Counters counters;
  base::EpochDomain epoch;
  base::Mailbox mailbox{[](void*) {}, nullptr};
  base::ShardServices services;
  base::Deferrals deferrals{services};
  base::CompletionRouter completions;
  hooks::HookPoints points;
  access::AccessPoints access;
  access::ClientInfoRef client;
  mqtt::MessageRef message;
  std::unique_ptr<plugin_bridge::Bridge> bridge;
  std::vector<std::unique_ptr<plugin_bridge::Instance>> instances;
};

template <class Run>
double best_ns(Run&& run) {
  double best = 1e9;
  for (int block = 0; block < kBlocks; ++block) {
    const auto begin = Clock::now();
    run(kCalls / kBlocks);
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

/// How many listen at which point.
struct Case {
  const char* name;
  const char* kind;
  uint32_t listeners;
  void (Bench::*run)(size_t);
  const char* text;
};
constexpr Case kCases[] = {
    {"loop", "", 0, &Bench::loop_alone, "the loop alone"},
    {"empty", "", 0, &Bench::tell, "publish.routed, 0 observers"},
    {"one", "routed", 1, &Bench::tell, "publish.routed, 1 observer"},
    {"four", "routed", 4, &Bench::tell, "publish.routed, 4 observers"},
    {"ask_one", "accept", 1, &Bench::ask, "publish.accept, 1 is asked"},
    {"ask_four", "accept", 4, &Bench::ask, "publish.accept, 4 are asked"},
    {"filters", "filter", 8, &Bench::ask, "publish.accept, 8 filter it"},
};

int run_one(std::string_view name, size_t calls) {
  for (const Case& each : kCases) {
    if (name != each.name) continue;
    Bench bench;
    if (each.listeners != 0) bench.listen(each.kind, each.listeners);
    (bench.*each.run)(calls);
    std::printf("%s: %zu calls, %llu seen\n", each.name, calls, static_cast<unsigned long long>(bench.calls()));
    return 0;
  }
  return 1;
}

}  // namespace

int main(int count, char** arguments) {
  if (count == 3) return run_one(arguments[1], std::strtoull(arguments[2], nullptr, 10));
  std::printf("%-28s %6.2f ns\n", "function pointer alone", pointer_ns());
  for (const Case& each : kCases) {
    Bench bench;
    if (each.listeners != 0) bench.listen(each.kind, each.listeners);
    std::printf("%-28s %6.2f ns\n", each.text, best_ns([&](size_t calls) { (bench.*each.run)(calls); }));
  }
  std::printf("%-28s %6.2f ns\n", "timing, a 256th of it", timing_ns() / 256);
  return 0;
}
