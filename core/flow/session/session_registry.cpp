#include "session/session_registry.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "distribution/fan_out.h"
#include "distribution/presence.h"
#include "hooks/dispatch.h"
#include "hooks/hook_points.h"
#include "router/publish_router.h"
#include "router/subscription_index.h"
#include "session/session_observers.h"
#include "session/will_publisher.h"
#include "topic/topic_filter.h"

namespace patchbay::session {

using base::Counter;
using distribution::SubscriberHandle;

base::ShardId home_shard(std::string_view client_id, size_t shard_count) {
  // FNV-1a, then a mix: the low bits of short ids that differ in one digit must spread over few shards.
  uint64_t hash = 0xCBF29CE484222325ULL;
  for (const char c : client_id) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001B3ULL;
  hash ^= hash >> 32;
  hash *= 0x9E3779B97F4A7C15ULL;
  return static_cast<base::ShardId>((hash >> 32) % shard_count);
}

SessionRegistry::SessionRegistry(SessionEnvironment& environment) : environment_(environment) {
  environment.registry = this;
  environment.directory = this;
}

SessionRegistry::~SessionRegistry() = default;

Session* SessionRegistry::find(std::string_view client_id) {
  const auto found = by_client_id_.find(client_id);
  return found == by_client_id_.end() ? nullptr : *found;
}

Session& SessionRegistry::create(access::ClientInfoRef client) {
  PATCHBAY_ASSERT(find(client->client_id()) == nullptr);
  uint32_t slot = 0;
  if (free_slots_.empty()) {
    slot = static_cast<uint32_t>(slots_.size());
    slots_.emplace_back();
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  Slot& place = slots_[slot];
  place.generation = place.generation == 0xFFFFFF ? 1 : place.generation + 1;
  const SubscriberHandle handle(environment_.shard.id, place.generation, slot);
  place.session = std::make_unique<Session>(environment_, handle, std::move(client));
  Session& session = *place.session;
  session.created_at_unix_ms = environment_.shard.now_unix_ms;
  by_client_id_.insert(&session);
  environment_.presence.set(handle, false);
  environment_.shard.count(Counter::sessions);
  environment_.shard.count(Counter::session_created);
  return session;
}

void SessionRegistry::forget_subscriptions(Session& session) {
  for (const Subscription& subscription : session.subscriptions()) {
    const bool known = environment_.index.remove(subscription.topic_filter, session.handle());
    PATCHBAY_ASSERT(known);
    environment_.shard.counters->subtract(Counter::subscriptions);
    const auto parsed = topic::parse_filter(subscription.topic_filter);
    if (parsed && parsed->kind == topic::FilterKind::shared)
      environment_.shard.counters->subtract(Counter::subscriptions_shared);
  }
}

void SessionRegistry::hand_on_shared(Session& session) {
  const SubscriberHandle gone = session.handle();
  for (const OutboundMessage& outbound : session.take_shared()) {
    if (environment_.router.redispatch(outbound.message, outbound.shared_group, {&gone, 1})) continue;
    environment_.shard.count(Counter::messages_dropped_session_gone);
    environment_.shard.count(Counter::messages_dropped);
    if (environment_.hooks.deliver_dropped.empty()) continue;
    hooks::observe(environment_.hooks.deliver_dropped,
                   {nullptr, session.client_id(), outbound.message.get(), outbound.qos, "session_gone"});
  }
}

void SessionRegistry::end(Session& session, std::string_view reason) {
  PATCHBAY_ASSERT(session.channel() == nullptr);
  observe_end(session, reason);
  publish_will(session);  // [MQTT-3.1.2-8] the session's end comes before the rest of the delay
  hand_on_shared(session);
  forget_subscriptions(session);
  environment_.presence.clear(session.handle());
  environment_.presence.names().clear(session.handle(), *environment_.shard.epoch);
  environment_.shard.counters->subtract(Counter::sessions);
  environment_.shard.count(Counter::session_terminated);
  by_client_id_.erase(&session);
  const uint32_t slot = session.handle().slot();
  free_slots_.push_back(slot);
  slots_[slot].session.reset();
}

void SessionRegistry::observe_end(const Session& session, std::string_view reason) {
  if (environment_.hooks.session_ended.empty()) return;
  hooks::observe(environment_.hooks.session_ended, session_event(session, &session.client(), reason));
}

void SessionRegistry::attach(Session& session, ClientChannel& channel) {
  session.absence.reset();
  session.attach(channel);
  environment_.presence.set(session.handle(), true);
}

void SessionRegistry::detach(Session& session, Will will) {
  const ClientChannel* channel = session.channel();
  const PacketTraffic traffic = channel != nullptr ? channel->traffic() : PacketTraffic{};
  const TransferTraffic transfers = channel != nullptr ? channel->transfers() : TransferTraffic{};
  session.detach();
  environment_.presence.set(session.handle(), false);
  const bool ends_now = session.session_expiry_interval_s == 0;
  if (!ends_now) {
    session.absence = std::make_unique<Session::Absence>();
    session.absence->disconnected_at_unix_ms = environment_.shard.now_unix_ms;
    session.absence->traffic = traffic;
    session.absence->transfers = transfers;
  }
  if (will.message && (will.delay_interval_s == 0 || ends_now)) {
    environment_.wills->publish(std::move(will));
  } else if (will.message) {
    start_delayed_will(session, std::move(will));
  }
  if (ends_now) {
    end(session, "closed");
  } else {
    start_expiry(session);
  }
}

void SessionRegistry::start_delayed_will(Session& session, Will will) {
  const uint64_t delay_ms = uint64_t{will.delay_interval_s} * 1000;
  session.absence->will = std::move(will);
  session.absence->will_timer.bind(
      [](void* owner) {
        auto& waiting = *static_cast<Session*>(owner);
        waiting.environment().registry->publish_will(waiting);
      },
      &session);
  environment_.shard.start(session.absence->will_timer, delay_ms);
}

void SessionRegistry::publish_will(Session& session) {
  if (!session.absence || !session.absence->will.message) return;
  environment_.wills->publish(std::exchange(session.absence->will, {}));
}

void SessionRegistry::start_expiry(Session& session) {
  constexpr uint32_t kNever = 0xFFFFFFFF;  // [MQTT-3.1.2-23]; a configured maximum below it has been applied at CONNECT
  if (session.session_expiry_interval_s == kNever) return;
  session.absence->end_timer.bind(
      [](void* owner) {
        auto& expired = *static_cast<Session*>(owner);
        expired.environment().registry->end(expired, "expired");
      },
      &session);
  environment_.shard.start(session.absence->end_timer, uint64_t{session.session_expiry_interval_s} * 1000);
}

size_t SessionRegistry::visit(size_t from, size_t count, const std::function<void(Session&)>& visit) {
  size_t slot = from;
  for (; slot < slots_.size() && count > 0; ++slot) {
    if (slots_[slot].session == nullptr) continue;
    visit(*slots_[slot].session);
    --count;
  }
  return slot < slots_.size() ? slot : 0;
}

}  // namespace patchbay::session
