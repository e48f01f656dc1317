#include "config/did_you_mean.h"

#include <catch2/catch.hpp>
#include <vector>

using namespace patchbay::config;  // NOLINT: test

TEST_CASE("edit distance counts changed, missing, added and swapped letters") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("abc", "abc") == 0);
  CHECK(edit_distance("abc", "abd") == 1);
  CHECK(edit_distance("abc", "ab") == 1);
  CHECK(edit_distance("abc", "abcd") == 1);
  CHECK(edit_distance("abc", "acb") == 1);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("kitten", "sitting") == 3);
}

TEST_CASE("the nearest key is suggested, and none when nothing is near") {
  const std::vector<std::string> keys = {"mqtt.max_inflight", "mqtt.max_mqueue_len", "node.shards",
                                         "mqtt.session_expiry_interval_s"};
  CHECK(did_you_mean("mqtt.max_inflght", keys) == "mqtt.max_inflight");
  CHECK(did_you_mean("mqtt.max_queue_len", keys) == "mqtt.max_mqueue_len");
  CHECK(did_you_mean("shards", keys) == "node.shards");
  CHECK(did_you_mean("broker.max_inflight", keys) == "mqtt.max_inflight");
  CHECK(did_you_mean("mqtt.session_expiry_interval", keys) == "mqtt.session_expiry_interval_s");
  CHECK_FALSE(did_you_mean("something.else.entirely", keys).has_value());
  CHECK_FALSE(did_you_mean("x", {}).has_value());
  CHECK_FALSE(did_you_mean(std::string(100000, 'x'), keys).has_value());
}
