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
bool hook_wants(const void* filter, const EventOf<Id>& event) noexcept {
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
  return static_cast<const access::EventFilter*>(filter)->passes(topic, listener_id, protocol_name);
}

/// The rest of on_event(): the breaker has a word, or the event goes to a queue or a worker.
template <hooks::HookId Id>
[[gnu::noinline]] base::Verdict on_event_detour(Hook& hook, EventOf<Id>& event, base::Token token) noexcept {
  if (hook.kept_out()) {
    return hook.registration().phase == base::Phase::observe ? base::Verdict{} : base::Verdict::fails();
  }
  const auto shown = detail::show_event<Id>(event);
  if (hook.passes_on()) return hook.pass_on(detail::abi_of<Id>(shown), token);
  return hook.call(detail::abi_of<Id>(shown), token);
}

/// The chain entry's call: the core's event becomes the ABI's on the stack, the plugin is called, its answer becomes
/// the core's. An exception that leaves the plugin ends the process here, with the breadcrumb still standing.
template <hooks::HookId Id>
base::Verdict on_event(void* self, EventOf<Id>& event, base::Token token) noexcept {
  Hook& hook = *static_cast<Hook*>(self);
  if (const mqtt::Message* message = detail::message_of(event);
      message != nullptr && !hook.shows_message_of(message->origin_instance())) {
    return {};
  }
  if (!hook.direct()) return on_event_detour<Id>(hook, event, token);
  const auto shown = detail::show_event<Id>(event);
  return hook.call(detail::abi_of<Id>(shown), token);
}

/// The same for observers, whose answers nobody waits for.
template <hooks::HookId Id>
base::Verdict on_observed(void* self, EventOf<Id>& event, base::Token) noexcept {
  Hook& hook = *static_cast<Hook*>(self);
  if (const mqtt::Message* message = detail::message_of(event);
      message != nullptr && !hook.shows_message_of(message->origin_instance())) {
    return {};
  }
  if (!hook.direct()) [[unlikely]]
    return on_event_detour<Id>(hook, event, {});
  const auto shown = detail::show_event<Id>(event);
  hook.tell(detail::abi_of<Id>(shown));
  return {};
}

/// The entry without its place in the order.
template <hooks::HookId Id>
[[nodiscard]] base::ChainEntry<EventOf<Id>> make_entry(Hook& hook, access::EventFilter filter) {
  base::ChainEntry<EventOf<Id>> entry;
  entry.call = hook.registration().phase == base::Phase::observe ? &on_observed<Id> : &on_event<Id>;
  entry.self = &hook;
  const bool everything = filter.topic_filters.empty() && filter.listener_ids.empty() && filter.protocol_names.empty();
  if (everything) return entry;
  entry.filter = std::make_shared<const access::EventFilter>(std::move(filter));
  entry.wants = &hook_wants<Id>;
  return entry;
}

}  // namespace patchbay::plugin_bridge
