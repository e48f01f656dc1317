#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/shard_services.h"

namespace patchbay::test {

/// One shard without threads: a manual clock, and a mailbox that counts how often it was woken.
struct ShardFixture {
  base::ManualClock clock;
  base::SeededRandom random{1};
  base::TimerWheel timers{clock.steady_ms()};
  base::Counters counters;
  base::EpochDomain epoch;
  size_t wakes = 0;
  base::Mailbox mailbox{[](void* self) { ++static_cast<ShardFixture*>(self)->wakes; }, this};
  base::ShardServices services;

  explicit ShardFixture(base::ShardId id = 0) {
    services.id = id;
    services.clock = &clock;
    services.random = &random;
    services.timers = &timers;
    services.counters = &counters;
    services.epoch = &epoch;
    services.mailbox = &mailbox;
    read_clock();
  }

  void read_clock() {
    services.now_ms = clock.steady_ms();
    services.now_unix_ms = clock.unix_ms();
  }
  /// Lets time pass and fires what became due.
  void after_ms(uint64_t step_ms) {
    clock.advance_ms(step_ms);
    read_clock();
    timers.advance(services.now_ms);
  }
  [[nodiscard]] uint64_t counted(base::Counter counter) const { return counters.get(counter); }
};

/// Keeps log lines as "level message key=value ..." while it lives.
class RecordingLog final : public base::LogSink {
 public:
  RecordingLog() { base::set_log_sink(this); }
  ~RecordingLog() override { base::set_log_sink(nullptr); }
  void write(base::LogArea, base::LogLevel level, std::string_view message,
             std::initializer_list<base::LogField> fields) override {
    std::string line = std::string(base::log_level_name(level)) + " " + std::string(message);
    for (const base::LogField& field : fields) {
      line += " " + std::string(field.key) + "=";
      line += field.is_number ? std::to_string(field.number) : std::string(field.text);
    }
    lines.push_back(std::move(line));
  }
  std::vector<std::string> lines;
};

}  // namespace patchbay::test
