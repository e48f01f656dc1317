#include "alarms/alarms.h"

#include <catch2/catch.hpp>

using patchbay::alarms::Alarm;
using patchbay::alarms::alarm_message;
using patchbay::alarms::Alarms;

TEST_CASE("an alarm is active from raise to clear, and kept afterwards") {
  patchbay::base::ManualClock clock;
  Alarms alarms(clock);
  CHECK(alarms.raise("plugin/a", "a does not answer", R"({"hook":"auth.authenticate"})"));
  CHECK(alarms.is_active("plugin/a"));
  CHECK_FALSE(alarms.is_active("plugin/b"));
  REQUIRE(alarms.active().size() == 1);
  CHECK(alarms.active()[0].activated_unix_ms == clock.unix_ms());
  clock.advance_ms(500);
  CHECK(alarms.clear("plugin/a"));
  CHECK_FALSE(alarms.clear("plugin/a"));
  CHECK(alarms.active().empty());
  REQUIRE(alarms.history().size() == 1);
  CHECK(alarms.history()[0].deactivated_unix_ms == clock.unix_ms());
  CHECK(alarms.history()[0].activated_unix_ms == clock.unix_ms() - 500);
}

TEST_CASE("raising an active alarm renews its words and not its beginning") {
  patchbay::base::ManualClock clock;
  Alarms alarms(clock);
  CHECK(alarms.raise("x", "first"));
  const uint64_t begin = clock.unix_ms();
  clock.advance_ms(5);
  CHECK_FALSE(alarms.raise("x", "second"));
  REQUIRE(alarms.active().size() == 1);
  CHECK(alarms.active()[0].message == "second");
  CHECK(alarms.active()[0].activated_unix_ms == begin);
}

TEST_CASE("listeners hear of changes and of nothing else, and may use the alarms") {
  patchbay::base::ManualClock clock;
  Alarms alarms(clock);
  std::vector<std::string> heard;
  alarms.listen([&](const Alarm& alarm) {
    heard.push_back((alarm.deactivated_unix_ms ? "-" : "+") + alarm.name);
    CHECK(alarms.active().size() <= 1);
  });
  alarms.raise("x", "first");
  alarms.raise("x", "again");
  alarms.clear("y");
  alarms.clear("x");
  CHECK(heard == std::vector<std::string>{"+x", "-x"});
}

TEST_CASE("alarms are bounded: active ones and remembered ones") {
  patchbay::base::ManualClock clock;
  Alarms alarms(clock);
  for (size_t i = 0; i < Alarms::kActiveMax; ++i) CHECK(alarms.raise(std::to_string(i), "m"));
  CHECK_FALSE(alarms.raise("one too many", "m"));
  CHECK(alarms.active().size() == Alarms::kActiveMax);
  for (size_t i = 0; i < Alarms::kActiveMax; ++i) alarms.clear(std::to_string(i));
  alarms.raise("last", "m");
  alarms.clear("last");
  CHECK(alarms.history().size() == Alarms::kHistoryMax);
  CHECK(alarms.history()[0].name == "last");
}

TEST_CASE("the message of an alarm has EMQX's topic and members") {
  Alarm alarm{"plugin/a", "a \"hangs\"", R"({"n":1})", 1'700'000'000'123, std::nullopt};
  const auto raised = alarm_message("patchbay@h", alarm);
  CHECK(raised.topic == "$SYS/brokers/patchbay@h/alarms/activate");
  CHECK(raised.payload ==
        R"({"activated_at":1700000000123000,"details":{"n":1},"message":"a \"hangs\"","name":"plugin/a"})");
  alarm.deactivated_unix_ms = 1'700'000'000'999;
  alarm.details_json = "not json";
  const auto cleared = alarm_message("patchbay@h", alarm);
  CHECK(cleared.topic == "$SYS/brokers/patchbay@h/alarms/deactivate");
  CHECK(cleared.payload.find(R"("deactivated_at":1700000000999000,"details":{})") != std::string::npos);
}
