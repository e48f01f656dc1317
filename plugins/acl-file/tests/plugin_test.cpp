#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <patchbay/testing/fake_host.hpp>

using namespace std::chrono_literals;
using patchbay::testing::fake_host;
using patchbay::testing::plugin_file;

namespace {

/// A rule file, and the plugin with it on the fake host.
class Fixture {
 public:
  explicit Fixture(const std::string& rules, const std::string& more = {}) { start(rules, more); }
  ~Fixture() {
    host.stop();
    CHECK(host.leaks().none());
    CHECK(host.violations().empty());
    std::filesystem::remove(path);
  }
  void write(const std::string& text) const {
    std::ofstream(path + ".new", std::ios::binary) << text;
    std::filesystem::rename(path + ".new", path);
  }
  [[nodiscard]] std::string settings(const std::string& more) const {
    return "{\"path\": \"" + path + "\"" + more + "}";
  }
  [[nodiscard]] bool publishes(const std::string& topic, const std::string& identity = "ann") {
    return host.acl_publish({.topic = topic, .client_id = "c1", .username = identity, .identity = identity}).allowed();
  }
  [[nodiscard]] bool subscribes(const std::string& filter) {
    return host.acl_subscribe({.topic = filter, .client_id = "c1", .username = "ann", .identity = "ann"}).allowed();
  }
  std::shared_ptr<patchbay::testing::response> get(const std::string& route,
                                                   std::vector<std::pair<std::string, std::string>> parameters = {}) {
    return host.request({.path = route, .parameters = std::move(parameters)});
  }

  const std::string path =
      (std::filesystem::temp_directory_path() / ("acl-file-" + std::to_string(::getpid()))).string();
  plugin_file file{PATCHBAY_ACL_FILE};
  fake_host host;

 private:
  void start(const std::string& rules, const std::string& more) {
    if (rules != "no file") write(rules);
    host.settings(settings(more));
    REQUIRE(host.start(file.entry()) == PATCHBAY_OK);
  }
};

}  // namespace

TEST_CASE("acl-file: rules decide, and what no rule is about is denied") {
  Fixture fixture("allow user ann publish own/${clientid}/#\ndeny all publish own/#\nallow all subscribe news/+\n");
  CHECK(fixture.publishes("own/c1/a"));
  CHECK_FALSE(fixture.publishes("own/c2/a"));
  CHECK_FALSE(fixture.publishes("own/c1/a", "bob"));
  CHECK(fixture.subscribes("news/x"));
  CHECK(fixture.subscribes("news/+"));
  CHECK_FALSE(fixture.subscribes("news/#"));
  CHECK_FALSE(fixture.publishes("elsewhere"));
  CHECK(fixture.host.store.metric("allowed") == 3);
  CHECK(fixture.host.store.metric("denied") == 2);
  CHECK(fixture.host.store.metric("unmatched") == 2);
  CHECK(fixture.host.health().first == PATCHBAY_OK);
}

TEST_CASE("acl-file: no_match is the operator's choice") {
  const patchbay::testing::fake_host::right asked{.topic = "a"};
  CHECK(Fixture("", ", \"no_match\": \"allow\"").host.acl_publish(asked).allowed());
  CHECK(Fixture("", ", \"no_match\": \"ignore\"").host.acl_publish(asked).continued());
  CHECK(Fixture("", ", \"no_match\": \"deny\"").host.acl_publish(asked).denied());
}

TEST_CASE("acl-file: only a verified name opens, unless the operator trusts claims") {
  const patchbay::testing::fake_host::right claimed{.topic = "a", .client_id = "x", .username = "ann"};
  CHECK(Fixture("allow user ann\n").host.acl_publish(claimed).denied());
  CHECK(Fixture("allow user ann\n", ", \"trust_claimed_usernames\": true").host.acl_publish(claimed).allowed());
}

TEST_CASE("acl-file: attributes and addresses are the client's") {
  Fixture fixture(
      "allow attribute site berlin publish at/${client_attrs.site}\nallow address 127.0.0.0/8 publish "
      "ip/${peerhost}\n");
  fixture.host.all_clients.add({.client_id = "b", .identity = "i", .attributes = {{"site", "berlin"}}});
  CHECK(fixture.host.acl_publish({.topic = "at/berlin", .client_id = "b"}).allowed());
  CHECK(fixture.host.acl_publish({.topic = "at/paris", .client_id = "b"}).denied());
  CHECK(fixture.host.acl_publish({.topic = "at/berlin", .client_id = "other"}).denied());
  CHECK(fixture.host.acl_publish({.topic = "ip/127.0.0.1", .client_id = "b"}).allowed());
  CHECK(fixture.host.acl_publish({.topic = "ip/10.0.0.1", .client_id = "b"}).denied());
}

TEST_CASE("acl-file: a changed file is taken by itself, and decisions are forgotten") {
  Fixture fixture("allow all publish a\n");
  CHECK(fixture.publishes("a"));
  CHECK_FALSE(fixture.publishes("b"));
  const size_t forgotten = fixture.host.all_clients.invalidated().size();
  fixture.write("allow all publish b\n# longer\n");
  fixture.host.advance(5s);
  CHECK(fixture.publishes("b"));
  CHECK_FALSE(fixture.publishes("a"));
  CHECK(fixture.host.all_clients.invalidated().size() == forgotten + 1);
  CHECK(fixture.host.store.metric("rules") == 1);
}

