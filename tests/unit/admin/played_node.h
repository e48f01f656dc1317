#pragma once

#include <atomic>
#include <deque>
#include <string>
#include <thread>
#include <utility>

#include "plugin_services/service_shards.h"
#include "support/flow_harness.h"
#include "support/test_client.h"

namespace patchbay::test {

/// The whole flow plane on two shards that the test's thread plays, and askers that wait for them as the threads of the
/// REST server do.
struct PlayedNode {
  TestClient& connect(const std::string& client_id, uint32_t session_expiry_interval_s = 0,
                      const std::string& user_name = {}) {
    TestClient& client = clients.emplace_back(flow);
    ConnectOptions options;
    options.client_id = client_id;
    options.user_name = user_name;
    options.session_expiry_interval_s = session_expiry_interval_s;
    client.connect(options);
    return client;
  }
  /// What `question` returns, asked by another thread while this one plays the shards.
  template <class Question>
  auto ask(Question question) {
    decltype(question()) answer{};
    std::atomic<bool> answered{false};
    std::thread asker([&] {
      answer = question();
      answered = true;
    });
    while (!answered) flow.settle();
    asker.join();
    flow.settle();
    return answer;
  }

  FlowHarness flow;
  std::deque<TestClient> clients;
  plugin_services::ServiceShards shards{
      {{&flow.environment(0).shard, &flow.environment(0)}, {&flow.environment(1).shard, &flow.environment(1)}}};
};

}  // namespace patchbay::test
