#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "access/event_filter.h"
#include "base/chain.h"
#include "hooks/hook_points.h"
#include "plugin_bridge/events/all_events.h"
#include "plugin_bridge/hook.h"
#include "plugin_bridge/hook_traits.h"
#include "plugin_bridge/observer_table.h"

/// What a chain's entry for a plugin's hook calls.
namespace patchbay::plugin_bridge {

namespace detail {

/// The message that an event is about; null: about none.
template <class Event>
[[nodiscard]] const mqtt::Message* message_of(const Event& event) {
  if constexpr (requires { event.message.get(); }) {
    return event.message.get();
  } else if constexpr (requires { event.message->topic(); }) {
    return event.message;
  } else {
    return nullptr;
  }
}

/// Whether an event is about a message that a plugin has published, which the one who did need not be shown.
template <class Event>
[[nodiscard]] bool is_from_plugin(const Event& event) {
  const mqtt::Message* message = message_of(event);
  return message != nullptr && message->has_flag(mqtt::MessageFlags::from_plugin);
}

/// The client that an event is about, for filters; null: nobody.
template <class Event>
[[nodiscard]] const access::ClientInfo* client_of(const Event& event) {
  if constexpr (requires { event.client.get(); }) {
    return event.client.get();
  } else if constexpr (requires { event.client; }) {
    return event.client;
  } else {
    return nullptr;
  }
}

template <hooks::HookId Id>
[[nodiscard]] auto show_event(const EventOf<Id>& event) {
  auto shown = show(event);
  if constexpr (std::is_same_v<EventOf<Id>, ControlEvent>) shown.hook = static_cast<uint32_t>(Id);
  return shown;
}

/// As the ABI's struct, also where the shown event carries arrays behind it.
template <hooks::HookId Id, class Shown>
[[nodiscard]] const void* abi_of(const Shown& shown) {
  return static_cast<const AbiEventOf<Id>*>(&shown);
}

}  // namespace detail

/// What EventFilter looks at, taken from an event. Events without a client say themselves where they come from.
template <hooks::HookId Id>
[[gnu::noinline]] bool hook_wants_in_detail(const access::PreparedFilter& filter, const EventOf<Id>& event) noexcept {
  std::string_view topic;
  std::string_view listener_id;
  std::string_view protocol_name;
  if constexpr (requires { event.topic_for_filter(); }) topic = event.topic_for_filter();
  if (const access::ClientInfo* client = detail::client_of(event); client != nullptr) {
    listener_id = client->listener_id();
    protocol_name = client->protocol_name();
  }
  if constexpr (requires { event.listener_id; }) listener_id = event.listener_id;
  if constexpr (requires { event.protocol_name; }) protocol_name = event.protocol_name;
  return filter.passes(topic, listener_id, protocol_name);
}

/// A chain entry's filter: most events are of another topic, which is seen without more.
template <hooks::HookId Id>
bool hook_wants(const void* filter, const EventOf<Id>& event) noexcept {
  const auto& prepared = *static_cast<const access::PreparedFilter*>(filter);
  if constexpr (requires { event.topic_for_filter(); }) {
    if (prepared.is_elsewhere(event.topic_for_filter())) [[likely]]
      return false;
  }
  return hook_wants_in_detail<Id>(prepared, event);
}

/// The rest of on_event(): the breaker has a word, or the event goes to a worker.
template <hooks::HookId Id>
[[gnu::noinline]] base::Verdict on_event_detour(Hook& hook, EventOf<Id>& event, base::Token token) noexcept {
  if (hook.kept_out()) return base::Verdict::fails();
  const auto shown = detail::show_event<Id>(event);
  if (hook.passes_on()) return hook.pass_on(detail::abi_of<Id>(shown), token);
  return hook.call(detail::abi_of<Id>(shown), token);
}

/// Whether the instance `hook` is to be shown a message that plugins have published.
template <class Event>
[[nodiscard]] bool is_shown(const Hook& hook, const Event& event) {
  const mqtt::Message* message = detail::message_of(event);
  return message == nullptr || hook.shows_message_of(message->origin_instance());
}

/// The chain entry's call: the core's event becomes the ABI's on the stack, the plugin is called, its answer becomes
/// the core's. An exception that leaves the plugin ends the process here, with the breadcrumb still standing.
template <hooks::HookId Id>
base::Verdict on_event(void* self, EventOf<Id>& event, base::Token token) noexcept {
  Hook& hook = *static_cast<Hook*>(self);
  if (detail::is_from_plugin(event) && !is_shown(hook, event)) [[unlikely]]
    return {};
  if (!hook.direct()) [[unlikely]]
    return on_event_detour<Id>(hook, event, token);
  const auto shown = detail::show_event<Id>(event);
  return hook.call(detail::abi_of<Id>(shown), token);
}

/// Tells one observer what isn't simply told: it has a filter or a queue, its breaker has a word, this is no shard's
/// thread, or a plugin has published the message.
template <hooks::HookId Id>
[[gnu::noinline]] void tell_carefully(const PreparedObserver& observer, EventOf<Id>& event,
                                      const void* shown) noexcept {
  Hook& hook = *observer.hook;
  if (!is_shown(hook, event)) return;
  if (observer.filter != nullptr && !hook_wants<Id>(observer.filter.get(), event)) return;
  if (!hook.direct()) {
    if (hook.kept_out()) return;
    if (hook.passes_on()) {
      base::Verdict ignored = hook.pass_on(shown, {});
      return base::dispose(ignored);
    }
  }
  hook.tell(shown);
}

template <hooks::HookId Id>
[[gnu::noinline]] void tell_all_carefully(const ObserverTable& table, EventOf<Id>& event, const void* shown) noexcept {
  for (const PreparedObserver& each : table.observers()) tell_carefully<Id>(each, event, shown);
}

/// The chain entry's call for observers, whose answers nobody waits for; see on_event(). What the usual call doesn't
/// need is elsewhere, so that it takes few registers.
template <hooks::HookId Id>
void on_observed(void* self, EventOf<Id>& event) noexcept {
  const ObserverTable& table = *static_cast<const ObserverTable*>(self);
  const auto shown = detail::show_event<Id>(event);
  const void* abi = detail::abi_of<Id>(shown);
  const base::ShardThread thread = base::shard_thread();
  if (thread.shard() >= table.shards() || detail::is_from_plugin(event)) [[unlikely]]
    return tell_all_carefully<Id>(table, event, abi);
  CallPlace& place = table.place_of(thread.shard());
  place.thread.store(thread, std::memory_order_relaxed);
  for (const PreparedObserver& each : table.observers()) {
    CallCell& cell = each.cells[thread.shard()];
    if ((each.detour | cell.detour.load(std::memory_order_relaxed)) != 0) [[unlikely]] {
      tell_carefully<Id>(each, event, abi);
    } else if (Hook::counts_as_sample(cell, Hook::sample_mask(HookTraits<Id>::kHeat))) [[unlikely]] {
      each.hook->tell_timed(abi);
    } else {
      const CallSite* outer = place.enter_counted(*each.site);
      const patchbay_verdict verdict = each.function(each.self, abi, patchbay_token{0});
      place.leave(outer);
      if (Hook::says_something(verdict)) [[unlikely]]
        each.hook->take_unasked(verdict);
    }
  }
}

/// The end of a call whose observer has answered all the same.
[[gnu::cold, gnu::noinline]] inline void leave_answered(CallPlace& place, patchbay_verdict verdict) noexcept {
  Hook& hook = *place.site.load(std::memory_order_relaxed)->hook;
  place.leave(nullptr);
  hook.take_unasked(verdict);
}

/// The same where the table has one observer, and this has no filter: no loop, and a third of the registers. A call
/// within a plugin's call is none of the usual ones, so that there is nothing to put back; who has answered is looked
/// up in the breadcrumb, so that only the place need be kept over the call.
template <hooks::HookId Id>
void on_observed_by_one(void* self, EventOf<Id>& event) noexcept {
  const SoleObserver& only = *static_cast<const SoleObserver*>(self);
  const auto shown = detail::show_event<Id>(event);
  const void* abi = detail::abi_of<Id>(shown);
  const base::ShardThread thread = base::shard_thread();
  const size_t shard = thread.shard();
  if (shard >= only.shards || detail::is_from_plugin(event)) [[unlikely]]
    return tell_carefully<Id>(*only.prepared, event, abi);
  CallPlace& place = only.places[shard];
  CallCell& cell = only.cells[shard];
  if ((place.taken_by() | cell.detour.load(std::memory_order_relaxed)) != 0) [[unlikely]]
    return tell_carefully<Id>(*only.prepared, event, abi);
  if (Hook::counts_as_sample(cell, Hook::sample_mask(HookTraits<Id>::kHeat))) [[unlikely]]
    return only.prepared->hook->tell_timed(abi);
  place.thread.store(thread, std::memory_order_relaxed);
  place.site.store(only.site, std::memory_order_release);
  const patchbay_verdict verdict = only.function(only.self, abi, patchbay_token{0});
  if (Hook::says_something(verdict)) [[unlikely]]
    return leave_answered(place, verdict);
  place.leave(nullptr);
}

/// The entry of a hook that decides or transforms, without its place in the order.
template <hooks::HookId Id>
[[nodiscard]] base::ChainEntry<EventOf<Id>> make_entry(Hook& hook, access::EventFilter filter) {
  base::ChainEntry<EventOf<Id>> entry;
  entry.call = &on_event<Id>;
  entry.self = &hook;
  if (filter.wants_everything()) return entry;
  entry.filter = std::make_shared<const access::PreparedFilter>(std::move(filter));
  entry.wants = &hook_wants<Id>;
  return entry;
}

/// The same of observers that follow each other; they are all in the table.
template <hooks::HookId Id>
[[nodiscard]] base::ChainEntry<EventOf<Id>> make_entry(std::shared_ptr<ObserverTable> table) {
  base::ChainEntry<EventOf<Id>> entry;
  const bool plain = table->is_plain();
  entry.tell = plain ? &on_observed_by_one<Id> : &on_observed<Id>;
  entry.self = plain ? static_cast<void*>(&table->sole()) : table.get();
  entry.keeps = std::move(table);
  return entry;
}

}  // namespace patchbay::plugin_bridge
