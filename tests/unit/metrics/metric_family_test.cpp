#include <catch2/catch.hpp>

#include "metrics/metric_family.h"

using namespace patchbay::metrics;

TEST_CASE("families of plugins are written behind the broker's own, one HELP and TYPE for all samples of a name") {
  NodeInfo node;
  node.name = "n1";
  MetricFamily family{"patchbay_plugin_requests", "requests sent", false, {}};
  family.samples.push_back({{{"instance", "a"}, {"code", "200"}}, "3"});
  family.samples.push_back({{{"instance", "b"}}, "18446744073709551615"});
  CHECK(prometheus_families(node, {family}) ==
        "# HELP patchbay_plugin_requests requests sent\n"
        "# TYPE patchbay_plugin_requests counter\n"
        "patchbay_plugin_requests{node=\"n1\",instance=\"a\",code=\"200\"} 3\n"
        "patchbay_plugin_requests{node=\"n1\",instance=\"b\"} 18446744073709551615\n");
}

TEST_CASE("a gauge says so, and a family without samples still says what it is") {
  CHECK(prometheus_families({}, {{"patchbay_plugin_queue", "waiting", true, {}}}) ==
        "# HELP patchbay_plugin_queue waiting\n# TYPE patchbay_plugin_queue gauge\n");
  CHECK(prometheus_families({}, {}).empty());
}

TEST_CASE("what a plugin writes into labels and help cannot break the page") {
  MetricFamily family{"patchbay_plugin_x", "line\none \\ back", true, {}};
  family.samples.push_back({{{"l", "a\"b\\c\nd"}}, "-1"});
  const std::string text = prometheus_families({}, {family});
  CHECK(text.find("# HELP patchbay_plugin_x line one \\\\ back\n") == 0);
  CHECK(text.find("l=\"a\\\"b\\\\c\\nd\"} -1\n") != std::string::npos);
}
