// The real broker, real clients, and a real MariaDB server that the test starts, kills, freezes and starts again.
#include <catch2/catch.hpp>
#include <chrono>

#include "acl_broker.h"

using namespace patchbay::acl_mysql;  // NOLINT: test

TEST_CASE("acl-mysql wire: rows of the default table allow and deny, over a verified connection") {
  rules(
      "('ann', '', 'publish', 'deny', 'a/secret', NULL, NULL), ('ann', '', 'all', 'allow', 'a/#', NULL, NULL),"
      "('ann', '', 'all', 'allow', 'own/${username}/+', NULL, NULL), ('ann', '', 'all', 'allow', 'eq l/+', NULL, NULL),"
      "('ann', '', 'publish', 'allow', 'q', 1, NULL), ('ann', '', 'publish', 'allow', 'r', NULL, 1),"
      "('', 'c1', 'all', 'allow', 'by-id', NULL, NULL)");
  AclBroker broker(acl_only());
  MqttClient ann = broker.client("c1", "ann");
  CHECK(ann.publish("a/secret", "x", 1) == kNotAuthorized);
  CHECK(ann.publish("a/open", "x", 1) != kNotAuthorized);
  CHECK(ann.publish("own/ann/1", "x", 1) != kNotAuthorized);
  CHECK(ann.publish("own/bob/1", "x", 1) == kNotAuthorized);
  CHECK(ann.publish("q", "x", 1) != kNotAuthorized);
  CHECK(ann.publish("q", "x", 2) == kNotAuthorized);
  CHECK(ann.publish("r", "", 1, true) != kNotAuthorized);
  CHECK(ann.publish("r", "x", 1, false) == kNotAuthorized);
  CHECK(ann.publish("l/x", "x", 1) == kNotAuthorized);
  CHECK(subscribed(ann, "l/+") == 1);
  CHECK(subscribed(ann, "a/+") == 1);
  CHECK(subscribed(ann, "#") == kNotAuthorized);
  CHECK(subscribed(ann, "$share/g/#") == kNotAuthorized);
  CHECK(subscribed(ann, "$share/g/a/#") == 1);
  CHECK(ann.publish("by-id", "x", 1) == kNotAuthorized);  // the default query asks by user name only
  MqttClient other = broker.client("c2", "Ann");
  CHECK(other.publish("a/open", "x", 1) == kNotAuthorized);

  // Other settings are taken over by a new instance beside the old one; then it goes altogether, code and connections.
  broker.configure(acl_only("pool_size = 3\n"));
  broker.reload_until("plugin unmapped");
  CHECK(ann.publish("a/secret", "x", 1) == kNotAuthorized);
  CHECK(ann.publish("a/open", "x", 1) != kNotAuthorized);
  broker.configure("");
  broker.reload_until("after=unloaded");
  ann.ping();
  CHECK(broker.stop() == 0);
}

