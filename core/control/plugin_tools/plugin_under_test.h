#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "patchbay/testing/fake_host.hpp"
#include "plugin_tools/contract.h"

namespace patchbay::plugin_tools {

/// Settings for instance number `variant`; skips the test and gives nothing when none can be made.
[[nodiscard]] std::optional<std::string> settings_for(Contract& contract, uint32_t variant = 0);

/// The plugin's file loaded, and a fake host that runs instances of it.
class PluginUnderTest {
 public:
  explicit PluginUnderTest(Contract& contract, testing::host_options options = {});

  /// False: said in the contract, or skipped for want of settings.
  [[nodiscard]] bool start(uint32_t variant = 0);
  /// Stops, destroys; what is left over is a failure.
  void end();
  [[nodiscard]] testing::fake_host& host() { return *host_; }
  [[nodiscard]] testing::plugin_file& file() { return file_; }
  /// Numbers of the points that it listens at.
  [[nodiscard]] std::vector<uint32_t> hooks() const;

 private:
  Contract& contract_;
  testing::plugin_file file_;
  std::unique_ptr<testing::fake_host> host_;
};

/// What events are filled with.
struct EventInput {
  std::string client_id = "client-1";
  std::string username = "ann";
  std::string topic = "factory/1/temperature";
  std::string topic_filter = "factory/+/temperature";
  std::string text = "text";     ///< every other text
  std::string payload = "21.5";  ///< payload, password, raw bytes
  uint8_t qos = 1;
  bool retain = false;
  size_t list_size = 1;  ///< user properties, alternative names, members
};

/// Asks what listens at point `hook` with an event of its struct, filled from `input`. An empty answer for a number
/// that the table doesn't know.
testing::answer ask(testing::fake_host& host, uint32_t hook, const EventInput& input);

}  // namespace patchbay::plugin_tools
