#include "admin/subscription_query.h"

#include <catch2/catch.hpp>
#include <set>

#include "unit/admin/played_node.h"

using namespace patchbay;         // NOLINT: test
using namespace patchbay::admin;  // NOLINT: test
using patchbay::test::PlayedNode;

namespace {

using Names = std::multiset<std::string>;

struct Node : PlayedNode {
  Node() {
    connect("c1").subscribe("a/+", mqtt::Qos::at_least_once);
    clients.back().subscribe("a/b", mqtt::Qos::at_most_once);
    connect("c2").subscribe("$share/g/a/b", mqtt::Qos::exactly_once);
    clients.back().subscribe("a/b", mqtt::Qos::at_least_once);
    connect("c3").subscribe("$queue/x/#");
  }
  Names found(const SubscriptionFilter& filter, uint64_t skip = 0, uint64_t limit = 100) {
    const SubscriptionPage page = ask([&] { return find_subscriptions(shards, filter, skip, limit); });
    CHECK(page.answered);
    Names names;
    for (const SubscriptionView& view : page.subscriptions) names.insert(view.client_id + ' ' + view.topic_filter);
    return names;
  }
};

}  // namespace

TEST_CASE("Subscriptions are found by client, filter, what matches, QoS and group", "[admin]") {
  Node node;
  CHECK(node.found({}).size() == 5);
  CHECK(node.found({.client_id = "c1"}) == Names{"c1 a/+", "c1 a/b"});
  CHECK(node.found({.topic = "a/b"}) == Names{"c1 a/b", "c2 a/b"});
  CHECK(node.found({.match_topic = "a/b"}) == Names{"c1 a/+", "c1 a/b", "c2 $share/g/a/b", "c2 a/b"});
  CHECK(node.found({.match_topic = "a/z"}) == Names{"c1 a/+"});
  CHECK(node.found({.match_topic = "x/y/z"}) == Names{"c3 $queue/x/#"});
  CHECK(node.found({.qos = 1}) == Names{"c1 a/+", "c2 a/b"});
  CHECK(node.found({.share_group = "g"}) == Names{"c2 $share/g/a/b"});
  CHECK(node.found({.share_group = "$queue"}) == Names{"c3 $queue/x/#"});
  CHECK(node.found({.client_id = "c2", .qos = 2}) == Names{"c2 $share/g/a/b"});
  CHECK(node.found({.nothing = true}).empty());
  CHECK(node.found({.client_id = "nobody"}).empty());
}

TEST_CASE("Pages of subscriptions hold each once, also within one session", "[admin]") {
  Node node;
  for (int i = 0; i < 30; ++i) node.clients.front().subscribe("many/" + std::to_string(i));
  Names seen;
  for (uint64_t page = 0; page < 4; ++page) {
    const auto found = node.ask([&] { return find_subscriptions(node.shards, {}, page * 10, 10); });
    CHECK(found.subscriptions.size() == (page < 3 ? 10 : 5));
    CHECK(found.complete == (page == 3));
    for (const SubscriptionView& view : found.subscriptions) seen.insert(view.client_id + view.topic_filter);
  }
  CHECK(seen.size() == 35);
  CHECK(std::set<std::string>(seen.begin(), seen.end()).size() == 35);
  const auto of_client = node.ask([&] { return find_subscriptions(node.shards, {.client_id = "c1"}, 30, 10); });
  CHECK(of_client.subscriptions.size() == 2);
  CHECK(of_client.matched == 32);
  CHECK(of_client.complete);
}

TEST_CASE("Topics are listed once each", "[admin]") {
  Node node;
  const TopicPage all = node.ask([&] { return find_topics(node.shards, {}, 0, 100); });
  CHECK(std::set<std::string>(all.topics.begin(), all.topics.end()) ==
        std::set<std::string>{"a/+", "a/b", "$share/g/a/b", "$queue/x/#"});
  CHECK(all.topics.size() == 4);
  CHECK(all.complete);
  CHECK(all.seen == 4);
  const TopicPage first = node.ask([&] { return find_topics(node.shards, {}, 0, 3); });
  const TopicPage second = node.ask([&] { return find_topics(node.shards, {}, 3, 3); });
  CHECK_FALSE(first.complete);
  CHECK(second.complete);
  CHECK(first.topics.size() == 3);
  CHECK(second.topics.size() == 1);
  CHECK(std::find(first.topics.begin(), first.topics.end(), second.topics.front()) == first.topics.end());
}
