#include "router/shared_group.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "router/member_choice.h"
#include "unit/router/router_fixture.h"

using namespace patchbay;
using namespace patchbay::router;
using namespace patchbay::router::testing;

namespace {

/// One group of members on two shards; the even ones live on shard 0.
struct Team {
  explicit Team(SharedStrategy strategy, uint32_t members = 4, RouterLimits with = {})
      : limits(std::move(with)),
        node(2),
        group("g", "t", 1, 1, strategy, 2, node.shard(0).random),
        choice(limits, node.shard(0).services, node.presence),
        other_choice(limits, node.shard(1).services, node.presence) {
    for (uint32_t slot = 1; slot <= members; ++slot) {
      group.member_set().add(member(slot), options_of(1), slot, node.epoch);
      node.presence.set(member(slot), true);
    }
  }

  static distribution::SubscriberHandle member(uint32_t slot) {
    return handle(slot, static_cast<base::ShardId>(slot % 2));
  }
  /// The slot of the member chosen; 0 for none.
  uint32_t choose(const MessageOptions& options = {}, std::string_view topic = "a",
                  std::vector<distribution::SubscriberHandle> excluded = {}) {
    return choose_with(choice, options, topic, excluded);
  }
  uint32_t choose_with(MemberChoice& with, const MessageOptions& options, std::string_view topic,
                       const std::vector<distribution::SubscriberHandle>& excluded) {
    const auto message = make_message(topic, "x", node.shard(0).services, options);
    distribution::Delivery delivery;
    if (!with.choose(group, *message, excluded, delivery)) return 0;
    CHECK(delivery.shared == 1);
    CHECK(delivery.options.maximum_qos == 1);
    CHECK(delivery.subscription_identifier == delivery.subscriber.slot());
    return delivery.subscriber.slot();
  }
  std::map<uint32_t, int> spread(int messages) {
    std::map<uint32_t, int> counts;
    for (int i = 0; i < messages; ++i) {
      const std::string topic = "t" + std::to_string(i);
      const std::string client = "c" + std::to_string(i);
      MessageOptions options;
      options.client_id = client;
      options.publisher_handle = 1000U + static_cast<uint64_t>(i);
      ++counts[choose(options, topic)];
    }
    return counts;
  }

  RouterLimits limits;
  TestNode node;
  SharedGroup group;
  MemberChoice choice;
  MemberChoice other_choice;
};

constexpr SharedStrategy kAll[] = {
    SharedStrategy::random,    SharedStrategy::round_robin, SharedStrategy::round_robin_per_group,
    SharedStrategy::sticky,    SharedStrategy::local,       SharedStrategy::hash_clientid,
    SharedStrategy::hash_topic};

}  // namespace

TEST_CASE("strategies have the names of the configuration") {
  for (const SharedStrategy strategy : kAll) CHECK(parse_shared_strategy(shared_strategy_name(strategy)) == strategy);
  CHECK(shared_strategy_name(SharedStrategy::round_robin_per_group) == "round_robin_per_group");
  CHECK_FALSE(parse_shared_strategy("roundrobin"));
}

TEST_CASE("every strategy but local reaches every member") {
  for (const SharedStrategy strategy : kAll) {
    INFO(shared_strategy_name(strategy));
    Team team(strategy);
    const auto counts = team.spread(400);
    if (strategy == SharedStrategy::local) {
      CHECK(counts.size() == 2);
    } else {
      CHECK(counts.size() == 4);
      for (const auto& [slot, count] : counts) CHECK(count > 50);
    }
    CHECK(counts.count(0) == 0);
  }
}

TEST_CASE("every strategy prefers members that are online, and takes another where none is") {
  for (const SharedStrategy strategy : kAll) {
    INFO(shared_strategy_name(strategy));
    Team team(strategy, 5);
    for (const uint32_t slot : {1, 2, 4, 5}) team.node.presence.set(Team::member(slot), false);
    CHECK(team.spread(50) == std::map<uint32_t, int>{{3, 50}});
    team.node.presence.set(Team::member(3), false);
    const auto counts = team.spread(200);
    CHECK(counts.count(0) == 0);
    CHECK(counts.size() >= 1);
  }
}

TEST_CASE("every strategy passes over excluded members, and says when nobody is left") {
  for (const SharedStrategy strategy : kAll) {
    INFO(shared_strategy_name(strategy));
    Team team(strategy, 3);
    for (int i = 0; i < 30; ++i) CHECK(team.choose({}, "a", {Team::member(1), Team::member(3)}) == 2);
    CHECK(team.choose({}, "a", {Team::member(1), Team::member(2), Team::member(3)}) == 0);
    for (uint32_t slot = 1; slot <= 3; ++slot) team.group.member_set().remove(Team::member(slot), team.node.epoch);
    CHECK(team.choose() == 0);
  }
}

