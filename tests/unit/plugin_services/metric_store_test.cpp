#include <catch2/catch.hpp>
#include <thread>

#include "base/shard.h"
#include "plugin_services/metric_store.h"

using namespace patchbay;
using namespace patchbay::plugin_services;

namespace {

uint32_t declare(MetricStore& store, MetricDeclaration declaration) {
  uint32_t metric = 999;
  REQUIRE(store.declare(std::move(declaration), metric) == DeclareStatus::ok);
  return metric;
}

DeclareStatus status_of(MetricStore& store, MetricDeclaration declaration) {
  uint32_t metric = 0;
  return store.declare(std::move(declaration), metric);
}

}  // namespace

TEST_CASE("a counter is the sum of what shards and other threads have added") {
  MetricStore store(2, 10);
  const uint32_t requests = declare(store, {"requests", MetricKind::counter, "sent", {}});
  const uint32_t others = declare(store, {"others", MetricKind::counter, "sent", {}});
  store.add(requests, 1);
  for (base::ShardId shard = 0; shard < 2; ++shard) {
    const base::ShardScope scope(shard);
    store.add(requests, 10);
    store.add(requests, 10);
  }
  std::thread([&] { store.add(requests, 100); }).join();
  CHECK(store.counter_value(requests) == 141);
  CHECK(store.counter_value(others) == 0);
}

TEST_CASE("a gauge is what was set last, also below zero") {
  MetricStore store(2, 10);
  const uint32_t waiting = declare(store, {"waiting", MetricKind::gauge, "", {}});
  store.set(waiting, 7);
  const base::ShardScope scope(1);
  store.set(waiting, -3);
  CHECK(store.gauge_value(waiting) == -3);
}

TEST_CASE("what was not declared, or is of the other kind, is not counted") {
  MetricStore store(1, 10);
  store.add(0, 1);
  store.set(0, 1);
  const uint32_t counter = declare(store, {"c", MetricKind::counter, "", {}});
  const uint32_t gauge = declare(store, {"g", MetricKind::gauge, "", {}});
  store.set(counter, 5);
  store.add(gauge, 5);
  store.add(77, 5);
  CHECK(store.counter_value(counter) == 0);
  CHECK(store.gauge_value(gauge) == 0);
  CHECK(store.counter_value(77) == 0);
}

TEST_CASE("names and labels are what Prometheus takes") {
  MetricStore store(1, 10);
  CHECK(status_of(store, {"", MetricKind::counter, "", {}}) == DeclareStatus::invalid);
  CHECK(status_of(store, {"9lives", MetricKind::counter, "", {}}) == DeclareStatus::invalid);
  CHECK(status_of(store, {"with-dash", MetricKind::counter, "", {}}) == DeclareStatus::invalid);
  CHECK(status_of(store, {std::string(257, 'a'), MetricKind::counter, "", {}}) == DeclareStatus::invalid);
  CHECK(status_of(store, {"m", MetricKind::counter, "\xff", {}}) == DeclareStatus::invalid);
  CHECK(status_of(store, {"m", MetricKind::counter, "", {{"instance", "x"}}}) == DeclareStatus::invalid);
  CHECK(status_of(store, {"m", MetricKind::counter, "", {{"node", "x"}}}) == DeclareStatus::invalid);
  CHECK(status_of(store, {"m", MetricKind::counter, "", {{"__x", "x"}}}) == DeclareStatus::invalid);
  CHECK(status_of(store, {"m", MetricKind::counter, "", {{"a", "1"}, {"a", "2"}}}) == DeclareStatus::invalid);
  CHECK(status_of(store, {"m", MetricKind::counter, "", {{"a", "1"}, {"B", "2"}}}) == DeclareStatus::ok);
  CHECK(store.size() == 1);
}

TEST_CASE("the same name and labels exist once, in whatever order the labels come, and of one kind") {
  MetricStore store(1, 10);
  CHECK(status_of(store, {"m", MetricKind::counter, "", {{"a", "1"}, {"b", "2"}}}) == DeclareStatus::ok);
  CHECK(status_of(store, {"m", MetricKind::counter, "", {{"b", "2"}, {"a", "1"}}}) == DeclareStatus::exists);
  CHECK(status_of(store, {"m", MetricKind::counter, "", {{"b", "3"}, {"a", "1"}}}) == DeclareStatus::ok);
  CHECK(status_of(store, {"m", MetricKind::gauge, "", {{"b", "4"}}}) == DeclareStatus::exists);
}

TEST_CASE("plugins.max_metrics bounds what an instance declares") {
  MetricStore store(1, 2);
  CHECK(status_of(store, {"a", MetricKind::counter, "", {}}) == DeclareStatus::ok);
  CHECK(status_of(store, {"b", MetricKind::counter, "", {}}) == DeclareStatus::ok);
  CHECK(status_of(store, {"c", MetricKind::counter, "", {}}) == DeclareStatus::full);
}

TEST_CASE("metrics of all instances are collected by name, each under its instance") {
  MetricStore first(1, 10);
  MetricStore second(1, 10);
  first.add(declare(first, {"requests", MetricKind::counter, "sent", {{"code", "200"}}}), 3);
  second.add(declare(second, {"requests", MetricKind::counter, "sent", {}}), 4);
  second.set(declare(second, {"waiting", MetricKind::gauge, "in line", {}}), -1);
  std::vector<metrics::MetricFamily> families;
  first.collect("a", families);
  second.collect("b", families);
  REQUIRE(families.size() == 2);
  CHECK(families[0].name == "patchbay_plugin_requests");
  CHECK_FALSE(families[0].is_gauge);
  REQUIRE(families[0].samples.size() == 2);
  CHECK(families[0].samples[0].labels ==
        std::vector<std::pair<std::string, std::string>>{{"instance", "a"}, {"code", "200"}});
  CHECK(families[0].samples[0].value == "3");
  CHECK(families[0].samples[1].value == "4");
  CHECK(families[1].is_gauge);
  CHECK(families[1].samples[0].value == "-1");
}

TEST_CASE("a name that another instance has for the other kind gets a family of its own") {
  MetricStore first(1, 10);
  MetricStore second(1, 10);
  static_cast<void>(declare(first, {"load", MetricKind::counter, "", {}}));
  static_cast<void>(declare(second, {"load", MetricKind::gauge, "", {}}));
  std::vector<metrics::MetricFamily> families;
  first.collect("a", families);
  second.collect("b", families);
  REQUIRE(families.size() == 2);
  CHECK(families[1].name == "patchbay_plugin_load_gauge");
}
