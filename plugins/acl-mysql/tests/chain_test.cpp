// Several authenticators at once, of three kinds, asked in the order that an operator sets while the broker runs; a
// trace tells who decided, and a client that is banned is decided about before anybody is asked.
#include <catch2/catch.hpp>
#include <filesystem>
#include <vector>

#include "acl_broker.h"
#include "wire/plugin_operator.h"

using namespace patchbay::acl_mysql;  // NOLINT: test

namespace {

constexpr std::uint8_t kBanned = 0x8A;
constexpr const char* kTokenSecret = "0123456789abcdef0123456789abcdef";
/// {"alg": "HS256"}, {"sub": "jane"}, signed with that secret.
constexpr const char* kToken =
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJqYW5lIn0.Q6WoHDsP3TtNZQ2UZuap_Mc_nXDvXDR4xmD2iWZNFO4";

class ChainBroker : public PluginBroker {
 public:
  ChainBroker() : PluginBroker({}, "127.0.0.1:0") {
    database().sql(
        "USE mqtt; TRUNCATE mqtt_user; INSERT INTO mqtt_user (username, password_hash, salt) VALUES "
        "('bob', SHA2(CONCAT('salt', 'from-table'), 256), 'salt')");
    if (run({"mosquitto_passwd", "-b", "-c", folder().path("users"), "ann", "from-file"}).exit_code != 0) {
      throw std::runtime_error("mosquitto_passwd");
    }
    configure(
        "enabled = [\"tokens\", \"users\", \"table\"]\n[plugin.tokens]\nfile = \"auth-jwt.so\"\nsettings = { "
        "algorithms = [\"HS256\"], keys = { from = \"secret\", secret = \"" +
        std::string(kTokenSecret) +
        "\" } }\n[plugin.users]\nfile = \"auth-file.so\"\nsettings = { unknown_user = \"next\", path = \"" +
        folder().path("users") + "\" }\n" +
        instance("table",
                 "pool_size = 1\n[plugin.table.settings.authorization]\nenabled = "
                 "false\n[plugin.table.settings.authentication]\nenabled = true\n"));
    put("acl-mysql", "acl-mysql.so");
    take(PATCHBAY_AUTH_FILE, "auth-file.so");
    take(PATCHBAY_AUTH_JWT, "auth-jwt.so");
    start();
    if (!process().wait_for("connected to the database")) throw std::runtime_error(process().error());
  }
  std::uint8_t login(const std::string& user, const std::string& password) {
    MqttClient client(port(), {.client_id = "of-" + user, .user_name = user, .password = password});
    return client.connect().reason_code;
  }

 private:
  void take(const char* file, const char* name) const {
    std::filesystem::copy_file(file, plugins() + "/" + name);
    std::filesystem::permissions(plugins() + "/" + name, std::filesystem::perms::owner_all);
  }
};

void set_order(const PluginOperator& operated, const std::vector<std::string>& instances) {
  CHECK(operated.rest().call("PUT", "/plugins/order/auth.authenticate", {{"instances", instances}}).status == 204);
}

/// Who was asked about log-ins, in this order, as `patchbay ctl plugins order` tells.
std::vector<std::string> order_shown(const PluginOperator& operated) {
  std::vector<std::string> instances;
  for (const Json& row : Json::parse(operated.ctl({"plugins", "order", "--json"}).output)) {
    if (row.at("hook") == "auth.authenticate") instances.push_back(row.at("instance"));
  }
  return instances;
}

}  // namespace

TEST_CASE("wire chain: three authenticators in the operator's order, and a trace of who decided") {
  ChainBroker broker;
  const PluginOperator operated(broker);
  set_order(operated, {"users", "table", "tokens"});
  CHECK(order_shown(operated) == std::vector<std::string>{"users", "table", "tokens"});
  REQUIRE(operated.rest()
              .call("POST", "/trace", {{"name", "who"}, {"type", "ip_address"}, {"ip_address", "127.0.0.1"}})
              .status == 200);
  // The lines about log-ins, from the last one that has been looked at on.
  size_t seen = 0;
  const auto decided = [&](const std::string& client_id) {
    std::string line;
    soon([&] {
      const std::string log = operated.rest().get("/trace/who/log?bytes=1000000").at("items").get<std::string>();
      const size_t at = log.find("decided_by", seen);
      if (at == std::string::npos) return false;
      const size_t begin = log.rfind('\n', at) + 1;
      const size_t end = std::min(log.find('\n', at), log.size());
      line = log.substr(begin, end - begin);
      seen = end;
      return true;
    });
    INFO(line);
    CHECK(line.find(client_id) != std::string::npos);
    return line.substr(line.find("decided_by"));
  };
  CHECK(broker.login("ann", "from-file") == 0);
  CHECK(decided("of-ann").find("users") != std::string::npos);
  CHECK(broker.login("bob", "from-table") == 0);
  CHECK(decided("of-bob").find("table") != std::string::npos);
  CHECK(broker.login("jane", kToken) == 0);
  CHECK(decided("of-jane").find("tokens") != std::string::npos);
  CHECK(broker.login("bob", "wrong") == kBadUserNameOrPassword);
  CHECK(decided("of-bob").find("table") != std::string::npos);

  // With the tokens in front a password that is none is refused, and nobody else is asked.
  set_order(operated, {"tokens", "users", "table"});
  CHECK(order_shown(operated) == std::vector<std::string>{"tokens", "users", "table"});
  CHECK(broker.login("ann", "from-file") != 0);
  CHECK(decided("of-ann").find("tokens") != std::string::npos);
  CHECK(broker.login("jane", kToken) == 0);
  CHECK(decided("of-jane").find("tokens") != std::string::npos);
  CHECK_FALSE(broker.says("from-file"));
  CHECK_FALSE(broker.says(kToken));
  CHECK(broker.stop() == 0);
}

TEST_CASE("wire chain: who is banned, also for flapping, is refused before an authenticator is asked") {
  ChainBroker broker;
  const PluginOperator operated(broker);
  set_order(operated, {"users", "table", "tokens"});
  CHECK(broker.login("ann", "from-file") == 0);
  // Log-ins that auth-file has allowed, as Prometheus would read it.
  const auto allowed = [&] {
    const std::string page = operated.rest().call("GET", "/prometheus/stats").body;
    const size_t name = page.find("\npatchbay_plugin_allowed{");
    const size_t end = page.find("instance=\"users\"} ", name);
    return end == std::string::npos ? -1 : std::atoi(page.c_str() + page.find(' ', end));
  };
  REQUIRE(allowed() == 1);
  CHECK(operated.rest().call("POST", "/banned", {{"as", "clientid"}, {"who", "of-ann"}}).status == 200);
  CHECK(broker.login("ann", "from-file") == kBanned);
  CHECK(allowed() == 1);
  CHECK(operated.rest().call("DELETE", "/banned/clientid/of-ann").status == 204);
  CHECK(broker.login("ann", "from-file") == 0);
  CHECK(allowed() == 2);
  CHECK(operated.rest()
            .call("PUT", "/configs/flapping_detect", {{"enable", true}, {"max_count", 3}, {"ban_time_s", 60}})
            .status == 200);
  for (int count = 0; count < 4; ++count) broker.login("ann", "from-file");
  CHECK(soon([&] { return broker.login("ann", "from-file") == kBanned; }));
  const int before = allowed();
  for (int count = 0; count < 5; ++count) CHECK(broker.login("ann", "from-file") == kBanned);
  CHECK(allowed() == before);
  CHECK(broker.login("bob", "from-table") == 0);
  CHECK(broker.stop() == 0);
}
