#pragma once

#include <memory>
#include <vector>

#include "plugin_bridge/bridge.h"
#include "support/flow_harness.h"
#include "support/test_client.h"
#include "unit/plugin_bridge/support/test_plugin.h"

namespace patchbay::test {

/// The whole flow plane, and one plugin behind the bridge: what its tables answer is seen in the packets of clients.
class FlowFixture {
 public:
  explicit FlowFixture(FlowOptions options = {}) : harness(std::move(options)) {
    plugin_bridge::BridgeEnvironment environment{
        harness.clock, harness.epoch, harness.completions, harness.hook_points, harness.access_points, {}, nullptr};
    for (size_t i = 0; i < harness.shard_count(); ++i) {
      environment.shards.push_back(&harness.environment(static_cast<base::ShardId>(i)).shard);
    }
    plugin_bridge::BridgeOptions bridge_options;
    bridge_options.workers.threads = 0;
    bridge = std::make_unique<plugin_bridge::Bridge>(environment, bridge_options);
    plugin = std::make_unique<TestPlugin>(*this, 1);
  }
  ~FlowFixture() {
    if (bridge != nullptr) static_cast<void>(bridge->publish({}, 100));
  }

  /// Registers a hook; in force with start().
  void on(uint32_t hook, uint32_t phase, TestPlugin::Answer answer, std::string_view topic_filter = {}) {
    const patchbay_str wanted = text(topic_filter);
    patchbay_filter filter{};
    filter.size = sizeof filter;
    filter.topic_filters = &wanted;
    filter.topic_filter_count = 1;
    patchbay_hook options{};
    if (!topic_filter.empty()) options.filter = &filter;
    options.flags = PATCHBAY_HOOK_INLINE;
    REQUIRE(plugin->on(hook, phase, std::move(answer), options) == PATCHBAY_OK);
  }
  void start() {
    plugin->start();
    REQUIRE(bridge->publish(all_hooks_of({plugin->instance.get()}), 100));
  }
  /// Answers and lets the shards run.
  patchbay_status complete(patchbay_token token, patchbay_verdict verdict) {
    const patchbay_status status = host()->complete(host(), token, &verdict);
    harness.settle();
    return status;
  }
  [[nodiscard]] const patchbay_host* host() const { return plugin->host(); }
  [[nodiscard]] const patchbay_answers& answers() const { return plugin->answers(); }
  /// A message of the plugin's own, its share with the caller.
  [[nodiscard]] const patchbay_message* make(std::string_view topic, std::string_view payload,
                                             const patchbay_message* base = nullptr) {
    patchbay_message_fields fields{};
    fields.size = sizeof fields;
    fields.present = (topic.empty() ? 0U : PATCHBAY_FIELD_TOPIC) | PATCHBAY_FIELD_PAYLOAD;
    fields.topic = text(topic);
    fields.payload = {reinterpret_cast<const uint8_t*>(payload.data()), payload.size()};
    return host()->message_create(host(), base, &fields);
  }

  FlowHarness harness;
  std::unique_ptr<plugin_bridge::Bridge> bridge;
  std::unique_ptr<TestPlugin> plugin;
};

}  // namespace patchbay::test
