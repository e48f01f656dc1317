#pragma once

#include <poll.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>

#include "mariadb_server.h"
#include "wire/plugin_broker.h"
#include "wire/support/mqtt_client.h"

namespace patchbay::acl_mysql {

using namespace wire;  // NOLINT: test

inline constexpr std::uint8_t kNotAuthorized = 0x87;
inline constexpr std::uint8_t kBadUserNameOrPassword = 0x86;
inline constexpr std::uint8_t kGranted = 0;

/// One for all tests: making its data folder takes seconds.
inline MariadbServer& database() {
  static MariadbServer server;
  return server;
}

/// Settings that all instances have; `more` is TOML as well.
inline std::string instance(const std::string& name, const std::string& more, const std::string& tls = {}) {
  const std::string verified = "mode = \"verify\", ca_file = \"" + database().ca_file() + "\"";
  return "[plugin." + name + "]\nfile = \"acl-mysql.so\"\npermissions = [\"clients\"]\nsoak_s = 0\n[plugin." + name +
         ".settings]\nserver = \"localhost:" + std::to_string(database().port()) +
         "\"\npassword = \"database-secret\"\ntls = { " + (tls.empty() ? verified : tls) +
         " }\nreconnect = { min = \"20ms\", max = \"200ms\" }\n" + more;
}

/// A broker with the plugin; returns when the database has been reached, unless it is not to be.
class AclBroker : public PluginBroker {
 public:
  explicit AclBroker(const std::string& text, bool reached = true, std::string api_bind = {})
      : PluginBroker(text, std::move(api_bind)) {
    put("acl-mysql", "acl-mysql.so");
    start();
    if (reached && !process().wait_for("connected to the database")) {
      throw std::runtime_error("the database is not reached:\n" + process().error());
    }
  }
  MqttClient client(const std::string& client_id, const std::string& user_name) {
    return MqttClient::connected(port(), {.client_id = client_id, .user_name = user_name, .password = "secret"});
  }
  /// The reason code of a CONNECT.
  std::uint8_t login(const std::string& user_name, const std::string& password) {
    MqttClient one(port(),
                   {.client_id = "login-" + std::to_string(++logins_), .user_name = user_name, .password = password});
    return one.connect().reason_code;
  }

 private:
  int logins_ = 0;
};

inline std::string acl_only(const std::string& more = {}) {
  return "enabled = [\"acl\"]\n" +
         instance("acl", more + "[plugin.acl.settings.authorization]\nno_match = \"deny\"\ncache_ttl = \"0s\"\n");
}

/// Empties the table and fills it; each row: username, clientid, action, permission, topic, qos, retain.
inline void rules(const std::string& rows) {
  database().sql(
      "USE mqtt; TRUNCATE mqtt_acl; INSERT INTO mqtt_acl (username, clientid, action, permission, topic, qos, retain) "
      "VALUES " +
      rows);
}

inline std::uint8_t subscribed(MqttClient& client, const std::string& filter) {
  return client.subscribe({{filter, 1}}).reason_codes.at(0);
}

template <typename Condition>
bool soon(Condition condition) {
  const Deadline deadline(kPatience);
  while (!deadline.passed()) {
    if (condition()) return true;
    ::poll(nullptr, 0, 20);
  }
  return false;
}

}  // namespace patchbay::acl_mysql
