#include "metrics/prometheus_text.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>

namespace patchbay::metrics {

namespace {

std::string metric_name(std::string_view counter_name) {
  std::string name = "patchbay_" + std::string(counter_name);
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

// `connections.count` has its maximum in `connections.max`, `retained.bytes` in `retained.bytes.max`.
std::string max_name(std::string_view counter_name) {
  constexpr std::string_view kCount = ".count";
  const bool counts =
      counter_name.size() > kCount.size() && counter_name.substr(counter_name.size() - kCount.size()) == kCount;
  const std::string_view stem = counts ? counter_name.substr(0, counter_name.size() - kCount.size()) : counter_name;
  return metric_name(stem) + "_max";
}

void append_label_value(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
}

class Page {
 public:
  explicit Page(std::string_view node) {
    labels_ = "node=\"";
    append_label_value(labels_, node);
    labels_ += '"';
  }

  void add(const std::string& name, std::string_view type, std::string_view help, const std::string& value,
           const std::string& more_labels = {}) {
    text_ += "# HELP " + name + ' ';
    for (const char c : help) text_ += c == '\n' ? ' ' : c;
    text_ += "\n# TYPE " + name + ' ' + std::string(type) + '\n';
    text_ += name + '{' + labels_ + more_labels + "} " + value + '\n';
  }

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  std::string labels_;
  std::string text_;
};

std::string seconds(uint64_t ms) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%llu.%03u", static_cast<unsigned long long>(ms / 1000),
                static_cast<unsigned>(ms % 1000));
  return text.data();
}

void add_node(Page& page, const NodeInfo& node) {
  std::string version = ",version=\"";
  append_label_value(version, node.version);
  version += '"';
  page.add("patchbay_build_info", "gauge", "version of the broker", "1", version);
  page.add("patchbay_uptime_seconds", "gauge", "time since the start", seconds(node.uptime_ms));
}

}  // namespace

std::string prometheus_text(const NodeInfo& node, const MetricsSnapshot& snapshot) {
  Page page(node.name);
  add_node(page, node);
  for (size_t index = 0; index < base::kCounterCount; ++index) {
    const auto counter = static_cast<base::Counter>(index);
    const base::CounterInfo& info = base::counter_info(counter);
    const bool gauge = is_gauge(counter);
    page.add(metric_name(info.name), gauge ? "gauge" : "counter", info.help, std::to_string(snapshot.get(counter)));
    if (!gauge) continue;
    const std::string help = std::string(info.help) + ": highest number seen since the start";
    page.add(max_name(info.name), "gauge", help, std::to_string(snapshot.max(counter)));
  }
  return page.take();
}

}  // namespace patchbay::metrics
