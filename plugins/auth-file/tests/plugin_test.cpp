#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <patchbay/testing/fake_host.hpp>

#include "scram_client.h"

using namespace std::chrono_literals;
using namespace patchbay::auth_file;
using patchbay::testing::answer;
using patchbay::testing::fake_host;
using patchbay::testing::plugin_file;

namespace {

constexpr const char* kCheap =
    ", \"password_hash\": {\"argon2_memory_kib\": 64, \"argon2_passes\": 1, \"bcrypt_rounds\": 4, "
    "\"pbkdf2_iterations\": 1000}, \"scram_iterations\": 4096";

/// The plugin on the fake host, with a user file.
class Fixture {
 public:
  explicit Fixture(const std::string& more = {}, const std::string& file_text = {}) {
    std::filesystem::remove(path);
    if (!file_text.empty()) write(file_text);
    host.settings(settings(more));
    REQUIRE(host.start(file.entry()) == PATCHBAY_OK);
  }
  ~Fixture() {
    host.stop();
    CHECK(host.leaks().none());
    CHECK(host.violations().empty());
    std::filesystem::remove(path);
  }
  std::string settings(const std::string& more) const { return "{\"path\": \"" + path + "\"" + kCheap + more + "}"; }
  void write(const std::string& text) const {
    std::ofstream(path + ".new", std::ios::binary) << text;
    std::filesystem::rename(path + ".new", path);
  }
  std::string read() const {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::shared_ptr<patchbay::testing::response> request(const std::string& method, const std::string& route,
                                                       const std::string& body = {}) {
    std::vector<std::pair<std::string, std::string>> parameters;
    if (route.starts_with("/users/") && route != "/users/import") parameters = {{"user_id", route.substr(7)}};
    return host.request({.method = method, .path = route, .body = body, .parameters = parameters});
  }
  void add(const std::string& user, const std::string& password, bool superuser = false) {
    const auto answer = request("POST", "/users",
                                "{\"user_id\": \"" + user + "\", \"password\": \"" + password +
                                    "\", \"is_superuser\": " + (superuser ? "true" : "false") + "}");
    INFO(answer->body);
    REQUIRE(answer->http_status == 201);
  }
  answer login(const std::string& user, const std::string& password, const std::string& client = "c1") {
    auto given = host.authenticate({.client_id = client, .username = user, .password = password});
    host.settle();
    return given;
  }
  answer enhanced(const std::string& method, const std::string& data, uint32_t step, uint64_t exchange = 1,
                  const std::string& username = {}) {
    patchbay_enhanced_event event{};
    event.step = step;
    event.client = host.client("scram" + username, username);
    event.method = {method.data(), method.size()};
    event.data = {reinterpret_cast<const uint8_t*>(data.data()), data.size()};
    event.exchange_id = exchange;
    return host.call(PATCHBAY_HOOK_auth_enhanced, event);
  }

  const std::string path =
      (std::filesystem::temp_directory_path() / ("auth-file-" + std::to_string(::getpid()))).string();
  plugin_file file{PATCHBAY_AUTH_FILE};
  fake_host host;
};

}  // namespace

TEST_CASE("auth-file: users are added, let in, changed and removed over REST") {
  Fixture fixture;
  CHECK(fixture.login("ann", "secret").denied());  // there is nobody yet
  fixture.add("ann", "secret");
  fixture.add("root", "toor", true);
  CHECK(fixture.login("ann", "secret").allowed());
  CHECK(fixture.login("ann", "secret").grant().identity == "ann");
  CHECK_FALSE(fixture.login("ann", "secret").grant().superuser);
  CHECK(fixture.login("root", "toor").grant().superuser);
  const auto wrong = fixture.login("ann", "Secret");
  CHECK(wrong.denied());
  CHECK(wrong.reason() == 0x86);
  CHECK(fixture.request("PUT", "/users/ann", R"({"password": "new"})")->http_status == 200);
  CHECK(fixture.login("ann", "secret").denied());
  CHECK(fixture.login("ann", "new").allowed());
  CHECK(fixture.request("PUT", "/users/ann", R"({"is_superuser": true})")->http_status == 200);
  CHECK(fixture.login("ann", "new").grant().superuser);
  CHECK(fixture.request("DELETE", "/users/ann")->http_status == 204);
  CHECK(fixture.login("ann", "new").denied());
  CHECK(fixture.request("DELETE", "/users/ann")->http_status == 404);
  CHECK(fixture.host.store.metric("allowed") == 6);
}

TEST_CASE("auth-file: passwords go in and never come out") {
  Fixture fixture;
  fixture.add("ann", "hidden-word");
  for (const auto& shown : {fixture.request("GET", "/users"), fixture.request("GET", "/users/ann"),
                            fixture.request("PUT", "/users/ann", R"({"password": "hidden-word"})")}) {
    CHECK(shown->body.find("hidden-word") == std::string::npos);
    CHECK(shown->body.find("$argon2id$") == std::string::npos);
    CHECK(shown->body.find("SCRAM-SHA-256$") == std::string::npos);
    CHECK(shown->body.find("\"user_id\": \"ann\"") != std::string::npos);
  }
  CHECK(fixture.request("GET", "/users/ann")->body ==
        "{\"user_id\": \"ann\", \"is_superuser\": false, \"password_hash_algorithm\": \"argon2id\", "
        "\"scram_mechanisms\": [\"SCRAM-SHA-256\", \"SCRAM-SHA-512\"]}");
  CHECK(fixture.read().find("hidden-word") == std::string::npos);
  fixture.login("ann", "hidden-word");
  fixture.login("ann", "hidden-wrong");
  CHECK_FALSE(fixture.host.logged("hidden"));
  struct stat found {};
  REQUIRE(::stat(fixture.path.c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0600);
}

TEST_CASE("auth-file: requests that are wrong say what") {
  Fixture fixture;
  fixture.add("ann", "secret");
  CHECK(fixture.request("POST", "/users", R"({"user_id": "ann", "password": "x"})")->http_status == 409);
  for (const char* body :
       {"", "[]", "{", R"({"user_id": "x"})", R"({"password": "x"})", R"({"user_id": "", "password": "x"})",
        R"({"user_id": "x", "password": ""})", R"({"user_id": "x", "password": 1})",
        R"({"user_id": "x", "password": "y", "other": 1})", R"({"user_id": "x", "password": "y", "is_superuser": 1})",
        R"({"user_id": "x", "password_hash": "plain"})", R"({"user_id": "x\n", "password": "y"})",
        R"({"user_id": "x", "password": "y", "password_hash": "z"})"}) {
    INFO(body);
    const auto answer = fixture.request("POST", "/users", body);
    CHECK(answer->http_status == 400);
    CHECK(answer->body.starts_with("{\"code\": \"BAD_REQUEST\""));
  }
  CHECK(fixture.request("PUT", "/users/nobody", R"({"password": "x"})")->http_status == 404);
  CHECK(fixture.request("PUT", "/users/ann", R"({"user_id": "bob"})")->http_status == 400);
  CHECK(fixture.request("GET", "/users/nobody")->http_status == 404);
}

TEST_CASE("auth-file: names with a slash are changed and removed by a parameter") {
  Fixture fixture;
  fixture.add("a/b", "secret");
  const auto by_parameter = [&](const std::string& method, const std::string& body) {
    return fixture.host.request({.method = method, .path = "/users", .body = body, .parameters = {{"user_id", "a/b"}}});
  };
  CHECK(by_parameter("PUT", R"({"password": "new"})")->http_status == 200);
  CHECK(fixture.login("a/b", "new").allowed());
  CHECK(by_parameter("DELETE", "")->http_status == 204);
  CHECK(by_parameter("DELETE", "")->http_status == 404);
}

TEST_CASE("auth-file: pages and search") {
  Fixture fixture;
  for (int number = 0; number < 5; ++number) fixture.add("user" + std::to_string(number), "p");
  const auto page = fixture.host.request({.path = "/users", .parameters = {{"page", "2"}, {"limit", "2"}}});
  CHECK(page->body.find("user2") != std::string::npos);
  CHECK(page->body.find("user4") == std::string::npos);
  CHECK(page->body.find("\"meta\": {\"page\": 2, \"limit\": 2, \"count\": 5, \"hasnext\": true}") != std::string::npos);
  const auto found = fixture.host.request({.path = "/users", .parameters = {{"like_user_id", "r3"}}});
  CHECK(found->body.find("\"count\": 1, \"hasnext\": false") != std::string::npos);
  const auto last = fixture.host.request({.path = "/users", .parameters = {{"page", "3"}, {"limit", "2"}}});
  CHECK(last->body.find("\"hasnext\": false") != std::string::npos);
}

TEST_CASE("auth-file: many at once") {
  Fixture fixture;
  fixture.add("ann", "old");
  const std::string users =
      "\"users\": [{\"user_id\": \"ann\", \"password\": \"new\"}, {\"user_id\": \"bob\", \"password_hash\": "
      "\"$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\"}, {\"user_id\": \"carol\"}]";
  CHECK(fixture.request("POST", "/users/import", "{" + users + "}")->body ==
        "{\"total\": 3, \"success\": 1, \"override\": 0, \"skipped\": 1, \"failed\": 1, "
        "\"first_problem\": \"/users/2/password: is needed\"}");
  CHECK(fixture.login("ann", "old").allowed());
  CHECK(fixture.login("bob", "secret").allowed());
  CHECK(fixture.request("POST", "/users/import", "{" + users + ", \"override\": true}")->body.find("\"override\": 2") !=
        std::string::npos);
  CHECK(fixture.login("ann", "new").allowed());
}

TEST_CASE("auth-file: what was right lately costs no hash, until the password changes or time passes") {
  Fixture fixture(", \"cache_ttl\": \"60s\"");
  fixture.add("ann", "secret");
  CHECK(fixture.login("ann", "secret").deferred());
  const auto again = fixture.login("ann", "secret", "another");
  CHECK_FALSE(again.deferred());
  CHECK(again.allowed());
  CHECK(fixture.login("ann", "wrong").denied());
  CHECK(fixture.host.store.metric("cache_hits") == 1);
  fixture.host.advance(61s);
  CHECK(fixture.login("ann", "secret").deferred());
  fixture.request("PUT", "/users/ann", R"({"password": "secret"})");
  CHECK(fixture.login("ann", "secret").deferred());
}

TEST_CASE("auth-file: only so many wait for a hash; more are told that the server is busy") {
  Fixture fixture(", \"max_pending_verifications\": 2");
  fixture.add("ann", "secret");
  std::vector<answer> waiting;
  for (int number = 0; number < 2; ++number)
    waiting.push_back(fixture.host.authenticate({.username = "ann", .password = "x" + std::to_string(number)}));
  const auto refused = fixture.host.authenticate({.username = "ann", .password = "secret"});
  CHECK(refused.denied());
  CHECK(refused.reason() == 0x89);
  fixture.host.settle();
  for (const auto& each : waiting) CHECK(each.denied());
  CHECK(fixture.login("ann", "secret").allowed());
  CHECK(fixture.host.store.metric("busy") == 1);
}

TEST_CASE("auth-file: unknown users wait like others, and are then refused; or the next is asked") {
  Fixture fixture;
  fixture.add("ann", "secret");
  const auto unknown = fixture.login("nobody", "secret");
  CHECK(unknown.deferred());
  CHECK(unknown.denied());
  CHECK(unknown.reason() == 0x86);
  CHECK(fixture.login("nobody", "secret").deferred());
  REQUIRE(fixture.host.configure(fixture.settings(", \"unknown_user\": \"next\"")) == PATCHBAY_OK);
  CHECK(fixture.login("nobody", "secret").continued());
  CHECK(fixture.login("ann", "wrong").denied());
}

TEST_CASE("auth-file: no name is somebody else's business, no password is wrong") {
  Fixture fixture;
  fixture.add("ann", "secret");
  CHECK(fixture.login("", "secret").continued());
  CHECK(fixture.login("ann", "").denied());
}

TEST_CASE("auth-file: client ids as users") {
  Fixture fixture(", \"user_id_type\": \"clientid\"");
  fixture.add("device-1", "secret");
  CHECK(fixture.login("whoever", "secret", "device-1").allowed());
  CHECK(fixture.login("whoever", "secret", "device-1").grant().identity == "device-1");
  CHECK(fixture.login("device-1", "secret", "device-2").denied());
}

TEST_CASE("auth-file: all three hashes") {
  for (const char* algorithm : {"argon2id", "bcrypt", "pbkdf2"}) {
    Fixture fixture;
    const std::string costs = "{\"path\": \"" + fixture.path + "\", \"password_hash\": {\"algorithm\": \"" + algorithm +
                              "\", \"argon2_memory_kib\": 64, \"bcrypt_rounds\": 4, \"pbkdf2_iterations\": 1000}}";
    REQUIRE(fixture.host.configure(costs) == PATCHBAY_OK);
    fixture.add("ann", "secret");
    INFO(algorithm);
    CHECK(fixture.request("GET", "/users/ann")->body.find(algorithm) != std::string::npos);
    CHECK(fixture.login("ann", "secret").allowed());
    CHECK(fixture.login("ann", "other").denied());
  }
}

TEST_CASE("auth-file: a changed file is taken; a wrong one is not, and names its line") {
  const std::string bob = "bob:$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n";
  Fixture fixture({}, bob);
  CHECK(fixture.login("bob", "secret").allowed());
  fixture.write("carol" + bob.substr(3));
  fixture.host.advance(5s);
  CHECK(fixture.login("bob", "secret").denied());
  CHECK(fixture.login("carol", "secret").allowed());
  fixture.write(bob + "nonsense\n");
  fixture.host.advance(5s);
  CHECK(fixture.login("carol", "secret").allowed());
  CHECK(fixture.host.health().first == PATCHBAY_BUSY);
  CHECK(fixture.host.health().second.find("line 2") != std::string::npos);
  CHECK(fixture.request("POST", "/reload")->http_status == 400);
  // The file that is wrong is not written over.
  CHECK(fixture.request("POST", "/users", R"({"user_id": "x", "password": "y"})")->http_status == 500);
  CHECK(fixture.read() == bob + "nonsense\n");
  fixture.write(bob);
  CHECK(fixture.request("POST", "/reload")->body == "{\"users\": 1}");
  CHECK(fixture.login("bob", "secret").allowed());
  CHECK(fixture.host.health().first == PATCHBAY_OK);
}

TEST_CASE("auth-file: what somebody else wrote meanwhile is kept when a user is added") {
  Fixture fixture;
  fixture.add("ann", "secret");
  fixture.write(fixture.read() + "bob:$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n");
  fixture.add("carol", "secret");
  for (const char* name : {"ann", "bob", "carol"}) CHECK(fixture.login(name, "secret").allowed());
}

TEST_CASE("auth-file: with a wrong file at the start nobody gets in until it is right") {
  Fixture fixture({}, "nonsense\n");
  CHECK(fixture.host.health().first == PATCHBAY_FAILED);
  CHECK(fixture.login("ann", "secret").failed());
  CHECK(fixture.request("POST", "/users", R"({"user_id": "x", "password": "y"})")->http_status == 500);
  fixture.write("bob:$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n");
  fixture.host.advance(5s);
  CHECK(fixture.login("bob", "secret").allowed());
}

TEST_CASE("auth-file: settings are checked with the field named") {
  Fixture fixture;
  CHECK(fixture.host.check(R"({"scram_mechanisms": ["SCRAM-SHA-1"]})") == PATCHBAY_INVALID);
  CHECK(fixture.host.errors().find("/scram_mechanisms/0") != std::string::npos);
  CHECK(fixture.host.check(R"({"password_hash": {"argon2_memory_kib": 1}})") == PATCHBAY_INVALID);
  CHECK(fixture.host.errors().find("/password_hash") != std::string::npos);
}

TEST_CASE("auth-file: SCRAM lets in who knows the password, and proves that the broker does") {
  Fixture fixture;
  fixture.add("ann", "secret", true);
  for (const ScramHash hash : {ScramHash::sha256, ScramHash::sha512}) {
    const std::string method(scram_mechanism(hash));
    ScramClient client(hash, "ann", "secret");
    const auto first = fixture.enhanced(method, client.first(), 0);
    REQUIRE(first.replaced());
    const auto last = fixture.enhanced(method, client.last(first.argument().text), 1);
    CHECK(last.allowed());
    CHECK(last.argument().text == client.expected());
    CHECK(last.grant().identity == "ann");
    CHECK(last.grant().superuser);
    // The same last message again is no second log-in.
    CHECK(fixture.enhanced(method, client.last(first.argument().text), 1).denied());
  }
}

TEST_CASE("auth-file: SCRAM refuses wrong passwords, unknown users and names that are claimed besides") {
  Fixture fixture;
  fixture.add("ann", "secret");
  const std::string method = "SCRAM-SHA-256";
  ScramClient wrong(ScramHash::sha256, "ann", "Secret");
  auto first = fixture.enhanced(method, wrong.first(), 0);
  REQUIRE(first.replaced());
  CHECK(fixture.enhanced(method, wrong.last(first.argument().text), 1).denied());
  ScramClient nobody(ScramHash::sha256, "nobody", "secret");
  first = fixture.enhanced(method, nobody.first(), 0);
  REQUIRE(first.replaced());
  const std::string salt = first.argument().text.substr(first.argument().text.find(",s="));
  CHECK(fixture.enhanced(method, nobody.last(first.argument().text), 1).denied());
  first = fixture.enhanced(method, nobody.first(), 0, 2);
  CHECK(first.argument().text.ends_with(salt));
  ScramClient ann(ScramHash::sha256, "ann", "secret");
  CHECK(fixture.enhanced(method, ann.first(), 0, 3, "admin").denied());
  CHECK(fixture.enhanced(method, ann.first(), 0, 4, "ann").replaced());
  CHECK(fixture.enhanced(method, "rubbish", 0, 5).denied());
  CHECK(fixture.enhanced(method, "rubbish", 1, 6).denied());
  CHECK(fixture.enhanced("GS2-KRB5", ann.first(), 0, 7).continued());
}

TEST_CASE("auth-file: a user that is removed between the steps is not let in") {
  Fixture fixture;
  fixture.add("ann", "secret");
  ScramClient client(ScramHash::sha256, "ann", "secret");
  const auto first = fixture.enhanced("SCRAM-SHA-256", client.first(), 0);
  REQUIRE(first.replaced());
  fixture.request("DELETE", "/users/ann");
  CHECK(fixture.enhanced("SCRAM-SHA-256", client.last(first.argument().text), 1).denied());
}

TEST_CASE("auth-file: without SCRAM in the settings nothing is kept for it") {
  Fixture fixture(", \"scram_mechanisms\": []");
  fixture.add("ann", "secret");
  CHECK(fixture.read().find("SCRAM-SHA") == std::string::npos);
  ScramClient client(ScramHash::sha256, "ann", "secret");
  CHECK(fixture.enhanced("SCRAM-SHA-256", client.first(), 0).continued());
}
