#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <thread>

#include <patchbay/testing/fake_host.hpp>

#include "scripted_database.h"

namespace patchbay::acl_mysql {

/// The plugin on a fake host, before a database that the test plays. Threads of the pool are real; time is the test's.
class RunningPlugin {
 public:
  ScriptedDatabase database;
  testing::fake_host host;

  void start(const std::string& settings = R"({"pool_size": 2})") {
    host.settings(settings);
    INFO(host.errors());
    REQUIRE(host.start(patchbay_plugin_entry) == PATCHBAY_OK);
  }
  /// The answer, when it is there; nobody waits longer than a minute for it.
  testing::answer settled(testing::answer asked) {
    until([&] { return open(asked) == 0; });
    return asked;
  }
  template <typename Condition>
  void until(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    while (!condition()) {
      host.settle();
      std::this_thread::yield();
      REQUIRE(std::chrono::steady_clock::now() < end);
    }
  }
  testing::answer publish(const std::string& topic, const std::string& client_id = "c1",
                          const std::string& username = "ann") {
    return settled(host.acl_publish({.topic = topic, .client_id = client_id, .username = username}));
  }
  testing::answer subscribe(const std::string& filter, const std::string& client_id = "c1",
                            const std::string& username = "ann") {
    return settled(host.acl_subscribe({.topic = filter, .client_id = client_id, .username = username}));
  }
  testing::answer login(const std::string& username, const std::string& password) {
    return settled(host.authenticate({.client_id = "c1", .username = username, .password = password}));
  }
  std::int64_t metric(const std::string& name) { return host.store.metric(name); }
  /// Stops, and looks for what may not be left.
  void stop() {
    host.stop();
    CHECK(host.leaks().none());
    for (const std::string& violation : host.violations()) FAIL_CHECK(violation);
  }

 private:
  size_t open(const testing::answer& asked) {
    size_t same = 0;
    for (const auto& each : host.points.open()) same += each == asked.state() ? 1 : 0;
    return same;
  }
};

}  // namespace patchbay::acl_mysql
