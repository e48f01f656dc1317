#include "heart_beat.h"

#include <catch2/catch.hpp>

using namespace patchbay::stomp;  // NOLINT: test
using Due = HeartBeat::Due;

TEST_CASE("stomp heart-beats: the header is two numbers") {
  REQUIRE(read_heart_beat("10,20"));
  CHECK(read_heart_beat("10,20")->sends_ms == 10);
  CHECK(read_heart_beat("10, 20")->wants_ms == 20);
  for (const auto* wrong : {"", "1", ",", "1,", ",1", "a,1", "1,2,3", "-1,0", "1 ,2", "4294967296,0"}) {
    INFO(wrong);
    CHECK_FALSE(read_heart_beat(wrong));
  }
  CHECK(heart_beat_text({1, 2}) == "1,2");
}

TEST_CASE("stomp heart-beats: each direction has the larger of what both say, or none") {
  HeartBeat beat;
  beat.agree({10, 300}, {200, 40}, 0);
  CHECK(beat.send_ms() == 40);
  CHECK(beat.receive_ms() == 300);
  beat.agree({0, 300}, {0, 40}, 0);
  CHECK_FALSE(beat.any());
  beat.agree({10, 0}, {200, 0}, 0);
  CHECK_FALSE(beat.any());
}

TEST_CASE("stomp heart-beats: something leaves at least once in each interval") {
  HeartBeat beat;
  beat.agree({100, 0}, {0, 100}, 1'000);
  CHECK(beat.next_ms(1'000) == 50);
  CHECK(beat.check(1'049, false) == Due::nothing);
  CHECK(beat.check(1'050, false) == Due::send);
  beat.wrote();
  CHECK(beat.check(1'100, false) == Due::nothing);
  CHECK(beat.check(1'150, false) == Due::send);
  CHECK(beat.next_ms(1'150) == 50);
}

TEST_CASE("stomp heart-beats: two intervals of silence are too many, unless we don't listen") {
  HeartBeat beat;
  beat.agree({0, 100}, {100, 0}, 0);
  beat.heard();
  CHECK(beat.check(100, false) == Due::nothing);
  CHECK(beat.check(200, false) == Due::nothing);
  beat.heard();
  CHECK(beat.check(300, false) == Due::nothing);
  CHECK(beat.check(400, false) == Due::nothing);
  CHECK(beat.check(500, false) == Due::timeout);
  beat.resume(0, 100, 1'000);
  for (std::uint64_t now_ms = 1'100; now_ms < 2'000; now_ms += 100) CHECK(beat.check(now_ms, true) == Due::nothing);
}
