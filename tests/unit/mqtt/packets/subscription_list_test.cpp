#include "mqtt/packets/subscription_list.h"

#include <catch2/catch.hpp>
#include <string>

namespace patchbay::mqtt {

TEST_CASE("subscription options: every valid byte is read and written the same") {
  int valid = 0;
  for (int byte = 0; byte < 0x40; ++byte) {
    if ((byte & 0x03) == 3 || (byte & 0x30) == 0x30) continue;
    CHECK(SubscriptionOptions::from_byte(static_cast<uint8_t>(byte)).to_byte() == byte);
    ++valid;
  }
  CHECK(valid == 3 * 2 * 2 * 3);
}

TEST_CASE("subscription options: the bits are those of figure 3-21") {
  const SubscriptionOptions options = SubscriptionOptions::from_byte(0x2D);
  CHECK(options.maximum_qos == Qos::at_least_once);
  CHECK(options.no_local);
  CHECK(options.retain_as_published);
  CHECK(options.retain_handling == RetainHandling::do_not_send);
  CHECK(SubscriptionOptions{}.to_byte() == 0);
}

TEST_CASE("subscription list: entries come back in their order, as often as one reads") {
  std::vector<uint8_t> bytes;
  SubscriptionOptions options;
  options.maximum_qos = Qos::exactly_once;
  append_subscription(bytes, {"a/+", options});
  append_subscription(bytes, {"$share/g/b", {}});
  const SubscriptionList list{bytes, 2};
  for (int turn = 0; turn < 2; ++turn) {
    SubscriptionReader reader = list.read();
    SubscriptionRequest request;
    REQUIRE(reader.next(request));
    CHECK(request.topic_filter == "a/+");
    CHECK(request.options == options);
    REQUIRE(reader.next(request));
    CHECK(request.topic_filter == "$share/g/b");
    CHECK(request.options == SubscriptionOptions{});
    CHECK_FALSE(reader.next(request));
    CHECK(request.topic_filter == "$share/g/b");
  }
}

TEST_CASE("topic filter list: entries come back in their order") {
  std::vector<uint8_t> bytes;
  append_topic_filter(bytes, "one");
  append_topic_filter(bytes, "#");
  const TopicFilterList list{bytes, 2};
  TopicFilterReader reader = list.read();
  std::string_view topic_filter;
  REQUIRE(reader.next(topic_filter));
  CHECK(topic_filter == "one");
  REQUIRE(reader.next(topic_filter));
  CHECK(topic_filter == "#");
  CHECK_FALSE(reader.next(topic_filter));
}

TEST_CASE("shared filters are known by their first level, for the check of no-local [MQTT-3.8.3-4]") {
  CHECK(is_shared_filter("$share/group/a"));
  CHECK(is_shared_filter("$share/"));
  CHECK_FALSE(is_shared_filter("$share"));
  CHECK_FALSE(is_shared_filter("$shared/group/a"));
  CHECK_FALSE(is_shared_filter("a/$share/b"));
}

}  // namespace patchbay::mqtt
