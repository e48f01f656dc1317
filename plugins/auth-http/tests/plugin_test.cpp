#include <catch2/catch.hpp>
#include <chrono>
#include <patchbay/testing/fake_host.hpp>
#include <thread>

#include "auth_server.h"

using namespace patchbay::auth_http;  // NOLINT: test
using nlohmann::json;
using patchbay::testing::answer;
using patchbay::testing::fake_host;
using patchbay::testing::plugin_file;

namespace {

const plugin_file& file() {
  static const plugin_file out(AUTH_HTTP_PLUGIN);
  return out;
}

json settings_of(const AuthServer& server) {
  return {
      {"authentication",
       {{"url", server.url("/auth")}, {"body", {{"username", "${username}"}, {"password", "${password}"}}}}},
      {"authorization",
       {{"url", server.url("/acl")},
        {"method", "get"},
        {"body", {{"username", "${username}"}, {"action", "${action}"}, {"topic", "${topic}"}, {"qos", "${qos}"}}}}},
      {"request_timeout", 1'000}};
}

/// Waits until the answer has come from the plugin's thread.
const answer& settled(const answer& given) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!given.done() && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  REQUIRE(given.done());
  return given;
}

}  // namespace

TEST_CASE("plugin: log-ins are asked about, and what is granted is handed on") {
  AuthServer server;
  server.start();
  server.replies(
      {{"ann", reply_of({{"result", "allow"}, {"client_attrs", {{"tenant", "t1"}}}, {"expire_at", 1'900'000'000}})},
       {"late", reply_of({{"result", "allow"}, {"expire_at", 1'000'000'000}})},
       {"eve", reply_of({{"result", "deny"}})},
       {"bob", reply_of({{"result", "ignore"}})},
       {"*", {{"status", 500}}}});
  fake_host host;
  host.settings(settings_of(server).dump());
  REQUIRE(host.start(file().entry()) == PATCHBAY_OK);
  const answer ann = host.authenticate({.client_id = "c1", .username = "ann", .password = "secret"});
  CHECK(ann.deferred());
  CHECK(settled(ann).allowed());
  CHECK(settled(host.authenticate({.client_id = "c2", .username = "late"})).denied());
  CHECK(settled(host.authenticate({.client_id = "c3", .username = "eve"})).denied());
  CHECK(settled(host.authenticate({.client_id = "c4", .username = "bob"})).continued());
  const answer other = host.authenticate({.client_id = "c5", .username = "mallory"});
  CHECK(settled(other).failed());
  CHECK(host.store.alarms.contains("back_end_down"));
  CHECK(host.health().first == PATCHBAY_FAILED);
  CHECK(settled(host.authenticate({.client_id = "c3", .username = "eve"})).denied());
  CHECK(host.store.alarms.empty());
  CHECK(host.store.metric("replies{kind=\"authentication\",result=\"deny\"}") == 2);
  CHECK(server.questions()[0]["asked"] == json{{"username", "ann"}, {"password", "secret"}});
  for (const auto& line : host.log()) CHECK(line.text.find("secret") == std::string::npos);
  host.stop();
  CHECK(host.leaks().none());
  CHECK(host.violations().empty());
}

TEST_CASE("plugin: permissions are asked about") {
  AuthServer server;
  server.start();
  server.replies({{"ann publish a/b", {{"status", 204}}},
                  {"ann subscribe a/#", reply_of({{"result", "deny"}})},
                  {"*", reply_of({{"result", "ignore"}})}});
  fake_host host;
  host.settings(settings_of(server).dump());
  REQUIRE(host.start(file().entry()) == PATCHBAY_OK);
  CHECK(settled(host.acl_publish({.topic = "a/b", .qos = 1, .username = "ann"})).allowed());
  CHECK(settled(host.acl_subscribe({.topic = "a/#", .username = "ann"})).denied());
  CHECK(settled(host.acl_subscribe({.topic = "b", .username = "ann"})).continued());
  CHECK(server.questions()[0]["path"] == "/acl?action=publish&qos=1&topic=a%2Fb&username=ann");
  host.stop();
  CHECK(host.leaks().none());
}

TEST_CASE("plugin: nobody is asked where no URL is set") {
  AuthServer server;
  fake_host host;
  json settings = settings_of(server);
  settings.erase("authorization");
  host.settings(settings.dump());
  REQUIRE(host.start(file().entry()) == PATCHBAY_OK);
  REQUIRE(host.points.all().size() == 1);
  CHECK(host.points.all()[0].raw.hook == PATCHBAY_HOOK_auth_authenticate);
  CHECK(host.points.all()[0].raw.deadline_ms == 1'500);
  host.stop();
}

TEST_CASE("plugin: a server that is slow, away, or flooded with questions: nobody gets in") {
  AuthServer server;
  server.start();
  server.replies({{"*", {{"status", 200}, {"body", R"({"result":"allow"})"}, {"seconds", 3}}}});
  fake_host host;
  json settings = settings_of(server);
  settings["max_pending"] = 2;
  host.settings(settings.dump());
  REQUIRE(host.start(file().entry()) == PATCHBAY_OK);
  const answer first = host.authenticate({.client_id = "c1", .username = "a"});
  const answer second = host.authenticate({.client_id = "c2", .username = "b"});
  const answer third = host.authenticate({.client_id = "c3", .username = "c"});
  CHECK(third.done());
  CHECK(third.failed());  // at once
  host.points.client_gone(second);
  CHECK(settled(first).failed());
  server.stop();
  CHECK(settled(host.authenticate({.client_id = "c4", .username = "d"})).failed());
  const answer open = host.authenticate({.client_id = "c5", .username = "e"});
  host.stop();
  CHECK(open.done());
  CHECK(open.failed());
  CHECK(host.leaks().none());
  CHECK(host.violations().empty());
}
