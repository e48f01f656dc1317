#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <patchbay/settings.hpp>

#include "support/password_hash.h"

namespace patchbay::acl_mysql {

/// How the connection to the database is protected.
struct TlsSettings {
  std::string mode = "verify";  ///< "verify"; "encrypt_only": anybody may be the server; "off": plain text
  std::string ca_file;          ///< empty: the system's authorities
  std::string cert_file;        ///< of the client, where the server wants one
  std::string key_file;

  template <typename Fields>
  void describe(Fields& f) {
    f.optional("mode", mode);
    f.optional("ca_file", ca_file);
    f.optional("cert_file", cert_file);
    f.optional("key_file", key_file);
  }
  bool operator==(const TlsSettings&) const = default;
};

/// The wait between attempts to connect: doubled after each failure, from `minimum` to `maximum`, less up to a half by
/// chance.
struct ReconnectSettings {
  std::chrono::milliseconds minimum{100};
  std::chrono::milliseconds maximum{30'000};

  template <typename Fields>
  void describe(Fields& f) {
    f.optional("min", minimum);
    f.optional("max", maximum);
  }
  bool operator==(const ReconnectSettings&) const = default;
};

struct AuthorizationSettings {
  bool enabled = true;
  std::string query =
      "SELECT permission, action, topic, ipaddress, qos, retain FROM mqtt_acl WHERE username = ${username} ORDER BY id";
  std::string superuser_query;            ///< empty: not asked
  std::string no_match = "continue";      ///< "continue": the next plugin is asked; "deny"
  std::uint32_t max_rules = 1'000;        ///< rows for one client; more are a failure, which denies
  std::chrono::milliseconds ttl{60'000};  ///< how long the rules of a client are kept; 0: each question asks

  template <typename Fields>
  void describe(Fields& f) {
    f.optional("enabled", enabled);
    f.optional("query", query);
    f.optional("superuser_query", superuser_query);
    f.optional("no_match", no_match);
    f.optional("max_rules", max_rules);
    f.optional("cache_ttl", ttl);
  }
  bool operator==(const AuthorizationSettings&) const = default;
};

/// As EMQX's `password_hash_algorithm`.
struct HashSettings {
  std::string name = "sha256";
  std::string salt_position = "prefix";
  std::string mac_fun = "sha256";
  std::uint32_t iterations = 4096;
  std::uint32_t dk_length = 0;

  template <typename Fields>
  void describe(Fields& f) {
    f.optional("name", name);
    f.optional("salt_position", salt_position);
    f.optional("mac_fun", mac_fun);
    f.optional("iterations", iterations);
    f.optional("dk_length", dk_length);
  }
  bool operator==(const HashSettings&) const = default;
};

struct AuthenticationSettings {
  bool enabled = false;
  std::string query = "SELECT password_hash, salt, is_superuser FROM mqtt_user WHERE username = ${username} LIMIT 1";
  HashSettings password_hash_algorithm;

  template <typename Fields>
  void describe(Fields& f) {
    f.optional("enabled", enabled);
    f.optional("query", query);
    f.optional("password_hash_algorithm", password_hash_algorithm);
  }
  bool operator==(const AuthenticationSettings&) const = default;
};

/// The settings of an instance; README.md says what each means to an operator.
struct Settings {
  std::string server = "127.0.0.1:3306";  ///< "host", "host:port", "[v6]:port" or "unix:/path"
  std::string database = "mqtt";
  std::string username = "patchbay";
  std::string password;
  std::uint32_t pool_size = 8;
  std::uint32_t queue_max = 1'000;
  std::string no_answer = "deny";  ///< "deny"; "fallback": what the operator says for the hook
  std::chrono::milliseconds query_timeout{5'000};
  std::chrono::milliseconds connect_timeout{5'000};
  ReconnectSettings reconnect;
  TlsSettings tls;
  AuthorizationSettings authorization;
  AuthenticationSettings authentication;

  template <typename Fields>
  void describe(Fields& f) {
    f.optional("server", server);
    f.optional("database", database);
    f.optional("username", username);
    f.optional("password", password);
    f.optional("pool_size", pool_size);
    f.optional("queue_max", queue_max);
    f.optional("no_answer", no_answer);
    f.optional("query_timeout", query_timeout);
    f.optional("connect_timeout", connect_timeout);
    f.optional("reconnect", reconnect);
    f.optional("tls", tls);
    f.optional("authorization", authorization);
    f.optional("authentication", authentication);
  }
  bool operator==(const Settings&) const = default;
};

/// Where the server is.
struct ServerAddress {
  std::string host;  ///< empty with a socket
  std::uint16_t port = 0;
  std::string unix_socket;  ///< empty: TCP
};

/// Nothing where `server` can't be understood. [any-thread]
[[nodiscard]] std::optional<ServerAddress> read_server(std::string_view server);
/// The settings' names become what verify_password() takes; nothing where one is unknown. [any-thread]
[[nodiscard]] std::optional<support::PasswordHash> read_hash(const HashSettings& settings);
/// Says by field what the manifest's schema can't. [any-thread]
void check_settings(const Settings& settings, error_list& errors);

}  // namespace patchbay::acl_mysql