TEST_CASE("round robin takes turns exactly, over gaps and offline members too") {
  for (const SharedStrategy strategy : {SharedStrategy::round_robin, SharedStrategy::round_robin_per_group}) {
    Team team(strategy, 7);
    team.group.member_set().remove(Team::member(3), team.node.epoch);
    team.node.presence.set(Team::member(6), false);
    const auto counts = team.spread(500);
    CHECK(counts == std::map<uint32_t, int>{{1, 100}, {2, 100}, {4, 100}, {5, 100}, {7, 100}});
  }
}

TEST_CASE("round robin counts per shard, round robin per group for all shards") {
  for (const SharedStrategy strategy : {SharedStrategy::round_robin, SharedStrategy::round_robin_per_group}) {
    Team team(strategy, 4);
    std::vector<uint32_t> own;
    for (int i = 0; i < 4; ++i) {
      own.push_back(team.choose());
      (void)team.choose_with(team.other_choice, {}, "a", {});
    }
    const std::set<uint32_t> distinct(own.begin(), own.end());
    CHECK(distinct.size() == (strategy == SharedStrategy::round_robin ? 4 : 2));
  }
}

TEST_CASE("round robin starts at a random member") {
  std::set<uint32_t> first;
  TestNode node(1);
  for (int i = 0; i < 50; ++i) {
    SharedGroup group("g", "t", 1, 1, SharedStrategy::round_robin, 1, node.shard(0).random);
    first.insert(group.shard_cursor(0).load() % 4);
  }
  CHECK(first.size() == 4);
}

TEST_CASE("sticky keeps a publisher's member until that one is offline or leaves") {
  Team team(SharedStrategy::sticky);
  MessageOptions publisher;
  publisher.publisher_handle = 77;
  const uint32_t picked = team.choose(publisher);
  for (int i = 0; i < 20; ++i) CHECK(team.choose(publisher, "t" + std::to_string(i)) == picked);
  team.node.presence.set(Team::member(picked), false);
  const uint32_t second = team.choose(publisher);
  CHECK(second != picked);
  team.node.presence.set(Team::member(picked), true);
  for (int i = 0; i < 20; ++i) CHECK(team.choose(publisher) == second);
  team.group.member_set().remove(Team::member(second), team.node.epoch);
  const uint32_t third = team.choose(publisher);
  CHECK(third != second);
  CHECK(third != 0);
  CHECK(team.choose(publisher, "a", {Team::member(third)}) != third);
}

TEST_CASE("the first sticky pick follows the configuration") {
  RouterLimits limits;
  limits.initial_sticky_pick = SharedStrategy::local;
  Team team(SharedStrategy::sticky, 6, limits);
  for (const auto& [slot, count] : team.spread(60)) CHECK(slot % 2 == 0);

  limits.initial_sticky_pick = SharedStrategy::hash_clientid;
  Team by_client(SharedStrategy::sticky, 6, limits);
  Team same(SharedStrategy::hash_clientid, 6);
  CHECK(by_client.spread(30) == same.spread(30));
}

TEST_CASE("more publishers than sticky picks are served all the same") {
  RouterLimits limits;
  limits.maximum_sticky_picks_per_shard = 3;
  Team team(SharedStrategy::sticky, 4, limits);
  CHECK(team.spread(100).count(0) == 0);
}

TEST_CASE("local prefers the publisher's shard while a member there is online") {
  Team team(SharedStrategy::local, 4);
  for (const auto& [slot, count] : team.spread(40)) CHECK(slot % 2 == 0);
  team.node.presence.set(Team::member(2), false);
  CHECK(team.spread(40) == std::map<uint32_t, int>{{4, 40}});
  team.node.presence.set(Team::member(4), false);
  for (const auto& [slot, count] : team.spread(40)) CHECK(slot % 2 == 1);
}

TEST_CASE("hashes send what is equal to the same member") {
  Team by_client(SharedStrategy::hash_clientid);
  Team by_topic(SharedStrategy::hash_topic);
  MessageOptions publisher;
  publisher.client_id = "device-17";
  const uint32_t for_client = by_client.choose(publisher, "t");
  const uint32_t for_topic = by_topic.choose({}, "room/9");
  for (int i = 0; i < 20; ++i) {
    const std::string other = "other" + std::to_string(i);
    CHECK(by_client.choose(publisher, other) == for_client);
    MessageOptions another;
    another.client_id = other;
    CHECK(by_topic.choose(another, "room/9") == for_topic);
  }
}

TEST_CASE("presence tells online sessions from offline, ended and later ones of the same slot") {
  distribution::Presence presence(2);
  const distribution::SubscriberHandle session(1, 5, 100'000);
  CHECK_FALSE(presence.is_online(session));
  presence.set(session, true);
  CHECK(presence.is_online(session));
  CHECK_FALSE(presence.is_online(distribution::SubscriberHandle(1, 6, 100'000)));
  CHECK_FALSE(presence.is_online(distribution::SubscriberHandle(0, 5, 100'000)));
  CHECK_FALSE(presence.is_online(distribution::SubscriberHandle(9, 5, 100'000)));
  presence.set(session, false);
  CHECK_FALSE(presence.is_online(session));
  presence.set(session, true);
  presence.clear(session);
  CHECK_FALSE(presence.is_online(session));
}
