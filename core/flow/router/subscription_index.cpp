#include "router/subscription_index.h"

#include <algorithm>
#include <mutex>
#include <unordered_set>
#include <utility>

#include "base/random.h"
#include "router/exact_filters.h"
#include "router/group_tags.h"
#include "router/shared_group.h"
#include "router/wildcard_filters.h"
#include "topic/topic_filter.h"

namespace patchbay::router {

struct SubscriptionIndex::State {
  State(const RouterLimits& router_limits, base::EpochDomain& domain, base::ShardId shards, uint64_t seed)
      : limits(router_limits),
        epoch(domain),
        shard_count(shards),
        random(seed),
        exact(domain, random.next()),
        wildcard(domain, random.next()) {}

  RouterLimits limits;  // guarded by mutex, as is all that is not atomic; readers use the filters only
  base::EpochDomain& epoch;
  base::ShardId shard_count;
  base::SeededRandom random;
  std::mutex mutex;
  ExactFilters exact;
  WildcardFilters wildcard;
  std::unordered_set<SharedGroup*> groups;
  uint64_t next_group_id = 1;
  GroupTags group_tags;
  std::atomic<uint64_t> generation{1};
  std::atomic<uint64_t> wildcard_filters{0};
  std::atomic<uint64_t> filters{0};
  std::atomic<uint64_t> subscriptions{0};
  std::atomic<uint64_t> group_count{0};
};

/// One change, under the mutex.
class SubscriptionIndex::Writer {
 public:
  Writer(State& state, const topic::ParsedFilter& filter) : lock_(state.mutex), state_(state), filter_(filter) {}
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  /// After the change, so that whoever sees the new number finds what has changed.
  ~Writer() { state_.generation.fetch_add(1, std::memory_order_release); }

  AddResult add(distribution::SubscriberHandle subscriber, distribution::SubscriptionOptions options,
                uint32_t identifier) {
    const mqtt::ReasonCode refusal = refusal_for(subscriber);
    if (refusal != mqtt::ReasonCode::success) return {refusal, false};
    FilterSlot& slot = slot_to_change();
    bool is_new = true;
    switch (filter_.kind) {
      case topic::FilterKind::plain:
        is_new = slot.add(subscriber, options, identifier, state_.epoch);
        break;
      case topic::FilterKind::exclusive:
        is_new = slot.exclusive_holder() != subscriber;
        slot.set_exclusive(subscriber, options, identifier);
        break;
      case topic::FilterKind::shared:
        is_new = group_in(slot).member_set().add(subscriber, options, identifier, state_.epoch);
        break;
    }
    if (is_new) state_.subscriptions.fetch_add(1, std::memory_order_relaxed);
    return {mqtt::ReasonCode::success, !is_new};
  }

  bool remove(distribution::SubscriberHandle subscriber) {
    FilterSlot* const slot = find();
    if (slot == nullptr || !remove_from(*slot, subscriber)) return false;
    state_.subscriptions.fetch_sub(1, std::memory_order_relaxed);
    if (slot->is_empty()) forget_filter();
    return true;
  }

 private:
  [[nodiscard]] FilterSlot* find() const {
    return filter_.has_wildcard ? state_.wildcard.find(filter_.filter) : state_.exact.find(filter_.filter);
  }

  [[nodiscard]] mqtt::ReasonCode refusal_for(distribution::SubscriberHandle subscriber) const {
    const FilterSlot* const slot = filter_.kind == topic::FilterKind::plain ? nullptr : find();
    if (filter_.kind == topic::FilterKind::exclusive) {
      if (!state_.limits.exclusive_subscription_available) return mqtt::ReasonCode::topic_filter_invalid;
      const distribution::SubscriberHandle holder =
          slot == nullptr ? distribution::SubscriberHandle() : slot->exclusive_holder();
      if (holder && holder != subscriber) return mqtt::ReasonCode::quota_exceeded;
    }
    if (filter_.kind == topic::FilterKind::shared) {
      const bool is_new_group = slot == nullptr || slot->find_group(filter_.group) == nullptr;
      const size_t maximum = std::min<size_t>(state_.limits.maximum_shared_groups, GroupTags::kMaximum);
      if (is_new_group && state_.groups.size() >= maximum) {
        return mqtt::ReasonCode::quota_exceeded;
      }
    }
    return mqtt::ReasonCode::success;
  }

  FilterSlot& slot_to_change() {
    FilterSlot& slot =
        filter_.has_wildcard ? state_.wildcard.find_or_add(filter_.filter) : state_.exact.find_or_add(filter_.filter);
    if (slot.is_empty()) {
      state_.filters.fetch_add(1, std::memory_order_relaxed);
      if (filter_.has_wildcard) state_.wildcard_filters.fetch_add(1, std::memory_order_release);
    }
    return slot;
  }

  void forget_filter() {
    state_.filters.fetch_sub(1, std::memory_order_relaxed);
    if (filter_.has_wildcard) {
      state_.wildcard.remove_if_empty(filter_.filter);
      state_.wildcard_filters.fetch_sub(1, std::memory_order_relaxed);
    } else {
      state_.exact.remove_if_empty(filter_.filter);
    }
  }

