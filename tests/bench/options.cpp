#include "bench/options.h"

#include <CLI/CLI.hpp>
#include <map>

#include "bench/alternation.h"
#include "bench/message_stamp.h"

namespace patchbay::bench {
namespace {

constexpr unsigned kMostQos = 2;
constexpr int kMostPid = 4 * 1024 * 1024;  // PID_MAX_LIMIT of Linux
constexpr double kShortestSlotS = 0.4;     // of which a quarter is for settling
constexpr std::size_t kMostPayload = 256 * 1024 * 1024 - 1024;

void add_connection_options(CLI::App& app, Options& options) {
  static const std::map<std::string, ProtocolVersion> versions{
      {"3.1.1", ProtocolVersion::v3_1_1}, {"4", ProtocolVersion::v3_1_1}, {"5", ProtocolVersion::v5}};
  app.add_option("--host", options.host, "The broker's IPv4 address or name")->capture_default_str();
  app.add_option("--port", options.port, "The broker's TCP port")->capture_default_str()->check(CLI::Range(1, 65535));
  app.add_option("--version", options.version, "MQTT version, 3.1.1 if not given")
      ->transform(CLI::CheckedTransformer(versions))
      ->option_text("3.1.1|5");
  app.add_option("--username", options.username, "User name of every client");
  app.add_option("--password", options.password, "Password of every client");
  app.add_option("--keep-alive", options.keep_alive_s, "Keep alive of every client in seconds")
      ->capture_default_str()
      ->check(CLI::Range(0, 65535));
  app.add_option("--connect-rate", options.connect_rate, "Connections per second; 0 = as fast as they are accepted");
  app.add_option("--source-addresses", options.source_addresses,
                 "Spread the connections over this many addresses from 127.0.0.2 on (more than 28,000 connections)")
      ->check(CLI::Range(0, 250));
}

void add_load_options(CLI::App& app, Options& options) {
  app.add_option("--qos", options.qos, "QoS of publications and subscriptions")
      ->capture_default_str()
      ->check(CLI::Range(0U, kMostQos));
  app.add_option("--payload", options.payload_size, "Payload in bytes; below 24 nothing but counts is told")
      ->capture_default_str()
      ->check(CLI::Range(std::size_t{0}, kMostPayload));
  app.add_option("--window", options.window, "Closed loop: most messages under way of each publisher")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  app.add_option("--rate", options.rate, "Open loop: messages per second of all publishers; 0 = closed loop");
  app.add_option("--duration", options.duration_s, "Seconds of measurement")->capture_default_str();
  app.add_option("--warmup", options.warmup_s, "Seconds before the measurement")->capture_default_str();
  app.add_option("--messages", options.messages, "Stop after this many messages in all (no warm-up then)");
  app.add_option("--drain", options.drain_s, "Seconds without progress after which what is missing is lost")
      ->capture_default_str();
  app.add_option("--timeout", options.timeout_s, "Seconds after which the run ends in any case, with what it has")
      ->capture_default_str();
  app.add_option("--threads", options.threads, "Threads of this tool")->capture_default_str()->check(CLI::Range(1, 64));
  app.add_option("--alternate", options.alternate_pid,
                 "A process of the same user that is held and let go in turn; latencies are told for both")
      ->check(CLI::Range(2, kMostPid));
  app.add_option("--alternate-every", options.alternate_every_s, "Seconds that it is held or let go for")
      ->capture_default_str()
      ->check(CLI::Range(kShortestSlotS, 3'600.0));
  app.add_option("--broker-pid", options.broker.pid, "The broker's process, for its CPU time and memory");
  app.add_option("--broker-user-time", options.broker.user_time_file,
                 "The file that the library user_time writes in the broker (see README.md)");
  app.add_option("--json", options.json_file, "Write all figures to this file too");
}

CLI::App* add_scenario(CLI::App& app, Options& options, const char* name, const char* text, Scenario scenario) {
  CLI::App* command = app.add_subcommand(name, text);
  command->fallthrough();
  command->callback([&options, name, scenario] {
    options.scenario = scenario;
    options.scenario_name = name;
  });
  return command;
}

void add_parties(CLI::App* command, Options& options, bool publishers, bool subscribers) {
  CLI::Range any(1, 1'000'000);
  if (publishers) command->add_option("--publishers", options.publishers, "Publishing clients")->check(any);
  if (subscribers) command->add_option("--subscribers", options.subscribers, "Subscribing clients")->check(any);
}

void add_traffic_scenarios(CLI::App& app, Options& options) {
  CLI::App* command = add_scenario(app, options, "one-to-one",
                                   "P publishers, each with a subscriber and topic of its own", Scenario::one_to_one);
  add_parties(command, options, true, false);
  command = add_scenario(app, options, "fan-out", "One publisher to N subscribers", Scenario::fan_out);
  add_parties(command, options, true, true);
  command = add_scenario(app, options, "fan-in", "N publishers to one subscriber", Scenario::fan_in);
  add_parties(command, options, true, false);
  command = add_scenario(app, options, "shared", "Publishers to a share group of M subscribers", Scenario::shared);
  add_parties(command, options, true, true);
  command = add_scenario(app, options, "subscriptions", "One to one beside --count unrelated filters of other clients",
                         Scenario::subscriptions);
  add_parties(command, options, true, false);
  static const std::map<std::string, FilterKind> kinds{{"exact", FilterKind::exact},
                                                       {"plus", FilterKind::single_level},
                                                       {"hash", FilterKind::multi_level},
                                                       {"mixed", FilterKind::mixed}};
  command->add_option("--count", options.count, "Filters, 1 to 10,000,000")->check(CLI::Range(1, 10'000'000));
  command->add_option("--holders", options.holders, "Clients that hold the filters")->check(CLI::Range(1, 10'000));
  command->add_option("--filters", options.filter_kind, "Kind of the unrelated filters, exact if not given")
      ->transform(CLI::CheckedTransformer(kinds))
      ->option_text("exact|plus|hash|mixed");
}

void add_other_scenarios(CLI::App& app, Options& options) {
  CLI::App* command =
      add_scenario(app, options, "connections", "Idle connections with one subscription each", Scenario::connections);
  command->add_option("--count", options.count, "Connections")->check(CLI::Range(1, 1'000'000));
  command->add_option("--hold", options.hold_s, "Seconds to hold them")->capture_default_str();
  command = add_scenario(app, options, "retained", "Store retained messages, then fetch them by one wildcard filter",
                         Scenario::retained);
  command->add_option("--count", options.count, "Retained messages")->check(CLI::Range(1, 10'000'000));
  command->add_flag("--keep", options.keep_retained, "Leave them in the broker (default: delete them afterwards)");
  command = add_scenario(app, options, "churn", "Connect, subscribe, disconnect, over and over", Scenario::churn);
  command->add_option("--concurrent", options.concurrent, "Clients at a time")
      ->capture_default_str()
      ->check(CLI::Range(1, 10'000));
}

void set_scenario_defaults(Options& options) {
  if (options.messages > 0) options.warmup_s = 0;
  if (options.count == 0) options.count = options.scenario == Scenario::connections ? 1'000 : 10'000;
}

// What one option alone cannot tell; empty if all is well.
std::string inconsistency(const Options& options, const CLI::App& app) {
  bool several_per_subscriber = options.scenario == Scenario::fan_in || options.scenario == Scenario::shared ||
                                (options.scenario == Scenario::fan_out && options.publishers > 1);
  if (options.payload_size < kStampSize && several_per_subscriber && options.rate <= 0 && options.qos == 0) {
    return "a payload below 24 bytes does not tell the publishers of one subscriber apart: give --rate or a larger "
           "--payload";
  }
  if (options.scenario == Scenario::retained && options.qos > 1) return "retained stores with QoS 0 or 1";
  if (!options.password.empty() && options.username.empty() && options.version == ProtocolVersion::v3_1_1) {
    return "MQTT 3.1.1 has no password without a user name";
  }
  if (options.alternate_pid != 0 && (options.rate <= 0 || options.messages > 0 ||
                                     options.duration_s < SlotPlan::kGroup * options.alternate_every_s)) {
    return "--alternate needs --rate, no --messages, and a --duration of at least four times --alternate-every";
  }
  if (!options.broker.user_time_file.empty()) {
    if (options.broker.pid == 0) return "--broker-user-time needs --broker-pid";
    if (!read_user_time(options.broker.user_time_file)) {
      return "--broker-user-time " + options.broker.user_time_file + ": no broker with the library user_time writes it";
    }
  }
  return app.get_subcommands().empty() ? "name a scenario" : "";
}

}  // namespace

std::optional<Options> parse_options(int argc, char** argv, int& exit_code) {
  Options options;
  CLI::App app("patchbay-bench: a load generator for any MQTT broker", "patchbay-bench");
  app.require_subcommand(1);
  app.get_formatter()->column_width(32);
  add_connection_options(app, options);
  add_load_options(app, options);
  add_traffic_scenarios(app, options);
  add_other_scenarios(app, options);
  bool publishers_given = false;
  try {
    app.parse(argc, argv);
    for (const CLI::App* command : app.get_subcommands()) {
      const CLI::Option* option = command->get_option_no_throw("--publishers");
      publishers_given = option != nullptr && option->count() > 0;
    }
  } catch (const CLI::ParseError& error) {
    exit_code = app.exit(error) == 0 ? 0 : 1;
    return std::nullopt;
  }
  if (options.scenario == Scenario::fan_out && !publishers_given) options.publishers = 1;
  set_scenario_defaults(options);
  if (std::string problem = inconsistency(options, app); !problem.empty()) {
    std::fprintf(stderr, "patchbay-bench: %s\n", problem.c_str());
    exit_code = 1;
    return std::nullopt;
  }
  return options;
}

}  // namespace patchbay::bench
