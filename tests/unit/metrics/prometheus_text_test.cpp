#include "metrics/prometheus_text.h"

#include <catch2/catch.hpp>
#include <cctype>
#include <set>
#include <sstream>
#include <string>

using namespace patchbay;  // NOLINT: test
using base::Counter;

namespace {

metrics::MetricsSnapshot sample() {
  metrics::MetricsSnapshot snapshot;
  snapshot.values[static_cast<size_t>(Counter::connections)] = 3;
  snapshot.maxima[static_cast<size_t>(Counter::connections)] = 8;
  snapshot.values[static_cast<size_t>(Counter::messages_received)] = 123456789012;
  return snapshot;
}

metrics::NodeInfo node(const std::string& name = "patchbay@127.0.0.1") {
  return {name, "0.1.0", "Patchbay", 61'005};
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

bool is_metric_name(const std::string& name) {
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0])) != 0) return false;
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '_' && c != ':') return false;
  }
  return true;
}

}  // namespace

TEST_CASE("counters and gauges are written with help, type and node") {
  const std::string text = metrics::prometheus_text(node(), sample());
  CHECK(has(text,
            "# HELP patchbay_connections_count open connections, all protocols\n"
            "# TYPE patchbay_connections_count gauge\n"
            "patchbay_connections_count{node=\"patchbay@127.0.0.1\"} 3\n"));
  CHECK(has(text, "patchbay_connections_max{node=\"patchbay@127.0.0.1\"} 8\n"));
  CHECK(has(text,
            "# TYPE patchbay_messages_received counter\n"
            "patchbay_messages_received{node=\"patchbay@127.0.0.1\"} 123456789012\n"));
  CHECK(has(text, "patchbay_subscriptions_shared_max{"));
  CHECK(has(text, "patchbay_retained_bytes_max{"));
  CHECK(has(text, "patchbay_build_info{node=\"patchbay@127.0.0.1\",version=\"0.1.0\"} 1\n"));
  CHECK(has(text, "patchbay_uptime_seconds{node=\"patchbay@127.0.0.1\"} 61.005\n"));
}

TEST_CASE("each metric is a HELP, a TYPE and one sample, and stands once") {
  std::istringstream text(metrics::prometheus_text(node(), sample()));
  std::set<std::string> names;
  std::string help;
  std::string type;
  std::string value;
  while (std::getline(text, help)) {
    REQUIRE(std::getline(text, type));
    REQUIRE(std::getline(text, value));
    INFO(value);
    REQUIRE(help.compare(0, 7, "# HELP ") == 0);
    const std::string name = help.substr(7, help.find(' ', 7) - 7);
    CHECK(is_metric_name(name));
    CHECK(names.insert(name).second);
    CHECK((type == "# TYPE " + name + " gauge" || type == "# TYPE " + name + " counter"));
    CHECK(value.compare(0, name.size() + 1, name + "{") == 0);
    const std::string number = value.substr(value.rfind(' ') + 1);
    CHECK(number.find_first_not_of("0123456789.") == std::string::npos);
  }
  size_t gauges = 0;
  for (size_t index = 0; index < base::kCounterCount; ++index) {
    gauges += metrics::is_gauge(static_cast<Counter>(index)) ? 1 : 0;
  }
  // All counters, the maxima of gauges, and two about the node.
  CHECK(names.size() == base::kCounterCount + gauges + 2);
}

TEST_CASE("label values are escaped") {
  const std::string text = metrics::prometheus_text(node("a\"b\\c\nd"), sample());
  CHECK(has(text, "{node=\"a\\\"b\\\\c\\nd\"} 3\n"));
}
