#include "access/event_filter.h"

#include <catch2/catch.hpp>

#include "access/permission_set.h"

using patchbay::access::EventFilter;
using patchbay::access::filters_overlap;
using patchbay::access::PreparedFilter;

TEST_CASE("a filter passes what it overlaps with, wherever the two begin to differ") {
  const char* const kTexts[] = {"a",    "b",      "a/b",   "a/bc", "ab/b",    "a/b/c",  "a/+",   "a/#",   "+",
                                "#",    "+/b",    "+/b/#", "$SYS", "$SYS/a",  "$SYS/#", "/",     "/a",    "a/",
                                "a//b", "slow/#", "slo",   "slow", "slow/er", "slower", "a/+/c", "a/b/#", "\xc3\xa4/b"};
  for (const char* filter : kTexts) {
    EventFilter wanted;
    wanted.topic_filters = {filter};
    const PreparedFilter prepared(wanted);
    for (const char* topic : kTexts) {
      INFO(filter << " and " << topic);
      CHECK(wanted.passes(topic, "", "") == filters_overlap(filter, topic));
      if (prepared.is_elsewhere(topic)) CHECK_FALSE(filters_overlap(filter, topic));
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

TEST_CASE("A topic that a prepared filter says is elsewhere is one that the filter does not pass") {
  const char* const kTexts[] = {
      "plant/1/state", "plant/+/state", "plant/#",       "plant/1/#",   "plant",      "plant/",
      "plantation/1",  "+/1/state/now", "pl+nt/1/state", "pl/+/state1", "#",          "$SYS/broker",
      "plant/12/sta",  "plant/1/",      "site/001/dev",  "site/001",    "site/+/dev", "s"};
  size_t elsewhere = 0;
  for (const char* filter : kTexts) {
    EventFilter wanted;
    wanted.topic_filters = {filter};
    const PreparedFilter prepared(wanted);
    for (const char* topic : kTexts) {
      INFO(filter << " and " << topic);
      CHECK(prepared.passes(topic, "", "") == wanted.passes(topic, "", ""));
      if (!prepared.is_elsewhere(topic)) continue;
      ++elsewhere;
      CHECK_FALSE(wanted.passes(topic, "", ""));
    }
  }
  CHECK(elsewhere > 50);
}

TEST_CASE("With several filters a topic is elsewhere when it is so for all, with none it never is") {
  EventFilter wanted;
  CHECK_FALSE(PreparedFilter(wanted).is_elsewhere("factory/hall/1"));
  wanted.topic_filters = {"factory/#", "home/+/light"};
  const PreparedFilter prepared(wanted);
  CHECK_FALSE(prepared.is_elsewhere("factory/hall/1"));
  CHECK_FALSE(prepared.is_elsewhere("home/kitchen"));
  CHECK(prepared.is_elsewhere("house/kitchen"));
  CHECK(prepared.is_elsewhere("factories/hall"));
  CHECK(prepared.is_elsewhere("site/1"));
  CHECK_FALSE(prepared.is_elsewhere("home"));
  CHECK_FALSE(prepared.is_elsewhere("factory"));
  CHECK_FALSE(prepared.is_elsewhere(""));
}
