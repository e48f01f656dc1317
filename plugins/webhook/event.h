#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "event_id.h"
#include "event_kind.h"

namespace patchbay::webhook {

/// A value that is JSON already.
struct JsonText {
  std::string_view text;
};

/// Null, a boolean, a number, a text, or JSON.
using FieldValue = std::variant<std::nullptr_t, bool, int64_t, std::string_view, JsonText>;

/// What happened, with the fields of EMQX's web_hook but `action`, `node` and `payload`. Lives as long as the call of
/// the hook: all texts are views.
struct Event {
  EventKind kind = EventKind::test;
  EventId id;
  uint64_t at_unix_ms = 0;
  std::string_view client_id;  ///< whose order counts: the client that the event is about, or the publisher
  std::string_view topic;      ///< name or filter; "": has none
  std::vector<std::pair<std::string_view, FieldValue>> fields;
  bool has_payload = false;
  std::string_view payload;

  /// As a new one, which keeps the memory of the fields.
  void clear() {
    fields.clear();
    client_id = topic = payload = {};
    has_payload = false;
  }
};

/// An event as one target gets it: rendered.
struct QueuedEvent {
  EventId id;
  uint64_t at_unix_ms = 0;
  uint64_t order_key = 0;  ///< events with the same key stay in order
  std::string body;
  uint64_t route =
      0;  ///< where it goes, by a number that stays the same over restarts; 0: where the target's events go

  /// What it counts for in a buffer's limit.
  [[nodiscard]] size_t bytes() const { return body.size() + id.size() + 64; }
};

}  // namespace patchbay::webhook
