#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "patchbay/answers.h"
#include "patchbay/events.h"
#include "plugin_bridge/abi_views.h"
#include "plugin_bridge/bridge.h"
#include "plugin_bridge/instance.h"

namespace patchbay::test {

/// A plugin as plain C tables: functions with a `self`, nothing of the core.
class TestPlugin {
 public:
  using Answer = std::function<patchbay_verdict(const void* event, patchbay_token token)>;

  TestPlugin(plugin_bridge::Bridge& bridge, plugin_bridge::InstanceFacts facts)
      : instance(std::make_unique<plugin_bridge::Instance>(bridge, std::move(facts))) {
    plugin.size = sizeof plugin;
    plugin.self = this;
    plugin.on_cancel = [](void* self, patchbay_token token) {
      static_cast<TestPlugin*>(self)->cancelled.push_back(token.id);
    };
    instance->set_plugin(&plugin);
  }
  /// Of a fixture that has a bridge.
  template <class Fixture>
  TestPlugin(Fixture& fixture, plugin_bridge::InstanceFacts facts) : TestPlugin(*fixture.bridge, std::move(facts)) {}
  template <class Fixture>
  explicit TestPlugin(Fixture& fixture, uint32_t number = 1)
      : TestPlugin(*fixture.bridge, facts("plugin" + std::to_string(number), number)) {}

  static plugin_bridge::InstanceFacts facts(std::string name, uint32_t number) {
    plugin_bridge::InstanceFacts facts;
    facts.name = std::move(name);
    facts.number = number;
    facts.plugin_id = "com.example.test";
    facts.version = "1.0.0";
    return facts;
  }

  [[nodiscard]] const patchbay_host* host() const { return instance->host(); }
  [[nodiscard]] const patchbay_answers& answers() const {
    return *static_cast<const patchbay_answers*>(host()->get(host(), PATCHBAY_ANSWERS_1));
  }

  /// Registers a hook that `answer` answers.
  patchbay_status on(uint32_t hook, uint32_t phase, Answer answer, patchbay_hook options = {}) {
    calls_.push_back(std::make_unique<Answer>(std::move(answer)));
    options.size = sizeof options;
    options.hook = hook;
    options.phase = phase;
    options.self = calls_.back().get();
    options.fn = [](void* self, const void* event, patchbay_token token) {
      return (*static_cast<Answer*>(self))(event, token);
    };
    return host()->add_hook(host(), &options);
  }
  /// Registers a batch observer.
  using Batch = std::function<void(const patchbay_record* records, size_t count)>;
  patchbay_status on_batch(uint32_t hook, Batch batch, patchbay_hook options = {}) {
    batches_.push_back(std::make_unique<Batch>(std::move(batch)));
    options.size = sizeof options;
    options.hook = hook;
    options.phase = PATCHBAY_PHASE_OBSERVE;
    options.self = batches_.back().get();
    options.batch = [](void* self, const patchbay_record* records, size_t count) {
      (*static_cast<Batch*>(self))(records, count);
    };
    return host()->add_hook(host(), &options);
  }
  void start() { instance->gate().move_to(plugin_bridge::GateState::open); }
  [[nodiscard]] plugin_bridge::Hook& hook(size_t index = 0) { return *instance->hooks()[index]; }

  patchbay_plugin plugin{};
  std::vector<uint64_t> cancelled;
  std::unique_ptr<plugin_bridge::Instance> instance;

 private:
  std::deque<std::unique_ptr<Answer>> calls_;
  std::deque<std::unique_ptr<Batch>> batches_;
};

[[nodiscard]] inline patchbay_verdict answer(uint8_t kind, uint8_t reason = 0) {
  patchbay_verdict verdict{};
  verdict.kind = kind;
  verdict.reason = reason;
  return verdict;
}
[[nodiscard]] inline patchbay_verdict answer_with(uint8_t kind, uint64_t handle) {
  patchbay_verdict verdict{};
  verdict.kind = kind;
  verdict.flags = PATCHBAY_VERDICT_ARG;
  verdict.arg = handle;
  return verdict;
}
[[nodiscard]] inline patchbay_str text(std::string_view from) {
  return plugin_bridge::view(from);
}
[[nodiscard]] inline std::string text(patchbay_str from) {
  return std::string(plugin_bridge::text_of(from));
}

/// All hooks of these instances, in this order, as Bridge::publish() wants them.
[[nodiscard]] inline plugin_bridge::PublishedChains all_hooks_of(
    const std::vector<plugin_bridge::Instance*>& instances) {
  plugin_bridge::PublishedChains chains;
  uint32_t place = 0;
  for (plugin_bridge::Instance* instance : instances) {
    for (const auto& hook : instance->hooks()) {
      plugin_bridge::PublishedHook published;
      published.hook = hook.get();
      published.list_index = place;
      chains.hooks.push_back(published);
    }
    ++place;
  }
  return chains;
}

}  // namespace patchbay::test
