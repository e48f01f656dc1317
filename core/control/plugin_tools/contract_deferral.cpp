#include "patchbay/testing/chaos.hpp"
#include "plugin_tools/contract.h"
#include "plugin_tools/plugin_under_test.h"

/// Answers that come later: once, or never; and what the plugin does when nobody waits any more.
namespace patchbay::plugin_tools {

namespace {

std::vector<uint32_t> deferrable(const PluginUnderTest& plugin) {
  std::vector<uint32_t> hooks = plugin.hooks();
  std::erase_if(hooks, [](uint32_t hook) { return !testing::hook_row_of(hook).may_defer; });
  return hooks;
}

/// The plugin running, and its points that may defer; empty: said why.
std::vector<uint32_t> start(Contract& contract, PluginUnderTest& plugin) {
  if (!plugin.start()) return {};
  auto hooks = deferrable(plugin);
  if (hooks.empty()) {
    contract.skip("it listens at no point that may defer");
    plugin.end();
  }
  return hooks;
}

void many_outstanding(Contract& contract) {
  constexpr int kQuestions = 10'000;
  PluginUnderTest plugin(contract, {.views = testing::views::keep});
  for (const uint32_t hook : start(contract, plugin)) {
    std::vector<testing::answer> answers;
    for (int count = 0; count < kQuestions; ++count)
      answers.push_back(ask(plugin.host(), hook, {.client_id = "client-" + std::to_string(count)}));
    plugin.host().advance(std::chrono::minutes(2));
    for (const testing::answer& answer : answers) {
      if (!contract.expect(answer.done(), "a question is open after its deadline")) break;
    }
    contract.expect(plugin.host().points.open().empty(), "tokens are open after all deadlines");
  }
  if (plugin.host().running()) plugin.end();
}

void clients_go(Contract& contract) {
  PluginUnderTest plugin(contract, {.views = testing::views::fence});
  for (const uint32_t hook : start(contract, plugin)) {
    for (int count = 0; count < 100; ++count) {
      const testing::answer answer = ask(plugin.host(), hook, {});
      if (!answer.done()) plugin.host().points.client_gone(answer);
    }
    plugin.host().advance(std::chrono::minutes(2));
  }
  if (plugin.host().running()) plugin.end();
}

void drained_while_deferred(Contract& contract) {
  PluginUnderTest plugin(contract, {.views = testing::views::fence});
  for (const uint32_t hook : start(contract, plugin)) {
    for (int count = 0; count < 100; ++count) ask(plugin.host(), hook, {});
  }
  if (!plugin.host().running()) return;
  plugin.host().drain();
  plugin.host().advance(std::chrono::minutes(2));
  contract.expect(plugin.host().points.open().empty(), "tokens are open after drain() and all deadlines");
  plugin.end();
}

/// Answers before anybody has said that they may come later are legal; two answers to one question are not.
void answered_once(Contract& contract) {
  PluginUnderTest plugin(contract, {.views = testing::views::fence});
  const auto hooks = start(contract, plugin);
  for (const uint32_t hook : hooks) {
    // Counted from before the first question: both answers may come within the call.
    const uint64_t stale = plugin.host().points.stale_completions;
    for (int count = 0; count < 100; ++count) ask(plugin.host(), hook, {});
    plugin.host().advance(std::chrono::milliseconds(500));
    if (plugin.host().points.stale_completions != stale)
      contract.warn(std::string(testing::hook_row_of(hook).name) + ": a question was answered more than once");
    plugin.host().advance(std::chrono::minutes(2));
  }
  if (plugin.host().running()) plugin.end();
}

void bad_days(Contract& contract) {
  PluginUnderTest plugin(contract, {.views = testing::views::fence});
  for (const uint32_t hook : start(contract, plugin)) {
    testing::chaos chaos(plugin.host(), contract.seed());
    const auto answers = chaos.run(500, [&](testing::fake_host& host, size_t count) {
      return ask(host, hook, {.client_id = "client-" + std::to_string(count % 17)});
    });
    for (const testing::answer& answer : answers) {
      if (!contract.expect(answer.done(), "a question is open after a bad day")) break;
    }
  }
  if (plugin.host().running()) plugin.end();
}

}  // namespace

std::vector<ContractTest> deferral_tests() {
  return {{"deferral", "10,000 outstanding", &many_outstanding},
          {"deferral", "clients go away", &clients_go},
          {"deferral", "drained while deferred", &drained_while_deferred},
          {"deferral", "answered once", &answered_once},
          {"deferral", "bad days", &bad_days}};
}

}  // namespace patchbay::plugin_tools
