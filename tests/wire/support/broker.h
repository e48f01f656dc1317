#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "wire/support/process.h"
#include "wire/support/temporary_folder.h"

namespace patchbay::wire {

/// The real broker on free loopback ports with a data folder of its own. start() returns when it says that it is ready.
class Broker {
 public:
  using Settings = std::vector<std::string>;  ///< "mqtt.max_inflight=4", as for --set

  /// Started at once, with TCP and WebSocket listeners; `settings` come after those and may overrule them.
  explicit Broker(Settings settings = {});
  /// Says so where the broker had ended before it was told to.
  ~Broker();

  void start();
  /// SIGTERM, and the exit code; throws when it does not end in time.
  int stop();

  [[nodiscard]] uint16_t tcp_port() const { return tcp_port_; }
  [[nodiscard]] uint16_t ws_port() const { return ws_port_; }
  [[nodiscard]] Process& process() { return *process_; }
  void signal(int number);
  [[nodiscard]] const TemporaryFolder& folder() const { return folder_; }

  /// Path of the program under test.
  static std::string program();
  /// `bind` of a listener on 127.0.0.1, as a setting: listener("ssl", 8883).
  static std::string bind(const std::string& type, uint16_t port, const std::string& name = "default");

 private:
  TemporaryFolder folder_;
  Settings settings_;
  uint16_t tcp_port_;
  uint16_t ws_port_;
  std::unique_ptr<Process> process_;
  bool signalled_ = false;
};

}  // namespace patchbay::wire