TEST_CASE("acl-mysql wire: SQL in names is a name; placeholders bring no wildcard into a topic") {
  rules(
      "('ann', '', 'all', 'allow', 'a/#', NULL, NULL), ('#', '', 'all', 'allow', 'own/${username}', NULL, NULL),"
      "('+', '', 'all', 'allow', 'own/${username}', NULL, NULL)");
  AclBroker broker(acl_only() +
                   "query = \"SELECT * FROM mqtt_acl WHERE username = $${username} OR (clientid <> '' AND "
                   "clientid = '$${clientid}') ORDER BY id\"\n");
  const std::string attacks[] = {"' OR '1'='1",
                                 "ann' -- ",
                                 "x' UNION SELECT 'allow','all','#',NULL,NULL,NULL -- ",
                                 "'; DROP TABLE mqtt_acl; -- ",
                                 "\\' OR 1=1 #",
                                 "${username}",
                                 "ann ",
                                 "ANN",
                                 "a\xC3\xBCnn\"; --"};
  for (const std::string& attack : attacks) {
    INFO(attack);
    // Each with a client id of its own: the session of another user is not to be had.
    MqttClient by_user = broker.client("c" + std::to_string(&attack - attacks), attack);
    CHECK(by_user.publish("a/x", "x", 1) == kNotAuthorized);
    CHECK(subscribed(by_user, "#") == kNotAuthorized);
    MqttClient by_id(broker.port(), {.client_id = attack, .user_name = "nobody"});
    const bool connected = by_id.connect().reason_code == kGranted;  // the broker itself refuses some client ids
    CHECK((!connected || by_id.publish("a/x", "x", 1) == kNotAuthorized));
  }
  for (const char* wild : {"#", "+"}) {
    MqttClient client = broker.client(wild[0] == '#' ? "w1" : "w2", wild);
    CHECK(subscribed(client, std::string("own/") + wild) == kNotAuthorized);
    CHECK(client.publish("own/bob", "x", 1) == kNotAuthorized);
  }
  MqttClient ann = broker.client("ann", "ann");
  const bool allowed = ann.publish("a/x", "x", 1) != kNotAuthorized;
  const int stopped = broker.stop();
  const std::string log = broker.process().error();
  INFO(log);
  CHECK(allowed);  // the table is still there
  CHECK(stopped == 0);
}

TEST_CASE("acl-mysql wire: passwords by each algorithm, each by an instance of its own, and superusers") {
  struct Algorithm {
    std::string name;
    std::string settings;
    std::string hash;  // SQL
    std::string salt;
  };
  const Algorithm algorithms[] = {
      {"plain", "name = \"plain\", salt_position = \"disable\"", "'secret'", ""},
      {"md5", "name = \"md5\", salt_position = \"suffix\"", "MD5(CONCAT('secret', 'salt'))", "salt"},
      {"sha", "name = \"sha\", salt_position = \"prefix\"", "SHA1(CONCAT('salt', 'secret'))", "salt"},
      {"sha256", "name = \"sha256\", salt_position = \"prefix\"", "SHA2(CONCAT('salt', 'secret'), 256)", "salt"},
      {"sha512", "name = \"sha512\", salt_position = \"disable\"", "SHA2('secret', 512)", ""},
      {"bcrypt", "name = \"bcrypt\"", "'$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW'", ""},
      {"pbkdf2", "name = \"pbkdf2\", mac_fun = \"sha256\", iterations = 1000, dk_length = 32",
       "'a8df899f3c4f204d967e0ad63c092987c10055ebb017b3d9d28add218d4f7aad'", "salt"}};
  std::string enabled;
  std::string text;
  database().sql("USE mqtt; TRUNCATE mqtt_user; TRUNCATE mqtt_acl");
  for (const Algorithm& each : algorithms) {
    enabled += (enabled.empty() ? "\"" : ", \"") + each.name + "\"";
    text += instance(each.name, "pool_size = 1\n[plugin." + each.name +
                                    ".settings.authorization]\nenabled = false\n[plugin." + each.name +
                                    ".settings.authentication]\nenabled = true\npassword_hash_algorithm = { " +
                                    each.settings +
                                    " }\nquery = \"SELECT password_hash, salt, is_superuser FROM mqtt_user WHERE "
                                    "username = $${username} AND username LIKE '" +
                                    each.name + "-%'\"\n");
    database().sql("USE mqtt; INSERT INTO mqtt_user (username, password_hash, salt, is_superuser) VALUES ('" +
                   each.name + "-user', " + each.hash + ", '" + each.salt + "', 0), ('" + each.name + "-root', " +
                   each.hash + ", '" + each.salt + "', 1)");
  }
  text += instance("acl", "pool_size = 1\n[plugin.acl.settings.authorization]\nno_match = \"deny\"\n");
  AclBroker broker("enabled = [" + enabled + ", \"acl\"]\n" + text);
  for (const Algorithm& each : algorithms) {
    INFO(each.name);
    CHECK(broker.login(each.name + "-user", "secret") == kGranted);
    CHECK(broker.login(each.name + "-user", "Secret") == kBadUserNameOrPassword);
    CHECK(broker.login(each.name + "-user", "") != kGranted);
    CHECK(broker.login(each.name + "-user' OR '1'='1", "secret") != kGranted);
    MqttClient root = broker.client("root-" + each.name, each.name + "-root");
    CHECK(root.publish("anything", "x", 1) != kNotAuthorized);
    MqttClient user = broker.client("user-" + each.name, each.name + "-user");
    CHECK(user.publish("anything", "x", 1) == kNotAuthorized);
  }
  CHECK(broker.login("nobody", "secret") != kGranted);
  CHECK_FALSE(broker.says("database-secret"));
  CHECK(broker.stop() == 0);
}

