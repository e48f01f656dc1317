#include "metrics/metric_family.h"

#include <string_view>

namespace patchbay::metrics {

namespace {

void append_label(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += "=\"";
  for (const char c : value) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

void append_help(std::string& out, std::string_view help) {
  for (const char c : help) {
    if (c == '\\') out += '\\';
    out += c == '\n' || c == '\r' ? ' ' : c;
  }
}

void append_sample(std::string& out, const NodeInfo& node, const std::string& name, const MetricSample& sample) {
  out += name;
  out += '{';
  append_label(out, "node", node.name);
  for (const auto& [label, value] : sample.labels) {
    out += ',';
    append_label(out, label, value);
  }
  out += "} " + sample.value + '\n';
}

}  // namespace

std::string prometheus_families(const NodeInfo& node, const std::vector<MetricFamily>& families) {
  std::string out;
  for (const MetricFamily& family : families) {
    out += "# HELP " + family.name + ' ';
    append_help(out, family.help);
    out += "\n# TYPE " + family.name + (family.is_gauge ? " gauge\n" : " counter\n");
    for (const MetricSample& sample : family.samples) append_sample(out, node, family.name, sample);
  }
  return out;
}

}  // namespace patchbay::metrics