TEST_CASE("acl-file: a wrong file leaves the last good rules in force, and says which line is wrong") {
  Fixture fixture("allow all publish a\n");
  fixture.write("allow all publish b\nallow nonsense\n");
  fixture.host.advance(5s);
  CHECK(fixture.publishes("a"));
  CHECK_FALSE(fixture.publishes("b"));
  CHECK(fixture.host.logged("line 2"));
  CHECK(fixture.host.health().first == PATCHBAY_BUSY);
  CHECK(fixture.host.health().second.find("line 2") != std::string::npos);
  CHECK(fixture.host.store.metric("reload_failures") == 1);
  const auto answer = fixture.host.request({.method = "POST", .path = "/reload"});
  CHECK(answer->http_status == 400);
  CHECK(answer->body.find("line 2: who?") != std::string::npos);
  std::filesystem::remove(fixture.path);
  fixture.host.advance(5s);
  CHECK(fixture.publishes("a"));
  fixture.write("allow all publish b\n");
  CHECK(fixture.host.request({.method = "POST", .path = "/reload"})->http_status == 200);
  CHECK(fixture.publishes("b"));
  CHECK(fixture.host.health().first == PATCHBAY_OK);
}

TEST_CASE("acl-file: without rules at the start everything is denied, until there are some") {
  Fixture fixture("no file", ", \"no_match\": \"allow\"");
  CHECK(fixture.host.health().first == PATCHBAY_FAILED);
  CHECK_FALSE(fixture.publishes("a"));
  CHECK_FALSE(fixture.subscribes("a"));
  CHECK(fixture.get("/explain", {{"action", "publish"}, {"topic", "a"}})->body ==
        "{\"result\": \"deny\", \"by\": \"no rules\"}");
  fixture.write("allow all publish a\n");
  fixture.host.advance(5s);
  CHECK(fixture.publishes("a"));
}

TEST_CASE("acl-file: settings are checked with the field named") {
  Fixture fixture("allow all publish a\n");
  CHECK(fixture.host.check(R"({"path": "/nonexistent/acl"})") == PATCHBAY_INVALID);
  CHECK(fixture.host.errors().find("/path") != std::string::npos);
  CHECK(fixture.host.check(R"({"rules": ["allow all", "allow"]})") == PATCHBAY_INVALID);
  CHECK(fixture.host.errors().find("line 2") != std::string::npos);
  CHECK(fixture.host.configure(R"({"path": "/nonexistent/acl"})") != PATCHBAY_OK);
  CHECK(fixture.publishes("a"));
  CHECK(fixture.host.configure(R"({"rules": ["allow all publish b"]})") == PATCHBAY_OK);
  CHECK(fixture.publishes("b"));
  CHECK_FALSE(fixture.publishes("a"));
}

TEST_CASE("acl-file: why something is allowed or denied") {
  Fixture fixture("# rules\nallow user ann and address 10.0.0.0/8 publish qos=1 a/#\ndeny all subscribe eq #\n");
  const auto publish = fixture.get("/explain", {{"action", "publish"},
                                                {"topic", "a/b"},
                                                {"qos", "1"},
                                                {"retain", "true"},
                                                {"username", "ann"},
                                                {"clientid", "c"},
                                                {"peerhost", "10.9.9.9"}});
  CHECK(publish->http_status == 200);
  CHECK(publish->body == "{\"result\": \"allow\", \"by\": \"rule\", \"file\": \"" + fixture.path +
                             "\", \"line\": 2, \"rule\": \"allow user ann and address 10.0.0.0/8 publish qos=1 a/#\"}");
  const auto shared = fixture.get("/explain", {{"action", "subscribe"}, {"topic", "$share/g/#"}, {"username", "ann"}});
  CHECK(shared->body.find("\"result\": \"deny\", \"by\": \"rule\"") != std::string::npos);
  CHECK(shared->body.find("\"line\": 3") != std::string::npos);
  CHECK(fixture.get("/explain", {{"action", "publish"}, {"topic", "z"}})->body ==
        "{\"result\": \"deny\", \"by\": \"no_match\"}");
  using Parameters = std::vector<std::pair<std::string, std::string>>;
  for (const Parameters& wrong : {Parameters{{"topic", "a"}}, Parameters{{"action", "publish"}, {"topic", "a/+"}},
                                  Parameters{{"action", "subscribe"}, {"topic", "a/#/b"}},
                                  Parameters{{"action", "publish"}, {"topic", "a"}, {"qos", "3"}},
                                  Parameters{{"action", "publish"}, {"topic", "a"}, {"retain", "no"}},
                                  Parameters{{"action", "publish"}, {"topic", "a"}, {"peerhost", "x"}}}) {
    CHECK(fixture.get("/explain", wrong)->http_status == 400);
  }
}

TEST_CASE("acl-file: the rules in force can be read, page by page") {
  Fixture fixture("allow user a\nallow user b\nallow user c\n");
  CHECK(fixture.get("/rules", {{"page", "2"}, {"limit", "2"}})->body ==
        "{\"data\": [{\"line\": 3, \"rule\": \"allow user c\"}], "
        "\"meta\": {\"page\": 2, \"limit\": 2, \"count\": 3, \"hasnext\": false}}");
  CHECK(fixture.get("/rules")->body.find("\"line\": 1") != std::string::npos);
  CHECK(fixture.get("/rules", {{"page", "9"}})->body.find("\"data\": []") != std::string::npos);
}

TEST_CASE("acl-file: rules change while shards ask") {
  Fixture fixture("allow all publish a\n");
  for (int round = 0; round < 50; ++round) {
    fixture.write(round % 2 == 0 ? "allow all publish b\n" : "allow all publish a\n");
    CHECK(fixture.host.request({.method = "POST", .path = "/reload"})->http_status == 200);
    CHECK(fixture.publishes(round % 2 == 0 ? "b" : "a"));
    if (round % 7 == 0) fixture.host.settle();
  }
}