TEST_CASE("acl-mysql wire: a server that dies denies, and is found again when it is back") {
  rules("('ann', '', 'all', 'allow', '#', NULL, NULL)");
  AclBroker broker(acl_only("pool_size = 2\n"));
  MqttClient ann = broker.client("c1", "ann");
  CHECK(ann.publish("a", "x", 1) != kNotAuthorized);
  database().kill();
  CHECK(ann.publish("b", "x", 1) == kNotAuthorized);
  CHECK(subscribed(ann, "b") == kNotAuthorized);
  CHECK(broker.process().wait_for("can't connect to the database"));
  // An outage with many questions: the broker must not take the plugin for broken.
  for (int count = 0; count < 100; ++count) CHECK(ann.publish("b", "x", 1) == kNotAuthorized);
  database().start();
  CHECK(soon([&] { return ann.publish("c", "x", 1) != kNotAuthorized; }));
  CHECK(soon([&] { return ann.publish("b", "x", 1) != kNotAuthorized; }));  // no denial of the outage is remembered
  ann.ping();
  CHECK(broker.stop() == 0);
}

TEST_CASE("acl-mysql wire: a broker starts without its database, and a wrong schema denies until it is right") {
  rules("('ann', '', 'all', 'allow', '#', NULL, NULL)");
  database().sql("USE mqtt; RENAME TABLE mqtt_acl TO elsewhere");
  database().kill();
  AclBroker broker(acl_only("pool_size = 1\n"), false);
  MqttClient ann = broker.client("c1", "ann");
  CHECK(ann.publish("a", "x", 1) == kNotAuthorized);
  database().start();
  CHECK(broker.process().wait_for("connected to the database"));
  CHECK(ann.publish("a", "x", 1) == kNotAuthorized);
  CHECK(broker.process().wait_for("mqtt_acl' doesn't exist"));
  database().sql("USE mqtt; RENAME TABLE elsewhere TO mqtt_acl");
  CHECK(ann.publish("a", "x", 1) != kNotAuthorized);
  // A column that is of another kind is told by row.
  database().sql("USE mqtt; UPDATE mqtt_acl SET topic = 'a/#/b'");
  CHECK(ann.publish("b", "x", 1) == kNotAuthorized);
  CHECK(broker.process().wait_for("row 1 of the rules: topic"));
  CHECK(broker.stop() == 0);
}

