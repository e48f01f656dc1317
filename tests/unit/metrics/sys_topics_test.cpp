#include "metrics/sys_topics.h"

#include <catch2/catch.hpp>
#include <set>

using namespace patchbay;  // NOLINT: test
using base::Counter;
using metrics::SysMessage;

namespace {

metrics::NodeInfo node() {
  return {"patchbay@host", "0.1.0", "Patchbay MQTT broker", 90'061'001, 1'700'000'000'123, {"patchbay@host", "b@host"}};
}

const SysMessage* find(const std::vector<SysMessage>& messages, const std::string& topic) {
  for (const SysMessage& message : messages) {
    if (message.topic == topic) return &message;
  }
  return nullptr;
}

std::string payload(const std::vector<SysMessage>& messages, const std::string& topic) {
  const SysMessage* message = find(messages, topic);
  return message == nullptr ? "(no such topic)" : message->payload;
}

}  // namespace

TEST_CASE("the heartbeat is uptime in milliseconds and the date") {
  const std::vector<SysMessage> messages = metrics::sys_heartbeat(node());
  REQUIRE(messages.size() == 2);
  CHECK(messages[0] == SysMessage{"$SYS/brokers/patchbay@host/uptime", "90061001", false});
  CHECK(messages[1] == SysMessage{"$SYS/brokers/patchbay@host/datetime", "2023-11-14T22:13:20.123Z", false});
}

TEST_CASE("nodes, version and description are retained") {
  const std::vector<SysMessage> messages = metrics::sys_report(node(), {});
  CHECK(*find(messages, "$SYS/brokers") == SysMessage{"$SYS/brokers", "patchbay@host,b@host", true});
  CHECK(*find(messages, "$SYS/brokers/patchbay@host/version") ==
        SysMessage{"$SYS/brokers/patchbay@host/version", "0.1.0", true});
  CHECK(payload(messages, "$SYS/brokers/patchbay@host/sysdescr") == "Patchbay MQTT broker");
}

TEST_CASE("statistics have count and max, metrics their value, with slashes for dots") {
  metrics::MetricsSnapshot snapshot;
  snapshot.values[static_cast<size_t>(Counter::subscriptions_shared)] = 4;
  snapshot.maxima[static_cast<size_t>(Counter::subscriptions_shared)] = 9;
  snapshot.values[static_cast<size_t>(Counter::retained_bytes)] = 77;
  snapshot.values[static_cast<size_t>(Counter::messages_received_qos1)] = 12;
  const std::vector<SysMessage> messages = metrics::sys_report(node(), snapshot);
  const std::string prefix = "$SYS/brokers/patchbay@host/";
  CHECK(payload(messages, prefix + "stats/subscriptions/shared/count") == "4");
  CHECK(payload(messages, prefix + "stats/subscriptions/shared/max") == "9");
  CHECK(payload(messages, prefix + "stats/connections/count") == "0");
  CHECK(payload(messages, prefix + "stats/retained/bytes") == "77");
  CHECK(payload(messages, prefix + "metrics/messages/qos1/received") == "12");
  CHECK(payload(messages, prefix + "metrics/delivery/dropped/queue_full") == "0");
  CHECK(find(messages, prefix + "metrics/connections/count") == nullptr);
}

TEST_CASE("every topic stands once, below $SYS/brokers, without wildcards or empty levels") {
  std::set<std::string> topics;
  for (const SysMessage& message : metrics::sys_report(node(), {})) {
    INFO(message.topic);
    CHECK(topics.insert(message.topic).second);
    CHECK(message.topic.compare(0, 12, "$SYS/brokers") == 0);
    CHECK(message.topic.find_first_of("+#.") == std::string::npos);
    CHECK(message.topic.find("//") == std::string::npos);
    CHECK_FALSE(message.payload.empty());
  }
  size_t counts = 0;
  for (size_t index = 0; index < base::kCounterCount; ++index) {
    const std::string name = base::counter_info(static_cast<Counter>(index)).name;
    counts += name.size() > 6 && name.substr(name.size() - 6) == ".count" ? 1 : 0;
  }
  // Three of the node, one for each counter, and max for the gauges that are counts.
  CHECK(topics.size() == 3 + base::kCounterCount + counts);
}