  SharedGroup& group_in(FilterSlot& slot) {
    SharedGroup* const present = slot.find_group(filter_.group);
    if (present != nullptr) return *present;
    auto group =
        std::make_unique<SharedGroup>(filter_.group, filter_.filter, state_.next_group_id++, state_.group_tags.take(),
                                      strategy_of(filter_.group), state_.shard_count, state_.random);
    SharedGroup& added = *group;
    state_.groups.insert(&added);
    state_.group_count.store(state_.groups.size(), std::memory_order_relaxed);
    slot.add_group(std::move(group), state_.epoch);
    return added;
  }

  [[nodiscard]] SharedStrategy strategy_of(std::string_view group) const {
    const auto& exceptions = state_.limits.shared_group_strategies;
    const auto found = exceptions.find(group == topic::kQueueGroup ? std::string_view("$queue") : group);
    return found == exceptions.end() ? state_.limits.shared_strategy : found->second;
  }

  bool remove_from(FilterSlot& slot, distribution::SubscriberHandle subscriber) {
    if (filter_.kind == topic::FilterKind::plain) return slot.remove(subscriber, state_.epoch);
    if (filter_.kind == topic::FilterKind::exclusive) {
      if (slot.exclusive_holder() != subscriber) return false;
      slot.clear_exclusive();
      return true;
    }
    SharedGroup* const group = slot.find_group(filter_.group);
    if (group == nullptr || !group->member_set().remove(subscriber, state_.epoch)) return false;
    if (group->member_set().is_empty()) {
      state_.groups.erase(group);
      state_.group_tags.give_back(group->tag());
      state_.group_count.store(state_.groups.size(), std::memory_order_relaxed);
      slot.remove_group(*group, state_.epoch);
    }
    return true;
  }

  std::lock_guard<std::mutex> lock_;
  State& state_;
  const topic::ParsedFilter& filter_;

  friend class SubscriptionIndex;
};

SubscriptionIndex::SubscriptionIndex(const RouterLimits& limits, base::EpochDomain& epoch, base::ShardId shard_count,
                                     uint64_t seed)
    : state_(std::make_unique<State>(limits, epoch, shard_count, seed)) {}

SubscriptionIndex::~SubscriptionIndex() = default;

SubscriptionIndex::AddResult SubscriptionIndex::add(std::string_view topic_filter,
                                                    distribution::SubscriberHandle subscriber,
                                                    distribution::SubscriptionOptions options,
                                                    uint32_t subscription_identifier) {
  const auto filter = topic::parse_filter(topic_filter, state_->limits.topic);
  if (!filter) return {mqtt::ReasonCode::topic_filter_invalid, false};
  return Writer(*state_, *filter).add(subscriber, options, subscription_identifier);
}

bool SubscriptionIndex::remove(std::string_view topic_filter, distribution::SubscriberHandle subscriber) {
  const auto filter = topic::parse_filter(topic_filter, state_->limits.topic);
  return filter && Writer(*state_, *filter).remove(subscriber);
}

uint64_t SubscriptionIndex::generation() const {
  return state_->generation.load(std::memory_order_acquire);
}

void SubscriptionIndex::find(std::string_view topic_name, Matches& matches) const {
  matches.clear();
  state_->exact.collect(topic_name, matches);
  if (state_->wildcard_filters.load(std::memory_order_acquire) != 0) state_->wildcard.collect(topic_name, matches);
}

SharedGroup* SubscriptionIndex::find_group(std::string_view shared_filter) const {
  const auto filter = topic::parse_filter(shared_filter, state_->limits.topic);
  if (!filter || filter->kind != topic::FilterKind::shared) return nullptr;
  const FilterSlot* const slot =
      filter->has_wildcard ? state_->wildcard.find(filter->filter) : state_->exact.find(filter->filter);
  return slot == nullptr ? nullptr : slot->find_group(filter->group);
}

void SubscriptionIndex::set_shared_strategies(SharedStrategy strategy,
                                              const std::map<std::string, SharedStrategy, std::less<>>& by_group_name) {
  const std::lock_guard lock(state_->mutex);
  state_->limits.shared_strategy = strategy;
  state_->limits.shared_group_strategies = by_group_name;
  for (SharedGroup* const group : state_->groups) {
    const auto found = by_group_name.find(group->name() == topic::kQueueGroup ? "$queue" : group->name());
    group->set_strategy(found == by_group_name.end() ? strategy : found->second);
  }
}

void SubscriptionIndex::set_exclusive_available(bool available) {
  const std::lock_guard lock(state_->mutex);
  state_->limits.exclusive_subscription_available = available;
}

uint64_t SubscriptionIndex::filter_count() const {
  return state_->filters.load(std::memory_order_relaxed);
}

uint64_t SubscriptionIndex::subscription_count() const {
  return state_->subscriptions.load(std::memory_order_relaxed);
}

uint64_t SubscriptionIndex::group_count() const {
  return state_->group_count.load(std::memory_order_relaxed);
}

}  // namespace patchbay::router
