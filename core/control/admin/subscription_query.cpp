#include "admin/subscription_query.h"

#include <functional>
#include <memory>

#include "admin/shard_query.h"
#include "topic/topic_filter.h"

namespace patchbay::admin {

namespace {

/// A walk over subscriptions within the bounds of one turn.
class TurnWalk {
 public:
  TurnWalk(const SubscriptionFilter& filter, uint64_t skip, size_t room) : filter_(filter), skip_(skip), room_(room) {}

  /// Looks at the session's subscriptions from `within` on; false: stopped at one, whose place is in slice.next.
  bool look_at(const session::Session& session, size_t within) {
    const std::vector<session::Subscription>& all = session.subscriptions();
    for (size_t index = within; index < all.size(); ++index) {
      if (slice.subscriptions.size() == room_ || looked_ == kSubscriptionsPerTurn) {
        slice.next = {0, session.handle().slot(), index};
        return false;
      }
      ++looked_;
      if (!filter_.matches(all[index])) continue;
      if (slice.skipped < skip_) {
        ++slice.skipped;
      } else {
        slice.subscriptions.push_back(view_of(session, all[index]));
      }
    }
    return true;
  }

  SubscriptionSlice slice;

 private:
  const SubscriptionFilter& filter_;
  uint64_t skip_;
  size_t room_;
  size_t looked_ = 0;
};

/// Calls `take(slice)` for one slice after the other until it says stop (true); false: a shard did not answer.
template <class RoomLeft, class Take>
bool walk(const plugin_services::ServiceShards& shards, const SubscriptionFilter& filter, uint64_t skip,
          RoomLeft room_left, Take take) {
  const auto shared = std::make_shared<const SubscriptionFilter>(filter);
  for (SessionPlace place; place.shard < shards.count();) {
    auto slice = ask_shard(shards, place.shard, [shared, place, skip, room = room_left()](auto& environment) {
      return look_at_subscriptions(environment, *shared, place, skip, room);
    });
    if (!slice) return false;
    skip -= slice->skipped;
    const uint32_t shard = slice->shard_done ? place.shard + 1 : place.shard;
    place = slice->shard_done ? SessionPlace{} : slice->next;
    place.shard = shard;
    if (take(*slice)) break;
  }
  return true;
}

SubscriptionPage find_of_client(const plugin_services::ServiceShards& shards, const SubscriptionFilter& filter,
                                uint64_t skip, uint64_t limit) {
  const std::string client_id = *filter.client_id;
  const auto shared = std::make_shared<const SubscriptionFilter>(filter);
  auto answer = ask_home(shards, client_id, [client_id, shared](session::SessionEnvironment& environment) {
    std::vector<SubscriptionView> views;
    const session::Session* session = environment.registry->find(client_id);
    if (session == nullptr) return views;
    for (const session::Subscription& subscription : session->subscriptions()) {
      if (shared->matches(subscription)) views.push_back(view_of(*session, subscription));
    }
    return views;
  });
  SubscriptionPage page;
  page.answered = answer.has_value();
  if (!answer) return page;
  page.matched = answer->size();
  for (uint64_t index = skip; index < answer->size() && page.subscriptions.size() < limit; ++index)
    page.subscriptions.push_back(std::move((*answer)[index]));
  page.complete = page.subscriptions.size() < limit || skip + limit >= page.matched;
  return page;
}

}  // namespace

bool SubscriptionFilter::matches(const session::Subscription& subscription) const {
  if (nothing || (topic && *topic != subscription.topic_filter)) return false;
  if (qos && *qos != subscription.options.maximum_qos) return false;
  if (!match_topic && !share_group) return true;
  const auto parsed = topic::parse_filter(subscription.topic_filter);
  if (!parsed) return false;
  if (share_group) {
    const std::string_view group = parsed->group == topic::kQueueGroup ? std::string_view("$queue") : parsed->group;
    if (parsed->kind != topic::FilterKind::shared || *share_group != group) return false;
  }
  return !match_topic || topic::contains(parsed->filter, *match_topic);
}

SubscriptionSlice look_at_subscriptions(session::SessionEnvironment& environment, const SubscriptionFilter& filter,
                                        SessionPlace place, uint64_t skip, size_t room) {
  TurnWalk walk(filter, skip, room);
  size_t slot = place.slot;
  size_t within = place.within;
  for (size_t looked = 0; looked < kSessionsPerTurn; ++looked) {
    bool stopped = false;
    const size_t next = environment.registry->visit(slot, 1, [&](session::Session& session) {
      // Where the session has gone meanwhile, its slot's new one is walked from its start.
      const size_t from = session.handle().slot() == place.slot ? within : 0;
      stopped = !walk.look_at(session, from);
    });
    if (stopped) return std::move(walk.slice);
    if (next == 0) {
      walk.slice.shard_done = true;
      return std::move(walk.slice);
    }
    slot = next;
    within = 0;
  }
  walk.slice.next = {0, slot, 0};
  return std::move(walk.slice);
}

SubscriptionPage find_subscriptions(const plugin_services::ServiceShards& shards, const SubscriptionFilter& filter,
                                    uint64_t skip, uint64_t limit) {
  SubscriptionPage page;
  page.complete = filter.nothing;
  if (filter.nothing) return page;
  if (filter.client_id) return find_of_client(shards, filter, skip, limit);
  bool more = false;
  // One more than the page holds is looked for, to know whether there is a next one.
  page.answered = walk(
      shards, filter, skip, [&] { return limit + 1 - page.subscriptions.size(); },
      [&](SubscriptionSlice& slice) {
        page.matched += slice.skipped + slice.subscriptions.size();
        for (SubscriptionView& view : slice.subscriptions) page.subscriptions.push_back(std::move(view));
        more = page.subscriptions.size() > limit;
        return more;
      });
  if (more) page.subscriptions.pop_back();
  page.complete = page.answered && !more;
  return page;
}

TopicPage find_topics(const plugin_services::ServiceShards& shards, const SubscriptionFilter& filter, uint64_t skip,
                      uint64_t limit) {
  TopicPage page;
  page.complete = filter.nothing;
  if (filter.nothing) return page;
  std::unordered_set<uint64_t> seen;
  bool more = false;
  page.answered = walk(
      shards, filter, 0, [] { return kSubscriptionsPerTurn; },
      [&](SubscriptionSlice& slice) {
        for (SubscriptionView& view : slice.subscriptions) {
          if (more || !seen.insert(std::hash<std::string>{}(view.topic_filter)).second) continue;
          if (seen.size() <= skip) continue;
          more = page.topics.size() == limit;
          if (!more) page.topics.push_back(std::move(view.topic_filter));
        }
        return more || seen.size() >= kTopicsMax;
      });
  page.seen = seen.size();
  page.complete = page.answered && !more;
  return page;
}

}  // namespace patchbay::admin
