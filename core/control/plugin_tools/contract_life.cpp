#include "plugin_tools/contract.h"
#include "plugin_tools/plugin_under_test.h"
#include "plugin_tools/process_facts.h"

/// The steps of the life cycle, also when they go wrong, and what is left afterwards.
namespace patchbay::plugin_tools {

namespace {

constexpr int kLives = 1'000;
constexpr int kLoads = 100;
constexpr uint64_t kGrowthBytesMax = 4u << 20;

bool never_unloads(const Contract& contract) {
  return contract.report().manifest && contract.report().manifest->unload == package::Manifest::Unload::never;
}

bool provides_nothing(const Contract& contract) {
  const auto& manifest = contract.report().manifest;
  return !manifest || (manifest->provides.empty() && manifest->routes.empty());
}

void starts_and_stops(Contract& contract) {
  PluginUnderTest plugin(contract);
  if (!plugin.start()) return;
  if (plugin.hooks().empty() && plugin.host().protocol.protocol == nullptr && provides_nothing(contract)) {
    contract.warn("hooks: none; it has no protocol and provides no service either");
  }
  plugin.host().advance(std::chrono::seconds(10));
  plugin.end();
}

void many_lives(Contract& contract) {
  PluginUnderTest plugin(contract);
  for (int life = 0; life < 20; ++life) {  // what is allocated once is allocated now
    if (!plugin.start()) return;
    plugin.end();
  }
  const ProcessFacts before = ProcessFacts::now();
  for (int life = 0; life < kLives; ++life) {
    if (!plugin.start()) return;
    plugin.host().destroy();
  }
  const ProcessFacts after = ProcessFacts::now();
  contract.expect(after.threads <= before.threads,
                  std::to_string(after.threads - before.threads) + " threads are left after 1,000 lives");
  contract.expect(after.descriptors <= before.descriptors,
                  std::to_string(after.descriptors - before.descriptors) + " descriptors are left after 1,000 lives");
  contract.expect(after.resident_bytes <= before.resident_bytes + kGrowthBytesMax,
                  "memory grew by " + std::to_string((after.resident_bytes - before.resident_bytes) >> 10) +
                      " KiB in 1,000 lives; 4,096 KiB are allowed");
}

void no_thread_left(Contract& contract) {
  PluginUnderTest plugin(contract, {.worker_threads = true});
  const ProcessFacts before = ProcessFacts::now();
  if (!plugin.start()) return;
  plugin.host().advance(std::chrono::seconds(1));
  for (const uint32_t hook : plugin.hooks()) ask(plugin.host(), hook, {});
  plugin.host().destroy();
  contract.expect(ProcessFacts::now().threads <= before.threads,
                  "after destroy() a thread that the host did not start is still there");
}

void unmaps_after_use(Contract& contract) {
  if (never_unloads(contract)) return contract.skip("the manifest says \"unload\": \"never\"");
  for (int load = 0; load < kLoads; ++load) {
    PluginUnderTest plugin(contract);
    if (!plugin.start()) return;
    for (const uint32_t hook : plugin.hooks()) ask(plugin.host(), hook, {});
    plugin.host().destroy();
    if (!contract.expect(plugin.file().close() && !is_mapped(contract.file()),
                         "after dlclose() its code is still mapped: thread_local objects with destructors, GNU unique "
                         "symbols and threads pin it (see plugin-sdk/README.md)")) {
      return;
    }
  }
}

/// Every host call of create, configure and start fails in turn.
void each_step_fails(Contract& contract) {
  constexpr uint64_t kCallsMax = 500;
  const auto settings = settings_for(contract);
  if (!settings) return;
  for (const patchbay_status status : {PATCHBAY_NOMEM, PATCHBAY_BUSY, PATCHBAY_DENIED}) {
    for (uint64_t call = 0; call < kCallsMax; ++call) {
      PluginUnderTest plugin(contract);
      plugin.host().settings(*settings);
      plugin.host().fail_after(call, status);
      const patchbay_status outcome = plugin.host().start(plugin.file().entry());
      const bool failed_here = outcome != PATCHBAY_OK;
      plugin.host().fail_after(0, PATCHBAY_OK, 0);
      plugin.end();
      if (!failed_here && call > 0) break;
    }
  }
}

void bad_settings(Contract& contract) {
  for (const char* settings : {"", "null", "[]", "{\"", "{\"unknown\":{\"deep\":[1,2,3]}}", "\"text\"", "\xff\xfe"}) {
    PluginUnderTest plugin(contract);
    if (plugin.host().create(plugin.file().entry()) != PATCHBAY_OK) {
      contract.fail("create() failed although nothing was wrong");
      return;
    }
    if (plugin.host().configure(settings) != PATCHBAY_OK && plugin.host().errors().empty())
      contract.warn(std::string("configure() refused '") + settings + "' without a sentence");
    plugin.end();
  }
}

void configured_while_running(Contract& contract) {
  PluginUnderTest plugin(contract);
  if (!plugin.start()) return;
  for (uint32_t change = 0; change < 20; ++change) {
    const auto settings = settings_for(contract, change % 2);
    if (!settings) return;
    const patchbay_status status = plugin.host().configure(*settings);
    contract.expect(status == PATCHBAY_OK || status == PATCHBAY_NEEDS_RESTART || !plugin.host().errors().empty(),
                    "configure() while running refused valid settings without a sentence");
    for (const uint32_t hook : plugin.hooks()) ask(plugin.host(), hook, {});
  }
  plugin.end();
}

constexpr int kTriesOfTwoInstances = 3;

/// What instance one answers, before there is an instance two, beside it, and after it: empty, or how that differs.
/// Nothing where the plugin did not start, which is told elsewhere.
std::optional<std::string> difference_by_second_instance(Contract& contract) {
  PluginUnderTest one(contract, {.instance_name = "one"});
  if (!one.start(0)) return std::nullopt;
  const auto answers = [&] {
    std::string text;
    for (const uint32_t hook : one.hooks()) {
      const testing::answer answer = ask(one.host(), hook, {});
      text += std::to_string(hook) + ':' + std::to_string(answer.kind()) + '/' + std::to_string(answer.reason()) + ' ';
    }
    return text;
  };
  const std::string alone = answers();
  std::string difference;
  {
    PluginUnderTest two(contract, {.instance_name = "two"});
    if (!two.start(1)) return std::nullopt;
    for (const uint32_t hook : two.hooks()) ask(two.host(), hook, {});
    if (answers() != alone) difference = "an instance answers differently when there is a second one: they share state";
    two.end();
  }
  if (difference.empty() && answers() != alone)
    difference = "an instance answers differently after a second one has gone";
  one.end();
  return difference;
}

/// A back end that comes or goes just then changes answers too, but not three times in a row between the same two
/// calls; state that instances share does, for each try loads the plugin anew.
void two_instances(Contract& contract) {
  if (contract.report().manifest && contract.report().manifest->instances == package::Manifest::Instances::one)
    return contract.skip("the manifest says \"instances\": \"one\"");
  const int tries = never_unloads(contract) ? 1 : kTriesOfTwoInstances;
  std::optional<std::string> difference;
  for (int attempt = 0; attempt < tries; ++attempt) {
    difference = difference_by_second_instance(contract);
    if (!difference || difference->empty()) return;
  }
  contract.fail(*difference);
}

void stops_in_the_middle(Contract& contract) {
  PluginUnderTest plugin(contract);
  if (!plugin.start()) return;
  for (const uint32_t hook : plugin.hooks()) {
    for (int count = 0; count < 10; ++count) ask(plugin.host(), hook, {.client_id = "client-" + std::to_string(count)});
  }
  plugin.end();  // without waiting for timers, work or answers
}

}  // namespace

std::vector<ContractTest> life_tests() {
  return {{"life", "starts and stops", &starts_and_stops},
          {"life", "1,000 lives leave nothing", &many_lives},
          {"life", "no thread is left", &no_thread_left},
          {"life", "unmaps after use, 100 times", &unmaps_after_use},
          {"life", "each host call fails in turn", &each_step_fails},
          {"life", "bad settings", &bad_settings},
          {"life", "configured while running", &configured_while_running},
          {"life", "two instances", &two_instances},
          {"life", "stops in the middle", &stops_in_the_middle}};
}

}  // namespace patchbay::plugin_tools
