#include "metrics/sys_topics.h"

#include <algorithm>
#include <string_view>

#include "base/utc_time.h"

namespace patchbay::metrics {

namespace {

constexpr std::string_view kCount = ".count";

std::string node_topic(const NodeInfo& node, std::string_view below) {
  return "$SYS/brokers/" + node.name + '/' + std::string(below);
}

std::string as_levels(std::string_view counter_name) {
  std::string levels(counter_name);
  std::replace(levels.begin(), levels.end(), '.', '/');
  return levels;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    if (!text.empty()) text += ',';
    text += name;
  }
  return text;
}

// EMQX has `stats/connections/count` and `stats/connections/max`. A gauge of ours that is no count has only its value.
void add_stat(std::vector<SysMessage>& messages, const NodeInfo& node, base::Counter counter,
              const MetricsSnapshot& snapshot) {
  const std::string_view name = base::counter_info(counter).name;
  messages.push_back({node_topic(node, "stats/" + as_levels(name)), std::to_string(snapshot.get(counter)), false});
  if (name.size() <= kCount.size() || name.substr(name.size() - kCount.size()) != kCount) return;
  const std::string_view stem = name.substr(0, name.size() - kCount.size());
  messages.push_back(
      {node_topic(node, "stats/" + as_levels(stem) + "/max"), std::to_string(snapshot.max(counter)), false});
}

}  // namespace

std::vector<SysMessage> sys_heartbeat(const NodeInfo& node) {
  return {{node_topic(node, "uptime"), std::to_string(node.uptime_ms), false},
          {node_topic(node, "datetime"), base::utc_time_text(node.unix_ms), false}};
}

std::vector<SysMessage> sys_report(const NodeInfo& node, const MetricsSnapshot& snapshot) {
  std::vector<SysMessage> messages = {{"$SYS/brokers", joined(node.running_nodes), true},
                                      {node_topic(node, "version"), node.version, true},
                                      {node_topic(node, "sysdescr"), node.description, true}};
  for (size_t index = 0; index < base::kCounterCount; ++index) {
    const auto counter = static_cast<base::Counter>(index);
    if (is_gauge(counter)) {
      add_stat(messages, node, counter, snapshot);
      continue;
    }
    const std::string topic = node_topic(node, "metrics/" + as_levels(base::counter_info(counter).name));
    messages.push_back({topic, std::to_string(snapshot.get(counter)), false});
  }
  return messages;
}

}  // namespace patchbay::metrics
