// The small parts of a session, each alone: inbound identifiers, topic aliases, home shards, origins of messages.

#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "session/inbound_inflight.h"
#include "session/message_origin.h"
#include "session/session_registry.h"
#include "session/topic_alias_map.h"

using namespace patchbay;
using namespace patchbay::session;

TEST_CASE("inbound: an identifier is kept until it is released [MQTT-4.3.3-10], [MQTT-4.3.3-12]") {
  InboundInflight inbound;
  inbound.add(7, 100);
  inbound.add(65535, 200);
  CHECK(inbound.contains(7));
  CHECK(inbound.size() == 2);
  CHECK(inbound.remove(7));
  CHECK_FALSE(inbound.remove(7));
  CHECK_FALSE(inbound.contains(7));
  inbound.add(7, 300);
  CHECK(inbound.contains(7));
}

TEST_CASE("inbound: what is never released is forgotten after its time, the oldest first") {
  InboundInflight inbound;
  for (uint16_t id = 1; id <= 5; ++id) inbound.add(id, id * 100);
  CHECK(inbound.expire(1099, 1000) == 0);
  CHECK(inbound.expire(1300, 1000) == 3);
  CHECK(inbound.size() == 2);
  CHECK_FALSE(inbound.contains(3));
  CHECK(inbound.contains(4));
}

TEST_CASE("aliases of a client: set, replaced, never guessed [MQTT-3.3.2-7], [MQTT-3.3.2-12]") {
  InboundTopicAliases aliases;
  CHECK_FALSE(aliases.find(0).has_value());
  CHECK_FALSE(aliases.find(1).has_value());
  aliases.set(3, "c");
  CHECK(aliases.find(3).value() == "c");
  CHECK_FALSE(aliases.find(2).has_value());
  CHECK_FALSE(aliases.find(4).has_value());
  aliases.set(3, "d");
  CHECK(aliases.find(3).value() == "d");
}

TEST_CASE("aliases to a client: first come, up to its maximum [MQTT-3.1.2-26], [MQTT-3.3.2-8]") {
  OutboundTopicAliases aliases(2);
  const auto first = aliases.use("a");
  CHECK((first.alias == 1 && !first.topic_known));
  CHECK(aliases.use("b").alias == 2);
  CHECK(aliases.use("c").alias == 0);
  const auto again = aliases.use("a");
  CHECK((again.alias == 1 && again.topic_known));
}

TEST_CASE("aliases to a client: one that never went out is given again") {
  OutboundTopicAliases aliases(1);
  CHECK(aliases.use("large").alias == 1);
  aliases.take_back("large");
  const auto other = aliases.use("small");
  CHECK((other.alias == 1 && !other.topic_known));
}

TEST_CASE("home shard: the same for the same client, spread evenly, also for names in a row") {
  for (const size_t shards : {size_t{1}, size_t{2}, size_t{3}, size_t{8}}) {
    std::map<base::ShardId, int> spread;
    for (int i = 0; i < 8000; ++i) ++spread[home_shard("client-" + std::to_string(i), shards)];
    REQUIRE(spread.size() == shards);
    for (const auto& [shard, count] : spread) {
      CHECK(shard < shards);
      CHECK(count > 8000 / static_cast<int>(shards) * 8 / 10);
    }
  }
  CHECK(home_shard("a", 7) == home_shard("a", 7));
  CHECK(home_shard("", 1) == 0);
}

TEST_CASE("a message that a hook put in place of another keeps its origin") {
  mqtt::MessageFields fields;
  fields.topic = "a";
  fields.publisher_client_id = "sensor";
  fields.publisher_handle = 77;
  fields.received_at_ms = 1000;
  fields.received_at_unix_ms = 2000;
  fields.flags = mqtt::MessageFlags::from_bridge;
  const auto original = mqtt::Message::create(fields);
  mqtt::MessageFields other;
  other.topic = "b";
  other.message_expiry_interval_s = 5;
  const auto replaced = with_origin_of(*original, mqtt::Message::create(other));
  CHECK(replaced->topic() == "b");
  CHECK(replaced->publisher_client_id() == "sensor");
  CHECK(replaced->publisher_handle() == 77);
  CHECK(replaced->received_at_ms() == 1000);
  CHECK(replaced->received_at_unix_ms() == 2000);
  CHECK(replaced->has_flag(mqtt::MessageFlags::from_bridge));
  CHECK(replaced->expires_at_ms() == 6000);
  mqtt::MessageFields same = original->fields();
  same.topic = "c";
  const auto untouched = mqtt::Message::create(same);
  CHECK(with_origin_of(*original, untouched) == untouched);
}

TEST_CASE("the expiry of a message that is received now counts from now") {
  mqtt::MessageFields fields;
  fields.topic = "will";
  fields.message_expiry_interval_s = 10;
  const auto message = received_now(*mqtt::Message::create(fields), 50'000, 90'000);
  CHECK(message->expires_at_ms() == 60'000);
  CHECK(message->received_at_unix_ms() == 90'000);
}
