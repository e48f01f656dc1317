#include "base/log.h"

#include <catch2/catch.hpp>

#include "support/shard_fixture.h"

using namespace patchbay::base;
using patchbay::test::RecordingLog;

TEST_CASE("a line goes to the sink with its fields when the area's level lets it through") {
  RecordingLog sink;
  log(LogArea::session, LogLevel::info, "client connected", {{"client_id", "c1"}, {"keep_alive_s", 60}});
  log(LogArea::session, LogLevel::debug, "not at this level");
  REQUIRE(sink.lines.size() == 1);
  CHECK(sink.lines[0] == "info client connected client_id=c1 keep_alive_s=60");
}

TEST_CASE("levels are set apart for each area and can be read back") {
  RecordingLog sink;
  set_log_level(LogArea::router, LogLevel::debug);
  set_log_level(LogArea::net, LogLevel::error);
  CHECK(log_level(LogArea::router) == LogLevel::debug);
  CHECK(log_level(LogArea::net) == LogLevel::error);
  CHECK(log_level(LogArea::config) == LogLevel::info);
  log(LogArea::router, LogLevel::debug, "routed");
  log(LogArea::net, LogLevel::warning, "held back");
  log(LogArea::net, LogLevel::error, "through");
  set_log_level(LogArea::net, LogLevel::off);
  log(LogArea::net, LogLevel::error, "nothing passes");
  set_log_level(LogArea::router, LogLevel::info);
  set_log_level(LogArea::net, LogLevel::info);
  CHECK(sink.lines == std::vector<std::string>{"debug routed", "error through"});
}

TEST_CASE("without a sink lines go nowhere") {
  { RecordingLog sink; }
  log(LogArea::broker, LogLevel::error, "nobody hears this");
  SUCCEED();
}

TEST_CASE("areas and levels have names") {
  CHECK(log_area_name(LogArea::broker) == "broker");
  CHECK(log_area_name(LogArea::config) == "config");
  CHECK(log_level_name(LogLevel::warning) == "warning");
  CHECK(log_level_name(LogLevel::off) == "off");
}

TEST_CASE("a limiter lets ten lines through each second and tells how many it held back") {
  LogLimiter limiter;
  uint64_t suppressed = 99;
  uint64_t now_ms = 5'000;
  for (uint32_t i = 0; i < LogLimiter::kLinesPerSecond; ++i) {
    CHECK(limiter.allow(now_ms + i, suppressed));
    CHECK(suppressed == 0);
  }
  for (int i = 0; i < 25; ++i) CHECK_FALSE(limiter.allow(now_ms + 500, suppressed));
  CHECK_FALSE(limiter.allow(now_ms + 999, suppressed));
  CHECK(limiter.allow(now_ms + 1'000, suppressed));
  CHECK(suppressed == 26);
  CHECK(limiter.allow(now_ms + 1'001, suppressed));
  CHECK(suppressed == 0);
}

TEST_CASE("a limiter that was long unused starts a new window at the first line") {
  LogLimiter limiter;
  uint64_t suppressed = 0;
  for (uint32_t i = 0; i < LogLimiter::kLinesPerSecond; ++i) CHECK(limiter.allow(0, suppressed));
  CHECK_FALSE(limiter.allow(0, suppressed));
  for (uint32_t i = 0; i < LogLimiter::kLinesPerSecond; ++i) CHECK(limiter.allow(3'600'000, suppressed));
  CHECK_FALSE(limiter.allow(3'600'900, suppressed));
}