TEST_CASE("acl-mysql wire: a slow query holds up who asked, for as long as is allowed, and nobody else") {
  rules("('ann', '', 'all', 'allow', '#', NULL, NULL), ('slow', '', 'all', 'allow', '#', NULL, NULL)");
  AclBroker broker(acl_only("pool_size = 2\nquery_timeout = \"2s\"\n") +
                   "query = \"SELECT *, IF(username = 'slow', SLEEP(20), 0) FROM mqtt_acl WHERE username = "
                   "$${username}\"\n");
  MqttClient slow = broker.client("c1", "slow");
  MqttClient ann = broker.client("c2", "ann");
  slow.send(publish_packet(5, {.topic = "a", .payload = "x", .qos = 1, .packet_id = slow.next_packet_id()}));
  const auto begin = std::chrono::steady_clock::now();
  for (int count = 0; count < 20; ++count) {
    CHECK(ann.publish("t" + std::to_string(count), "x", 1) != kNotAuthorized);
  }
  CHECK(std::chrono::steady_clock::now() - begin < 1500ms);
  const Packet answer = slow.expect(packet_type::kPuback);
  CHECK(static_cast<int>(static_cast<std::uint8_t>(answer.body.at(2))) == kNotAuthorized);
  CHECK(std::chrono::steady_clock::now() - begin < 6s);

  // A server that says nothing at all: denied in time, and all is well when it speaks again.
  database().freeze();
  const auto frozen = std::chrono::steady_clock::now();
  CHECK(static_cast<int>(ann.publish("frozen", "x", 1)) == kNotAuthorized);
  CHECK(std::chrono::steady_clock::now() - frozen < 5s);
  database().thaw();
  CHECK(soon([&] { return ann.publish("thawed", "x", 1) != kNotAuthorized; }));
  CHECK(broker.stop() == 0);
}

TEST_CASE("acl-mysql wire: the server's certificate is verified, and a wrong one gets no password") {
  rules("('ann', '', 'all', 'allow', '#', NULL, NULL)");
  const std::string deny = "pool_size = 1\n[plugin.acl.settings.authorization]\nno_match = \"deny\"\n";
  const auto publishes = [&](const std::string& tls, bool reached) {
    AclBroker broker("enabled = [\"acl\"]\n" + instance("acl", deny, tls), reached);
    MqttClient ann = broker.client("c1", "ann");
    if (!reached && !broker.process().wait_for("can't connect to the database")) return std::string("no refusal");
    const bool allowed = ann.publish("a", "x", 1) != kNotAuthorized;
    CHECK(allowed == reached);
    const std::string log = broker.process().error();
    CHECK(broker.stop() == 0);
    return log;
  };
  CHECK_THAT(publishes("mode = \"verify\"", false), Catch::Contains("can't connect to the database"));
  const CertificateAuthority stranger(database().folder(), "stranger");
  static_cast<void>(publishes("mode = \"verify\", ca_file = \"" + stranger.certificate_file() + "\"", false));
  static_cast<void>(publishes("mode = \"encrypt_only\"", true));
  database().sql("ALTER USER patchbay@localhost REQUIRE SSL; ALTER USER patchbay@'%' REQUIRE SSL");
  static_cast<void>(publishes("mode = \"off\"", false));
  database().sql("ALTER USER patchbay@localhost REQUIRE NONE; ALTER USER patchbay@'%' REQUIRE NONE");
  static_cast<void>(publishes("mode = \"off\"", true));
}

TEST_CASE("acl-mysql wire: by a socket file, with rules that are kept") {
  rules("('ann', '', 'all', 'allow', 'a', NULL, NULL)");
  AclBroker broker(
      "enabled = [\"acl\"]\n[plugin.acl]\nfile = \"acl-mysql.so\"\npermissions = "
      "[\"clients\"]\n[plugin.acl.settings]\nserver = \"unix:" +
      database().socket() + "\"\npassword = \"database-secret\"\npool_size = 1\n");
  MqttClient ann = broker.client("c1", "ann");
  CHECK(ann.publish("a", "x", 1) != kNotAuthorized);
  database().sql("USE mqtt; TRUNCATE mqtt_acl");
  CHECK(ann.publish("a", "x", 1) != kNotAuthorized);
  CHECK(ann.publish("b", "x", 1) == kNotAuthorized);  // nobody has an opinion, and nobody else is asked
  MqttClient fresh = broker.client("c2", "ann");
  CHECK(fresh.publish("a", "x", 1) == kNotAuthorized);
  CHECK(broker.stop() == 0);
}
