#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include "wire/plugin_broker.h"
#include "wire/support/deadline.h"
#include "wire/support/fields.h"
#include "wire/support/mqtt_client.h"

namespace patchbay::auth_jwt::testing {

inline constexpr uint8_t kBadToken = 0x86;
inline constexpr uint8_t kNotAuthorized = 0x87;

inline int64_t now_s() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

inline std::string plugin_settings(const std::string& settings) {
  return "enabled = [\"auth-jwt\"]\n[plugin.auth-jwt]\nsoak_s = 0\n[plugin.auth-jwt.settings]\n" + settings;
}

inline const std::string kSecret(32, 'w');

inline std::string secret_settings(const std::string& more = {}) {
  return plugin_settings("algorithms = [\"HS256\"]\nleeway = \"0s\"\nkeys = { from = \"secret\", secret = \"" +
                         kSecret + "\" }\n" + more);
}

/// The broker with the plugin in it.
struct JwtBroker : wire::PluginBroker {
  explicit JwtBroker(const std::string& text) : PluginBroker(text) {
    put("auth-jwt", "auth-jwt.so");
    start();
  }
  /// The reason code for a CONNECT with this password.
  uint8_t log_in(const std::string& token, const std::string& client_id = "c") const {
    wire::MqttClient client(port(), {.client_id = client_id, .user_name = "ann", .password = token});
    return client.connect().reason_code;
  }
  /// Until CONNECT gets this answer.
  bool answers(uint8_t reason_code, const std::string& token) const {
    for (const wire::Deadline deadline(wire::kPatience); !deadline.passed();
         std::this_thread::sleep_for(std::chrono::milliseconds(100))) {
      if (log_in(token) == reason_code) return true;
    }
    return false;
  }
  std::vector<std::string> command(const std::string& program, std::vector<std::string> more) const {
    std::vector<std::string> words = {"stdbuf", "-oL", program, "-h", "127.0.0.1", "-p", std::to_string(port())};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
};

inline wire::Properties authentication(const std::string& data) {
  return wire::Properties()
      .add(wire::property::kAuthenticationMethod, "JWT")
      .add(wire::property::kAuthenticationData, data);
}

inline wire::Bytes auth_packet(uint8_t reason_code, const std::string& data) {
  return wire::packet(wire::packet_type::kAuth << 4,
                      wire::Bytes(1, static_cast<char>(reason_code)) + authentication(data).encoded());
}

inline wire::MqttClient enhanced_client(uint16_t port, const std::string& data) {
  return wire::MqttClient(port, {.client_id = "e", .properties = authentication(data)});
}

}  // namespace patchbay::auth_jwt::testing
