#include "running_plugin.h"
#include "settings.h"

using namespace patchbay::acl_mysql;  // NOLINT: test

namespace {

const Value kNull;

std::string with_hash(const std::string& algorithm) {
  return R"({"pool_size": 1, "authorization": {"enabled": false},
             "authentication": {"enabled": true, "password_hash_algorithm": )" +
         algorithm + "}}";
}

constexpr const char* kPlain = R"({"name": "plain", "salt_position": "disable"})";

}  // namespace

TEST_CASE("acl-mysql log-in: the row decides, and says who is a superuser") {
  RunningPlugin plugin;
  plugin.database.answer_with([](const Query&, const std::vector<Value>& parameters) {
    return Outcome{Fault::none, "", user_row("secret", "", parameters[0] == "root" ? "1" : "0")};
  });
  plugin.start(with_hash(kPlain));
  const auto ann = plugin.login("ann", "secret");
  CHECK(ann.allowed());
  CHECK(ann.grant().identity == "ann");
  CHECK_FALSE(ann.grant().superuser);
  CHECK(plugin.settled(plugin.host.authenticate({.client_id = "c2", .username = "root", .password = "secret"}))
            .grant()
            .superuser);
  const auto wrong = plugin.login("ann", "Secret");
  CHECK(wrong.denied());
  CHECK_FALSE(wrong.failed());
  CHECK(wrong.reason() == 0x86);
  CHECK(plugin.metric("authentications{result=\"allow\"}") == 2);
  CHECK(plugin.metric("authentications{result=\"deny\"}") == 1);
  plugin.stop();
}

TEST_CASE("acl-mysql log-in: without a row or without a password there is no opinion") {
  RunningPlugin plugin;
  plugin.database.answer_rows({{"password_hash", "salt", "is_superuser"}, {}});
  plugin.start(with_hash(kPlain));
  CHECK(plugin.login("nobody", "secret").continued());
  CHECK(plugin.metric("authentications{result=\"unknown\"}") == 1);
  const auto silent = plugin.host.authenticate({.client_id = "c1", .username = "ann"});
  CHECK_FALSE(silent.deferred());
  CHECK(silent.continued());
  CHECK(plugin.database.asked().size() == 1);
  plugin.stop();
}

TEST_CASE("acl-mysql log-in: a user without a hash doesn't get in, nor one of two") {
  RunningPlugin plugin;
  plugin.database.answer_rows(user_row(kNull));
  plugin.start(with_hash(kPlain));
  CHECK(plugin.login("ann", "secret").denied());
  plugin.database.answer_rows(user_row(""));
  CHECK(plugin.login("ann", "x").denied());
  Rows two = user_row("secret");
  two.rows.push_back(two.rows.front());
  plugin.database.answer_rows(two);
  CHECK(plugin.login("ann", "secret").reason() == 0x88);
  plugin.database.answer_rows({{"password"}, {{"secret"}}});
  CHECK(plugin.login("ann", "secret").reason() == 0x88);
  CHECK_THAT(plugin.host.health().second, Catch::Contains("password_hash"));
  plugin.stop();
}

TEST_CASE("acl-mysql log-in: each algorithm, with its salt where it belongs") {
  struct Case {
    const char* algorithm;
    const char* hash;
    const char* salt;
  };
  const Case cases[] = {
      {R"({"name": "plain", "salt_position": "prefix"})", "saltsecret", "salt"},
      {R"({"name": "md5", "salt_position": "suffix"})", "99cd2e5a95d555ee7be3b038a4a84625", "salt"},
      {R"({"name": "sha", "salt_position": "disable"})", "e5e9fa1ba31ecd1ae84f75caaa474f3a663f05f4", ""},
      {R"({"name": "sha256", "salt_position": "prefix"})",
       "bede90386d450cea8b77b822f8887065e4e5abf132c2f9dccfcc7fbd4cba5e35", "salt"},
      {R"({"name": "sha512", "salt_position": "disable"})",
       "bd2b1aaf7ef4f09be9f52ce2d8d599674d81aa9d6a4421696dc4d93dd0619d682ce56b4d64a9ef097761ced99e0f67265b5f76085e5b0e"
       "e7ca4696b2ad6fe2b2",
       ""},
      {R"({"name": "pbkdf2", "mac_fun": "sha256", "iterations": 1000, "dk_length": 32})",
       "a8df899f3c4f204d967e0ad63c092987c10055ebb017b3d9d28add218d4f7aad", "salt"},
      {R"({"name": "bcrypt"})", "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW", ""},
  };
  for (const Case& each : cases) {
    INFO(each.algorithm);
    RunningPlugin plugin;
    plugin.database.answer_rows(user_row(each.hash, each.salt));
    plugin.start(with_hash(each.algorithm));
    CHECK(plugin.login("ann", "secret").allowed());
    CHECK(plugin.login("ann", "secre").denied());
    plugin.database.answer_rows(user_row("zz", each.salt));
    CHECK(plugin.login("ann", "secret").denied());
    plugin.stop();
  }
}

TEST_CASE("acl-mysql log-in: a hash that takes its time is computed on a worker, and keeps no connection") {
  RunningPlugin plugin;
  plugin.database.answer_rows(user_row("$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"));
  plugin.start(with_hash(R"({"name": "bcrypt"})"));
  const auto first = plugin.host.authenticate({.client_id = "c1", .username = "ann", .password = "secret"});
  const auto second = plugin.host.authenticate({.client_id = "c2", .username = "ann", .password = "wrong"});
  plugin.database.wait_for_queries(2);  // the one connection went on before anybody's hash was computed
  CHECK_FALSE(first.done());
  CHECK(plugin.settled(first).allowed());
  CHECK(plugin.settled(second).denied());
  plugin.stop();
}

TEST_CASE("acl-mysql log-in: a password is in no query, no log and no metric") {
  RunningPlugin plugin;
  plugin.database.answer_rows(user_row("99cd2e5a95d555ee7be3b038a4a84625", "salt"));
  plugin.start(with_hash(R"({"name": "md5", "salt_position": "suffix"})"));
  CHECK(plugin.login("ann", "secret").allowed());
  CHECK(plugin.login("ann", "other-secret").denied());
  plugin.database.lose(2);
  CHECK(plugin.login("ann", "other-secret").reason() == 0x88);
  for (const auto& asked : plugin.database.asked()) {
    CHECK(asked.parameters == std::vector<Value>{"ann"});
  }
  plugin.stop();
  CHECK_FALSE(plugin.host.logged("secret"));
  CHECK_FALSE(plugin.host.logged("99cd2e5a"));
}
