#include "settings.h"

#include <charconv>

#include "query_template.h"

namespace patchbay::acl_mysql {

namespace {

constexpr std::uint16_t kDefaultPort = 3306;
constexpr std::string_view kUnix = "unix:";

std::optional<std::uint16_t> read_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), port);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

void check_query(const std::string& query, QueryTemplate::Use use, std::string_view pointer, error_list& errors) {
  std::string reason;
  if (!QueryTemplate::parse(query, use, reason)) errors.add(pointer, reason);
}

void check_authorization(const AuthorizationSettings& settings, error_list& errors) {
  check_query(settings.query, QueryTemplate::Use::authorization, "/authorization/query", errors);
  if (!settings.superuser_query.empty()) {
    check_query(settings.superuser_query, QueryTemplate::Use::superuser, "/authorization/superuser_query", errors);
  }
  if (settings.no_match != "continue" && settings.no_match != "deny") {
    errors.add("/authorization/no_match", "expected continue or deny");
  }
}

void check_tls(const TlsSettings& settings, error_list& errors) {
  if (settings.mode != "verify" && settings.mode != "encrypt_only" && settings.mode != "off") {
    errors.add("/tls/mode", "expected verify, encrypt_only or off");
  }
  if (settings.cert_file.empty() != settings.key_file.empty()) {
    errors.add("/tls/cert_file", "a certificate needs its key_file, and a key its cert_file");
  }
}

}  // namespace

std::optional<ServerAddress> read_server(std::string_view server) {
  if (server.starts_with(kUnix)) {
    server.remove_prefix(kUnix.size());
    if (!server.starts_with('/')) return std::nullopt;
    return ServerAddress{"", 0, std::string(server)};
  }
  std::string_view host = server;
  std::string_view rest;
  if (server.starts_with('[')) {
    const size_t close = server.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    host = server.substr(1, close - 1);
    rest = server.substr(close + 1);
  } else if (const size_t colon = server.find(':'); colon != std::string_view::npos) {
    host = server.substr(0, colon);
    rest = server.substr(colon);
  }
  if (host.empty() || host.find_first_of(" \t/") != std::string_view::npos) return std::nullopt;
  if (rest.empty()) return ServerAddress{std::string(host), kDefaultPort, ""};
  const auto port = rest.front() == ':' ? read_port(rest.substr(1)) : std::nullopt;
  if (!port) return std::nullopt;
  return ServerAddress{std::string(host), *port, ""};
}

std::optional<support::PasswordHash> read_hash(const HashSettings& settings) {
  const auto algorithm = support::hash_algorithm_from(settings.name);
  const auto salt_position = support::salt_position_from(settings.salt_position);
  const auto mac_fun = support::mac_function_from(settings.mac_fun);
  if (!algorithm || !salt_position || !mac_fun) return std::nullopt;
  return support::PasswordHash{*algorithm, *salt_position, *mac_fun, settings.iterations, settings.dk_length};
}

void check_settings(const Settings& settings, error_list& errors) {
  if (!read_server(settings.server)) errors.add("/server", "expected host, host:port, [v6]:port or unix:/path");
  if (settings.reconnect.minimum > settings.reconnect.maximum || settings.reconnect.minimum.count() < 1) {
    errors.add("/reconnect/min", "expected at least 1ms and at most reconnect.max");
  }
  if (settings.query_timeout.count() < 1) errors.add("/query_timeout", "expected at least 1ms");
  if (settings.connect_timeout.count() < 1) errors.add("/connect_timeout", "expected at least 1ms");
  if (settings.pool_size == 0) errors.add("/pool_size", "expected at least 1");
  if (settings.no_answer != "deny" && settings.no_answer != "fallback") {
    errors.add("/no_answer", "expected deny or fallback");
  }
  check_tls(settings.tls, errors);
  if (!settings.authorization.enabled && !settings.authentication.enabled) {
    errors.add("/authorization/enabled", "neither authorization nor authentication is enabled");
  }
  if (settings.authorization.enabled) check_authorization(settings.authorization, errors);
  if (!settings.authentication.enabled) return;
  check_query(settings.authentication.query, QueryTemplate::Use::authentication, "/authentication/query", errors);
  if (!read_hash(settings.authentication.password_hash_algorithm)) {
    errors.add("/authentication/password_hash_algorithm", "an unknown name, salt_position or mac_fun");
  }
}

}  // namespace patchbay::acl_mysql
