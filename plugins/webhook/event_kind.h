#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace patchbay::webhook {

/// The events that can be sent: those of EMQX's web_hook. In the order in which they come to a client, which decides
/// between events of the same millisecond.
enum class EventKind : uint8_t {
  client_connect,
  client_connack,
  client_connected,
  client_subscribe,
  session_subscribed,
  message_publish,
  message_delivered,
  message_acked,
  message_dropped,
  client_unsubscribe,
  session_unsubscribed,
  client_disconnected,
  session_terminated,
  test,  ///< the route that sends a test event; no hook
};

struct EventKindRow {
  EventKind kind;
  std::string_view name;    ///< in settings: "client.connect"
  std::string_view action;  ///< in EMQX's JSON: "client_connect"
  bool has_topic;           ///< a topic filter may choose among them
};

[[nodiscard]] const EventKindRow& row_of(EventKind kind);
/// By its name in settings; the test event has none. [any-thread]
[[nodiscard]] std::optional<EventKind> event_kind_of(std::string_view name);

/// A hook point that tells of events of a kind: PATCHBAY_HOOK_... .
struct EventSource {
  EventKind kind;
  uint32_t hook;
};
/// All of them: a kind may have several points, and a point several kinds.
[[nodiscard]] const std::vector<EventSource>& event_sources();

}  // namespace patchbay::webhook
