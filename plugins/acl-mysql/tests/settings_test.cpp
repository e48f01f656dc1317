#include "settings.h"

#include <catch2/catch.hpp>

#include "backoff.h"
#include "cache_route.h"
#include "running_plugin.h"

using namespace patchbay::acl_mysql;  // NOLINT: test
using namespace std::chrono_literals;

namespace {

/// What check() writes about these settings.
std::string errors_of(const std::string& json) {
  RunningPlugin plugin;
  plugin.start();
  CHECK(plugin.host.check(json) == PATCHBAY_INVALID);
  const std::string errors = plugin.host.errors();
  plugin.stop();
  return errors;
}

}  // namespace

TEST_CASE("acl-mysql settings: what is wrong is named by field") {
  CHECK_THAT(errors_of(R"({"server": "unix:relative"})"), Catch::Contains("/server"));
  CHECK_THAT(errors_of(R"({"server": "host:0"})"), Catch::Contains("/server"));
  CHECK_THAT(errors_of(R"({"server": "host:port"})"), Catch::Contains("/server"));
  CHECK_THAT(errors_of(R"({"tls": {"mode": "maybe"}})"), Catch::Contains("/tls/mode"));
  CHECK_THAT(errors_of(R"({"tls": {"cert_file": "c.pem"}})"), Catch::Contains("/tls/cert_file"));
  CHECK_THAT(errors_of(R"({"no_answer": "allow"})"), Catch::Contains("/no_answer"));
  CHECK_THAT(errors_of(R"({"reconnect": {"min": "2s", "max": "1s"}})"), Catch::Contains("/reconnect/min"));
  CHECK_THAT(errors_of(R"({"authorization": {"query": "SELECT ${nothing}"}})"),
             Catch::Contains("/authorization/query") && Catch::Contains("${nothing}"));
  CHECK_THAT(errors_of(R"({"authorization": {"superuser_query": "SELECT ?"}})"),
             Catch::Contains("/authorization/superuser_query"));
  CHECK_THAT(errors_of(R"({"authorization": {"no_match": "allow"}})"), Catch::Contains("/authorization/no_match"));
  CHECK_THAT(errors_of(R"({"authorization": {"enabled": false}})"), Catch::Contains("/authorization/enabled"));
  CHECK_THAT(errors_of(R"({"authentication": {"enabled": true, "query": "SELECT ${password}"}})"),
             Catch::Contains("/authentication/query"));
  CHECK_THAT(errors_of(R"({"authentication": {"enabled": true, "password_hash_algorithm": {"name": "crc32"}}})"),
             Catch::Contains("/authentication/password_hash_algorithm"));
}

TEST_CASE("acl-mysql settings: servers") {
  CHECK(read_server("db.example")->port == 3306);
  CHECK(read_server("db.example:3307")->port == 3307);
  CHECK(read_server("[2001:db8::1]:3307")->host == "2001:db8::1");
  CHECK(read_server("[::1]")->port == 3306);
  CHECK(read_server("unix:/run/mysqld/mysqld.sock")->unix_socket == "/run/mysqld/mysqld.sock");
  for (const char* wrong : {"", ":3306", "[::1", "[::1]x", "a b", "host:99999", "host:3306x"}) {
    INFO(wrong);
    CHECK_FALSE(read_server(wrong).has_value());
  }
}

TEST_CASE("acl-mysql settings: the same again changes nothing, others need a new instance") {
  RunningPlugin plugin;
  plugin.start(R"({"pool_size": 1})");
  CHECK(plugin.host.configure(R"({"pool_size": 1})") == PATCHBAY_OK);
  CHECK(plugin.host.configure(R"({"pool_size": 2})") == PATCHBAY_NEEDS_RESTART);
  plugin.stop();
}

TEST_CASE("acl-mysql settings: hooks are there only for what is enabled") {
  RunningPlugin plugin;
  plugin.start(R"({"pool_size": 1})");
  CHECK(plugin.host.points.of_point(PATCHBAY_HOOK_auth_authenticate).empty());
  CHECK(plugin.host.points.of_point(PATCHBAY_HOOK_acl_publish).size() == 1);
  CHECK(plugin.host.points.of_point(PATCHBAY_HOOK_acl_subscribe).front().raw.deadline_ms == 8'000);
  plugin.stop();
  RunningPlugin logins;
  logins.start(R"({"pool_size": 1, "authorization": {"enabled": false}, "authentication": {"enabled": true}})");
  CHECK(logins.host.points.of_point(PATCHBAY_HOOK_auth_authenticate).size() == 1);
  CHECK(logins.host.points.of_point(PATCHBAY_HOOK_acl_publish).empty());
  logins.stop();
}

TEST_CASE("acl-mysql: waits between attempts double up to a limit, less a half at most by chance") {
  Backoff backoff({100ms, 1'000ms}, 1);
  auto expected = 100ms;
  for (int attempt = 0; attempt < 10; ++attempt) {
    const auto wait = backoff.next();
    CHECK(wait <= expected);
    CHECK(wait > expected / 2);
    expected = std::min(expected * 2, 1'000ms);
  }
  backoff.succeeded();
  CHECK(backoff.next() <= 100ms);
  // Two that failed together don't come back together.
  Backoff other({100ms, 100'000ms}, 2);
  Backoff third({100ms, 100'000ms}, 3);
  int different = 0;
  for (int attempt = 0; attempt < 10; ++attempt) different += other.next() != third.next() ? 1 : 0;
  CHECK(different > 5);
}

TEST_CASE("acl-mysql: what a request to clean may say") {
  std::string reason;
  CHECK(read_cleaning("", reason)->client_id.empty());
  CHECK(read_cleaning("{}", reason)->username.empty());
  CHECK(read_cleaning(R"({"clientid": "c1"})", reason)->client_id == "c1");
  CHECK(read_cleaning(R"({"username": "ann"})", reason)->username == "ann");
  // A mistake must neither clean everything nor nothing.
  for (const char* wrong : {R"({"client_id": "c1"})", R"({"clientid": ""})", R"({"clientid": 7})", "[]", "{", "x"}) {
    INFO(wrong);
    CHECK_FALSE(read_cleaning(wrong, reason).has_value());
  }
}
