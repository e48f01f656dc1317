#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "bench/packet.h"
#include "bench/process_stats.h"

namespace patchbay::bench {

enum class Scenario : std::uint8_t {
  connections,
  one_to_one,
  fan_out,
  fan_in,
  shared,
  retained,
  churn,
  subscriptions,
};

enum class FilterKind : std::uint8_t { exact, single_level, multi_level, mixed };

// The command line, checked. Durations in seconds as given.
struct Options {
  Scenario scenario = Scenario::one_to_one;
  std::string scenario_name;

  std::string host = "127.0.0.1";
  unsigned port = 1883;
  ProtocolVersion version = ProtocolVersion::v3_1_1;
  unsigned qos = 0;
  std::string username;
  std::string password;
  unsigned keep_alive_s = 300;
  std::size_t source_addresses = 0;
  double connect_rate = 0;

  std::size_t payload_size = 64;
  std::size_t window = 64;
  double rate = 0;
  double duration_s = 5;
  double warmup_s = 1;
  double drain_s = 3;
  double timeout_s = 120;
  std::uint64_t messages = 0;
  std::size_t threads = 1;

  pid_t alternate_pid = 0;
  double alternate_every_s = 1;

  BrokerProcess broker;
  std::string json_file;

  std::size_t publishers = 20;
  std::size_t subscribers = 20;
  std::size_t count = 0;  // connections, retained messages or filters, as the scenario has it
  std::size_t holders = 10;
  std::size_t concurrent = 16;
  double hold_s = 3;
  bool keep_retained = false;
  FilterKind filter_kind = FilterKind::exact;
};

// Nothing, with the exit code in `exit_code`, where the command line asks for help or is wrong; a text has been
// printed.
std::optional<Options> parse_options(int argc, char** argv, int& exit_code);

}  // namespace patchbay::bench
