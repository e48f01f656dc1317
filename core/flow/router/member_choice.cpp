#include "router/member_choice.h"

#include <algorithm>

#include "router/shared_group.h"
#include "router/text_hash.h"

namespace patchbay::router {

namespace {

constexpr uint32_t kNone = UINT32_MAX;
constexpr int kRandomTries = 4;  // before a random start is followed by a walk, which favours those behind a gap
constexpr int kTurnTries = 4;    // before two shards may give the same member a turn

}  // namespace

/// A walk over the members of one group for one message.
struct MemberChoice::Scan {
  EntryView members;
  std::span<const distribution::SubscriberHandle> excluded;
  const distribution::Presence& presence;

  /// A member that may be chosen.
  [[nodiscard]] bool read(uint32_t position, distribution::Delivery& out) const {
    if (!members.entries[position].read(out)) return false;
    return std::find(excluded.begin(), excluded.end(), out.subscriber) == excluded.end();
  }
  [[nodiscard]] bool is_online(const distribution::Delivery& member) const {
    return presence.is_online(member.subscriber);
  }

  /// The first online member from `start` on (in a circle), else the first of all; its position, or kNone.
  uint32_t first_from(uint32_t start, distribution::Delivery& out) const {
    return first_from(start, out, [](const distribution::Delivery&) { return true; });
  }
  template <class IsPreferred>
  uint32_t first_from(uint32_t start, distribution::Delivery& out, IsPreferred is_preferred) const {
    uint32_t fallback = kNone;
    distribution::Delivery member;
    for (uint32_t i = 0; i < members.size; ++i) {
      const auto position = static_cast<uint32_t>((uint64_t{start} + i) % members.size);
      if (!read(position, member)) continue;
      if (is_preferred(member) && is_online(member)) {
        out = member;
        return position;
      }
      if (fallback == kNone) {
        fallback = position;
        out = member;
      }
    }
    return fallback;
  }

  bool random(base::Random& source, distribution::Delivery& out) const {
    if (members.size == 0) return false;
    for (int i = 0; i < kRandomTries; ++i) {
      if (read(static_cast<uint32_t>(source.below(members.size)), out) && is_online(out)) return true;
    }
    return first_from(static_cast<uint32_t>(source.below(members.size)), out) != kNone;
  }

  bool by_hash(std::string_view text, distribution::Delivery& out) const {
    if (members.size == 0) return false;
    return first_from(static_cast<uint32_t>(hash_text(text, 0) % members.size), out) != kNone;
  }
};

MemberChoice::MemberChoice(const RouterLimits& limits, const base::ShardServices& services,
                           const distribution::Presence& presence)
    : limits_(limits), services_(services), presence_(presence) {}

bool MemberChoice::choose(SharedGroup& group, const mqtt::Message& message,
                          std::span<const distribution::SubscriberHandle> excluded, distribution::Delivery& out) {
  const bool advised = advisor_ != nullptr && advisor_->active() && advisor_->pick(group, message, excluded, out);
  if (!advised && !choose_by(group.strategy(), group, message, excluded, out)) return false;
  out.shared = 1;
  out.shared_group = group.tag();
  return true;
}

bool MemberChoice::choose_by(SharedStrategy strategy, SharedGroup& group, const mqtt::Message& message,
                             std::span<const distribution::SubscriberHandle> excluded, distribution::Delivery& out) {
  const Scan scan{group.members(), excluded, presence_};
  switch (strategy) {
    case SharedStrategy::random:
      return scan.random(*services_.random, out);
    case SharedStrategy::round_robin:
      return choose_in_turn(group, false, excluded, out);
    case SharedStrategy::round_robin_per_group:
      return choose_in_turn(group, true, excluded, out);
    case SharedStrategy::sticky:
      return choose_sticky(group, message, excluded, out);
    case SharedStrategy::local:
      return choose_local(group, excluded, out);
    case SharedStrategy::hash_clientid:
      return scan.by_hash(message.publisher_client_id(), out);
    case SharedStrategy::hash_topic:
      return scan.by_hash(message.topic(), out);
  }
  return false;
}

// The cursor stands behind the member chosen last, so that members behind a gap or behind offline ones get no more
// turns than the others.
bool MemberChoice::choose_in_turn(SharedGroup& group, bool per_group,
                                  std::span<const distribution::SubscriberHandle> excluded,
                                  distribution::Delivery& out) {
  const Scan scan{group.members(), excluded, presence_};
  if (scan.members.size == 0) return false;
  std::atomic<uint32_t>& cursor = per_group ? group.group_cursor() : group.shard_cursor(services_.id);
  uint32_t before = cursor.load(std::memory_order_relaxed);
  for (int tries = 0;; ++tries) {
    const uint32_t position = scan.first_from(before % scan.members.size, out);
    if (position == kNone) return false;
    if (cursor.compare_exchange_strong(before, position + 1, std::memory_order_relaxed) || tries == kTurnTries) {
      return true;
    }
  }
}

bool MemberChoice::choose_local(SharedGroup& group, std::span<const distribution::SubscriberHandle> excluded,
                                distribution::Delivery& out) {
  const Scan scan{group.members(), excluded, presence_};
  if (scan.members.size == 0) return false;
  const auto start = static_cast<uint32_t>(services_.random->below(scan.members.size));
  const auto is_local = [this](const distribution::Delivery& member) {
    return member.subscriber.shard() == services_.id;
  };
  if (scan.first_from(start, out, is_local) == kNone) return false;
  return (is_local(out) && scan.is_online(out)) || scan.random(*services_.random, out);
}

MemberChoice::StickyPick& MemberChoice::sticky_pick(const SharedGroup& group, const mqtt::Message& message) {
  if (sticky_picks_.empty()) sticky_picks_.resize(std::max(1U, limits_.maximum_sticky_picks_per_shard));
  // A publisher without a session is told by its client identifier.
  const uint64_t publisher =
      message.publisher_handle() != 0 ? message.publisher_handle() : hash_text(message.publisher_client_id(), 0);
  StickyPick& pick =
      sticky_picks_[mix_hash(publisher ^ 0x9E3779B97F4A7C15U, group.id() + 0x632BE59BD9B4E019U) % sticky_picks_.size()];
  if (pick.group != group.id() || pick.publisher != publisher) {
    pick = {group.id(), publisher, distribution::SubscriberHandle()};
  }
  return pick;
}

bool MemberChoice::choose_sticky(SharedGroup& group, const mqtt::Message& message,
                                 std::span<const distribution::SubscriberHandle> excluded,
                                 distribution::Delivery& out) {
  StickyPick& pick = sticky_pick(group, message);
  const Scan scan{group.members(), excluded, presence_};
  if (pick.member && presence_.is_online(pick.member)) {
    for (uint32_t i = 0; i < scan.members.size; ++i) {
      if (scan.read(i, out) && out.subscriber == pick.member) return true;
    }
  }
  const SharedStrategy initial = limits_.initial_sticky_pick;
  const bool usable = initial == SharedStrategy::local || initial == SharedStrategy::hash_topic ||
                      initial == SharedStrategy::hash_clientid;
  if (!choose_by(usable ? initial : SharedStrategy::random, group, message, excluded, out)) return false;
  pick.member = out.subscriber;
  return true;
}

}  // namespace patchbay::router
