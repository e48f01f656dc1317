// Users as an operator manages them while the broker runs: by `patchbay ctl` and by curl, each seen to count by
// mosquitto_pub; and what an operator is told who writes another broker's placeholders.
#include <catch2/catch.hpp>

#include "wire/plugin_operator.h"

using namespace patchbay::wire;  // NOLINT: test

namespace {

class OperatedBroker : public PluginBroker {
 public:
  OperatedBroker() : PluginBroker({}, "127.0.0.1:0") {
    configure("enabled = [\"auth-file\"]\n[plugin.auth-file]\nsettings = { path = \"" + users() +
              "\", check_interval = \"0s\", password_hash = { argon2_memory_kib = 128, argon2_passes = 1 }, "
              "scram_iterations = 4096 }\n");
    put("auth-file", "auth-file.so");
    start();
  }
  [[nodiscard]] std::string users() const { return folder().path("users"); }
  [[nodiscard]] bool lets_in(const std::string& user, const std::string& password) const {
    return run({"mosquitto_pub", "-V", "mqttv5", "-p", std::to_string(port()), "-u", user, "-P", password, "-t", "x",
                "-m", "y", "-q", "1"})
               .exit_code == 0;
  }
  [[nodiscard]] std::string file() const {
    std::ifstream in(users());
    return {std::istreambuf_iterator<char>(in), {}};
  }
};

const std::string kUsers = "/plugins/auth-file/api/users";  // NOLINT: test

}  // namespace

TEST_CASE("wire auth-file: users added, changed and removed from the terminal count at once") {
  OperatedBroker broker;
  const PluginOperator operated(broker);
  CHECK_FALSE(broker.lets_in("ann", "first-secret"));
  const Json added = operated.call("auth-file", "POST", "/users", R"({"user_id": "ann", "password": "first-secret"})");
  CHECK(added.at("user_id") == "ann");
  CHECK(added.dump().find("first-secret") == std::string::npos);
  CHECK(broker.lets_in("ann", "first-secret"));
  CHECK_THROWS_WITH(operated.call("auth-file", "POST", "/users", R"({"user_id": "ann", "password": "first-secret"})"),
                    Catch::Contains("there is a user of this name already"));
  static_cast<void>(operated.call("auth-file", "PUT", "/users/ann", R"({"password": "second-secret"})"));
  CHECK_FALSE(broker.lets_in("ann", "first-secret"));  // although it was known to be right a moment ago
  CHECK(broker.lets_in("ann", "second-secret"));
  const Json listed = operated.call("auth-file", "GET", "/users");
  CHECK(listed.at("meta").at("count") == 1);
  CHECK(listed.dump().find("argon2id$") == std::string::npos);
  static_cast<void>(operated.call("auth-file", "DELETE", "/users/ann"));
  CHECK_FALSE(broker.lets_in("ann", "second-secret"));
  CHECK_THROWS_WITH(operated.call("auth-file", "DELETE", "/users/ann"), Catch::Contains("no user of this name"));
  CHECK_FALSE(broker.says("secret"));
  CHECK(broker.stop() == 0);
}

TEST_CASE("wire auth-file: the same by curl, kept over a restart, and a file that is read again when told to") {
  OperatedBroker broker;
  {
    const PluginOperator operated(broker);
    const auto added = operated.curl({"-H", "Content-Type: application/json", "-d",
                                      R"({"user_id": "bob", "password": "hello", "is_superuser": true})"},
                                     kUsers);
    CHECK(added.first == 201);
    CHECK(broker.lets_in("bob", "hello"));
    CHECK(operated.curl({"-H", "Content-Type: application/json", "-d", R"({"user_id": "x", "passwort": "y"})"}, kUsers)
              .second.find("passwort: there is no such member") != std::string::npos);
    CHECK(operated.curl({}, kUsers + "/nobody").first == 404);
    // Without a token nobody manages users.
    CHECK(RestClient(operated.rest()).call("GET", kUsers).status == 200);
    RestClient stranger(operated.rest());
    stranger.use_token({});
    CHECK(stranger.call("GET", kUsers).status == 401);
  }
  CHECK(broker.stop() == 0);
  broker.start();
  CHECK(broker.lets_in("bob", "hello"));
  const PluginOperator operated(broker);
  // An operator's editor: the line of bob goes, one of mosquitto_passwd's comes.
  REQUIRE(run({"mosquitto_passwd", "-b", "-c", broker.users(), "eve", "other"}).exit_code == 0);
  CHECK(broker.lets_in("bob", "hello"));  // check_interval is 0: nobody has looked
  static_cast<void>(operated.call("auth-file", "POST", "/reload"));
  CHECK_FALSE(broker.lets_in("bob", "hello"));
  CHECK(broker.lets_in("eve", "other"));
  broker.folder().write("users", "{\"user_id\": \"ann\"}\n");
  CHECK_THROWS_WITH(operated.call("auth-file", "POST", "/reload"), Catch::Contains("line 1"));
  CHECK(broker.lets_in("eve", "other"));
  CHECK(operated.health_tells("auth-file", "line 1"));
  CHECK(broker.stop() == 0);
}

TEST_CASE(
    "wire auth-file: another broker's placeholders in a configuration file are an error that says what to write") {
  PluginBroker broker({}, "127.0.0.1:0");
  broker.configure(
      "enabled = [\"acl-file\"]\n[plugin.acl-file]\nsettings = { rules = [\"allow all all ok/#\", "
      "\"allow all all own/${username}/#\"] }\n");
  std::filesystem::copy_file(PATCHBAY_ACL_FILE, broker.plugins() + "/acl-file.so");
  std::filesystem::permissions(broker.plugins() + "/acl-file.so", std::filesystem::perms::owner_all);
  broker.start();
  CHECK(broker.process().wait_for("its settings are not valid: /rules/1: ${username}: is no reference"));
  CHECK(broker.process().wait_for("write $${username}"));
  // Nobody publishes by rules that were not understood, nor because there are none.
  CHECK(broker.process().wait_for("a plugin that decides what clients may do does not run"));
  CHECK(run({"mosquitto_pub", "-V", "mqttv5", "-p", std::to_string(broker.port()), "-u", "ann", "-t", "ok/x", "-m", "y",
             "-q", "1"})
            .error.find("uthoriz") != std::string::npos);
  CHECK(broker.stop() == 0);
}
