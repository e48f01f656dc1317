// Plugins are enabled, upgraded and disabled again and again while a thousand clients publish and subscribe. The number
// of cycles and connections comes from the environment; without it a shorter form runs.
#include <sys/resource.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <mutex>

#include "base/log.h"
#include "broker/broker.h"
#include "soak/load.h"
#include "wire/support/tcp_socket.h"
#include "wire/support/temporary_folder.h"

using patchbay::broker::Broker;
using patchbay::plugin_host::Done;
using patchbay::plugin_host::PluginHost;
using patchbay::plugin_host::wait_for;
using patchbay::soak::Load;
using patchbay::soak::LoadReport;
using patchbay::wire::TemporaryFolder;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

constexpr uint64_t kPatienceMs = 60'000;

uint32_t from_environment(const char* name, uint32_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : static_cast<uint32_t>(std::strtoul(text, nullptr, 10));
}

uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  uint64_t total = 0;
  uint64_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

size_t mapped(const TemporaryFolder& folder) {
  std::ifstream maps("/proc/self/maps");
  size_t count = 0;
  for (std::string line; std::getline(maps, line);) count += line.find(folder.path()) != std::string::npos ? 1 : 0;
  return count;
}

/// What is worth an operator's look while the test runs, for whoever reads its failure.
class Warnings final : public patchbay::base::LogSink {
 public:
  Warnings() { patchbay::base::set_log_sink(this); }
  ~Warnings() override { patchbay::base::set_log_sink(nullptr); }
  void write(patchbay::base::LogArea, patchbay::base::LogLevel level, std::string_view message,
             std::initializer_list<patchbay::base::LogField> fields) override {
    if (level < patchbay::base::LogLevel::warning) return;
    std::string line(message);
    for (const patchbay::base::LogField& field : fields) {
      if (!field.is_number) line += " " + std::string(field.text);
    }
    const std::lock_guard lock(mutex_);
    if (lines_.size() < kShown) ++lines_[line];
  }
  [[nodiscard]] std::string text() const {
    const std::lock_guard lock(mutex_);
    std::string text;
    for (const auto& [line, times] : lines_) text += std::to_string(times) + " times: " + line + "\n";
    return text;
  }

 private:
  static constexpr size_t kShown = 30;
  mutable std::mutex mutex_;
  std::map<std::string, size_t> lines_;
};

void allow_descriptors() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void put(const TemporaryFolder& folder, const std::string& plugin) {
  const std::string target = folder.path("plugins/" + plugin + ".so");
  std::filesystem::copy_file(std::filesystem::path(PATCHBAY_TEST_PLUGINS) / (plugin + ".so"), target);
  std::filesystem::permissions(target, std::filesystem::perms::owner_all);
}

patchbay::config::Config configuration(const TemporaryFolder& folder, uint16_t port) {
  patchbay::config::Config config;
  config.node.shards = 2;
  config.node.data_dir = folder.path("data");
  config.listeners.tcp["default"].bind = "127.0.0.1:" + std::to_string(port);
  config.listeners.ws["default"].bind = "";
  config.api.bind = "";
  config.plugins.dir = folder.path("plugins");
  return config;
}

}  // namespace

TEST_CASE("cycles of enable, upgrade and disable under load cost no client anything") {
  const uint32_t cycles = from_environment("PATCHBAY_SOAK_CYCLES", kSanitized ? 20 : 60);
  const uint32_t connections = from_environment("PATCHBAY_SOAK_CONNECTIONS", kSanitized ? 100 : 400);
  allow_descriptors();
  const Warnings warnings;
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path("plugins"));
  std::filesystem::create_directories(folder.path("data"));
  std::filesystem::permissions(folder.path("plugins"), std::filesystem::perms::owner_all);
  put(folder, "gate_v1");
  put(folder, "gate_v2");
  const uint16_t port = patchbay::wire::free_port();
  Broker broker({configuration(folder, port), {}, {}}, "soak");
  const auto started = broker.start();
  REQUIRE(started);
  PluginHost& host = broker.plugins();
  {
    Load load(port, connections / 2);
    REQUIRE(load.connect(kPatienceMs));
    load.start_publishing();
    patchbay::config::PluginConfig gate;
    gate.file = "gate_v1.so";
    gate.soak_s = 0;
    uint64_t resident_after_warm_up = 0;
    for (uint32_t cycle = 0; cycle < cycles; ++cycle) {
      REQUIRE(wait_for([&](Done done) { host.enable("gate", gate, std::move(done)); }).ok);
      REQUIRE(wait_for([&](Done done) { host.upgrade("gate", "gate_v2.so", "", std::move(done)); }).ok);
      const auto disabled = wait_for([&](Done done) { host.disable("gate", std::move(done)); });
      INFO(disabled.sentence);
      REQUIRE(disabled.ok);
      if (cycle == cycles / 5) resident_after_warm_up = resident_bytes();
    }
    CHECK(load.finish(kPatienceMs));
    const LoadReport report = load.report();
    const uint64_t resident = resident_bytes();
    std::cout << cycles << " cycles, " << report.connected << " connections, " << report.sent << " messages, "
              << report.stamped << " changed by plugins, memory " << resident_after_warm_up / 1024 << " -> "
              << resident / 1024 << " KiB\n";
    INFO(warnings.text());
    CHECK(report.disconnects == 0);
    CHECK(report.lost == 0);
    CHECK(report.duplicated == 0);
    CHECK(report.received == report.sent);
    CHECK(report.stamped > 0);
    CHECK(report.stamped < report.sent);
    if (!kSanitized) CHECK(resident < resident_after_warm_up + (uint64_t{16} << 20));
    for (const auto& leaving : host.leaving()) {
      INFO(leaving.reason);
      CHECK(leaving.state != patchbay::plugin_host::PluginState::zombie);
    }
  }
  broker.stop();
  CHECK(mapped(folder) == 0);
}
