#include "admin/client_query.h"

#include <catch2/catch.hpp>
#include <set>

#include "unit/admin/played_node.h"

using namespace patchbay;         // NOLINT: test
using namespace patchbay::admin;  // NOLINT: test
using patchbay::test::PlayedNode;

namespace {

ClientFilter filter_from(std::vector<std::pair<std::string, std::string>> query) {
  ApiRequest request;
  request.query = std::move(query);
  const auto filter = client_filter(request, "node@1");
  REQUIRE(filter);
  return *filter;
}

std::set<std::string> ids_of(const ClientPage& page) {
  std::set<std::string> ids;
  for (const ClientView& client : page.clients) ids.insert(std::string(client.client->client_id()));
  return ids;
}

struct Clients : PlayedNode {
  ClientPage find(const ClientFilter& filter, uint64_t skip, uint64_t limit, SessionPlace start = {}) {
    return ask([&] { return find_clients(shards, filter, start, skip, limit); });
  }
  std::set<std::string> found(std::vector<std::pair<std::string, std::string>> query) {
    return ids_of(find(filter_from(std::move(query)), 0, 100));
  }
};

}  // namespace

TEST_CASE("Pages of clients hold each client once, and say whether there are more", "[admin]") {
  Clients node;
  std::set<std::string> all;
  for (int i = 0; i < 25; ++i) {
    node.connect("c" + std::to_string(i), i % 2 == 0 ? 60 : 0);
    all.insert("c" + std::to_string(i));
  }
  std::set<std::string> seen;
  for (uint64_t page = 0; page < 3; ++page) {
    const ClientPage found = node.find({}, page * 10, 10);
    CHECK(found.clients.size() == (page < 2 ? 10 : 5));
    CHECK(found.complete == (page == 2));
    CHECK(found.matched == (page < 2 ? page * 10 + 10 : 25));
    for (const std::string& id : ids_of(found)) CHECK(seen.insert(id).second);
  }
  CHECK(seen == all);
  CHECK(node.find({}, 0, 25).complete);
  CHECK_FALSE(node.find({}, 0, 24).complete);
  CHECK(node.find({}, 1'000, 10).clients.empty());
}

TEST_CASE("Cursors lead through all clients, whatever the page's size", "[admin]") {
  Clients node;
  for (int i = 0; i < 25; ++i) node.connect("c" + std::to_string(i));
  for (const uint64_t limit : {1u, 7u, 24u, 25u, 26u}) {
    std::set<std::string> seen;
    std::optional<SessionPlace> place = SessionPlace{};
    while (place) {
      const ClientPage found = node.find({}, 0, limit, *place);
      for (const std::string& id : ids_of(found)) CHECK(seen.insert(id).second);
      if (found.go_on) {
        // It survives the way through a client of the API.
        const auto again = SessionPlace::parse(found.go_on->text());
        REQUIRE(again);
        CHECK(again->slot == found.go_on->slot);
      }
      place = found.go_on;
    }
    CHECK(seen.size() == 25);
  }
  for (const char* cursor : {"", "1", "1-2", "1-2-x", "-1-2-3", "99999999999-0-0", "1-2-3-4", "1-2-3 "}) {
    INFO(cursor);
    CHECK_FALSE(SessionPlace::parse(cursor));
  }
}

TEST_CASE("One turn looks at a bounded number of sessions", "[admin]") {
  Clients node;
  for (int i = 0; i < 60; ++i) node.connect("c" + std::to_string(i));
  ClientFilter nobody;
  nobody.like_client_id = "nobody";
  size_t turns = 0;
  size_t slot = 0;
  for (bool done = false; !done; ++turns) {
    node.flow.turn(0, [&] {
      const ClientSlice slice = look_at_clients(node.flow.environment(0), nobody, slot, 0, 100, 5);
      CHECK(slice.clients.empty());
      done = slice.shard_done;
      slot = slice.next_slot;
    });
  }
  const size_t sessions = node.flow.environment(0).registry->size();
  CHECK(turns >= sessions / 5);
  CHECK(turns <= sessions / 5 + 2);
}

TEST_CASE("Filters of clients: each alone, and all of them together", "[admin]") {
  Clients node;
  node.connect("sensor-1", 60, "ann");
  node.connect("sensor-2", 0, "bob");
  node.connect("panel", 60, "ann").disconnect();
  CHECK(node.found({{"clientid", "panel"}, {"clientid", "sensor-2"}, {"clientid", "nobody"}}) ==
        std::set<std::string>{"panel", "sensor-2"});
  CHECK(node.found({{"username", "ann"}}) == std::set<std::string>{"panel", "sensor-1"});
  CHECK(node.found({{"like_clientid", "sor"}}) == std::set<std::string>{"sensor-1", "sensor-2"});
  CHECK(node.found({{"like_username", "o"}}) == std::set<std::string>{"sensor-2"});
  CHECK(node.found({{"conn_state", "connected"}}) == std::set<std::string>{"sensor-1", "sensor-2"});
  CHECK(node.found({{"conn_state", "disconnected"}}) == std::set<std::string>{"panel"});
  CHECK(node.found({{"conn_state", "idle"}}).empty());
  CHECK(node.found({{"node", "elsewhere"}}).empty());
  CHECK(node.found({{"node", "node@1"}}).size() == 3);
  CHECK(node.found({{"proto_ver", "5"}}).size() == 3);
  CHECK(node.found({{"proto_ver", "4"}}).empty());
  CHECK(node.found({{"clean_start", "true"}}).size() == 3);
  CHECK(node.found({{"clean_start", "false"}}).empty());
  CHECK(node.found({{"like_clientid", "sensor"}, {"username", "bob"}}) == std::set<std::string>{"sensor-2"});
  const std::string now = std::to_string(node.flow.clock.unix_ms());
  const std::string later = std::to_string(node.flow.clock.unix_ms() + 1'000'000);
  CHECK(node.found({{"lte_connected_at", now}, {"gte_created_at", "1970-01-01T00:00:00Z"}}).size() == 3);
  CHECK(node.found({{"gte_created_at", later}}).empty());
  ApiRequest bad;
  bad.query = {{"gte_created_at", "yesterday"}};
  const auto refused = client_filter(bad, "node@1");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().find("gte_created_at") == 0);
}

TEST_CASE("A client is shown with what is known of its session", "[admin]") {
  Clients node;
  test::TestClient& client = node.connect("c1", 60, "ann");
  client.subscribe("a/#");
  node.flow.advance_ms(5'000);
  client.disconnect();
  node.connect("publisher").publish("a/b", "hello", mqtt::Qos::at_least_once, false, 1);
  const FoundClient found = node.ask([&] { return find_client(node.shards, "c1"); });
  REQUIRE(found.client);
  const Json json = client_json(*found.client, "node@1");
  CHECK(json.at("clientid") == "c1");
  CHECK(json.at("username") == "ann");
  CHECK(json.at("node") == "node@1");
  CHECK(json.at("connected") == false);
  CHECK(json.at("subscriptions_cnt") == 1);
  CHECK(json.at("mqueue_len") == 1);
  CHECK(json.at("expiry_interval") == 60);
  CHECK(json.at("is_persistent") == true);
  CHECK(json.at("proto_ver") == 5);
  CHECK(json.at("keepalive") == 60);
  CHECK(json.at("disconnected_at").get<std::string>() > json.at("connected_at").get<std::string>());
  CHECK(client_json(*found.client, "node@1", {"clientid", "mqueue_len"}) ==
        Json{{"clientid", "c1"}, {"mqueue_len", 1}});
  CHECK_FALSE(node.ask([&] { return find_client(node.shards, "nobody"); }).client);
}
