#include "access/event_filter.h"

#include <catch2/catch.hpp>

#include "access/permission_set.h"

using patchbay::access::EventFilter;
using patchbay::access::filters_overlap;

TEST_CASE("a filter passes what it overlaps with, wherever the two begin to differ") {
  const char* const kTexts[] = {"a",    "b",      "a/b",   "a/bc", "ab/b",    "a/b/c",  "a/+",   "a/#",   "+",
                                "#",    "+/b",    "+/b/#", "$SYS", "$SYS/a",  "$SYS/#", "/",     "/a",    "a/",
                                "a//b", "slow/#", "slo",   "slow", "slow/er", "slower", "a/+/c", "a/b/#", "\xc3\xa4/b"};
  for (const char* filter : kTexts) {
    EventFilter wanted;
    wanted.topic_filters = {filter};
    for (const char* topic : kTexts) {
      INFO(filter << " and " << topic);
      CHECK(wanted.passes(topic, "", "") == filters_overlap(filter, topic));
    }
  }
}

TEST_CASE("any of several filters is enough, and listener and protocol must fit as well") {
  EventFilter wanted;
  CHECK(wanted.passes("a", "tcp:default", "MQTT"));
  wanted.topic_filters = {"factory/#", "home/+/light"};
  CHECK(wanted.passes("home/kitchen/light", "tcp:default", "MQTT"));
  CHECK(wanted.passes("factory", "tcp:default", "MQTT"));
  CHECK_FALSE(wanted.passes("home/kitchen", "tcp:default", "MQTT"));
  wanted.listener_ids = {"tcp:default"};
  CHECK_FALSE(wanted.passes("factory", "ws:default", "MQTT"));
  wanted.protocol_names = {"STOMP"};
  CHECK_FALSE(wanted.passes("factory", "tcp:default", "MQTT"));
  CHECK(wanted.passes("factory", "tcp:default", "STOMP"));
}
