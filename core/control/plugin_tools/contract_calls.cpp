#include <chrono>

#include "base/clock.h"
#include "plugin_tools/contract.h"
#include "plugin_tools/plugin_under_test.h"

/// Each hook with the usual, the empty, the largest and the wrong.
namespace patchbay::plugin_tools {

namespace {

/// Inputs that a peer can bring about, from nothing to the largest.
std::vector<EventInput> inputs() {
  std::vector<EventInput> all(1);
  EventInput empty{"", "", "", "", "", "", 0, false, 0};
  all.push_back(empty);
  EventInput four_bytes;  // four bytes for each character
  four_bytes.text = four_bytes.topic = four_bytes.username = "\xF0\x9F\x94\x8C/\xF0\x9F\x8C\xA1";
  all.push_back(four_bytes);
  EventInput large;
  large.topic = std::string(65'535, 't');
  large.text = std::string(65'535, 'x');
  large.username = std::string(65'535, 'u');
  large.payload = std::string(size_t{1} << 20, 'p');
  large.qos = 2;
  large.retain = true;
  all.push_back(large);
  EventInput many;
  many.list_size = 4'096;
  all.push_back(many);
  EventInput hostile;
  hostile.client_id = "../../etc/passwd";
  hostile.username = "' OR 1=1 -- ${clientid} %n %s";
  hostile.topic = "$SYS/../#/+";
  hostile.topic_filter = "$share//#";
  hostile.payload = std::string("\0\xff\xfe{\"a\":", 8);
  hostile.text = "a\r\nb\0c";
  all.push_back(hostile);
  return all;
}

void each_hook(Contract& contract) {
  PluginUnderTest plugin(contract, {.views = testing::views::fence});
  if (!plugin.start()) return;
  const auto hooks = plugin.hooks();
  if (hooks.empty()) contract.skip("hooks: none");
  for (const uint32_t hook : hooks) {
    for (const EventInput& input : inputs()) ask(plugin.host(), hook, input);
  }
  // Views are unmapped by now: whoever kept one crashes here at the latest.
  plugin.host().advance(std::chrono::minutes(2));
  plugin.end();
}

void host_calls_fail(Contract& contract) {
  for (const patchbay_status status : {PATCHBAY_NOMEM, PATCHBAY_BUSY, PATCHBAY_CLOSED}) {
    PluginUnderTest plugin(contract, {.views = testing::views::fence});
    if (!plugin.start()) return;
    for (const uint32_t hook : plugin.hooks()) {
      for (uint64_t call = 0; call < 12; ++call) {
        plugin.host().fail_after(call, status);
        ask(plugin.host(), hook, {});
      }
    }
    plugin.host().fail_after(0, PATCHBAY_OK, 0);
    plugin.host().advance(std::chrono::minutes(2));
    plugin.end();
  }
}

void batches(Contract& contract) {
  PluginUnderTest plugin(contract, {.views = testing::views::fence});
  if (!plugin.start()) return;
  const auto is_batch = [](const auto& hook) { return hook.raw.batch != nullptr; };
  const auto& all = plugin.host().points.all();
  if (std::none_of(all.begin(), all.end(), is_batch)) contract.skip("no batch observers");
  for (int count = 0; count < 1'000; ++count) {
    for (const uint32_t hook : plugin.hooks()) ask(plugin.host(), hook, {.payload = std::to_string(count)});
  }
  plugin.host().advance(std::chrono::minutes(1));
  plugin.end();
}

void budgets(Contract& contract) {
  constexpr int kCalls = 2'000;
  constexpr uint64_t kHardNs = 1'000'000;
  const base::SystemClock clock;
  PluginUnderTest plugin(contract, {.views = testing::views::keep});
  if (!plugin.start()) return;
  if (plugin.host().points.thread_kind == PATCHBAY_THREAD_WORKER) {
    plugin.end();
    return contract.skip("its hooks run on workers");
  }
  for (const uint32_t hook : plugin.hooks()) {
    const uint64_t begin_ns = clock.steady_ns();
    for (int call = 0; call < kCalls; ++call) ask(plugin.host(), hook, {});
    if ((clock.steady_ns() - begin_ns) / kCalls > kHardNs) {
      contract.warn(std::string(testing::hook_row_of(hook).name) +
                    " takes more than 1 ms for a call: a shard would open its breaker");
    }
    plugin.host().advance(std::chrono::minutes(1));
  }
  plugin.end();
}

}  // namespace

std::vector<ContractTest> call_tests() {
  return {{"calls", "each hook, each input, fenced views", &each_hook},
          {"calls", "host calls fail inside hooks", &host_calls_fail},
          {"calls", "batches", &batches},
          {"calls", "budgets", &budgets}};
}

}  // namespace patchbay::plugin_tools
