#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/chain.h"

namespace patchbay::access {

/// What a chain entry wants to see, stated at registration and evaluated by the core. An empty list means everything.
/// Constant. [any-thread]
struct EventFilter {
  std::vector<std::string> topic_filters;  ///< valid topic filters
  std::vector<std::string> listener_ids;
  std::vector<std::string> protocol_names;

  [[nodiscard]] bool passes(std::string_view topic, std::string_view listener_id, std::string_view protocol_name) const;
};

/// What filters look at, taken from an event that has some of: topic_for_filter(), `client`.
template <class Event>
bool event_passes(const void* filter, const Event& event) noexcept {
  std::string_view topic;
  std::string_view listener_id;
  std::string_view protocol_name;
  if constexpr (requires { event.topic_for_filter(); }) {
    topic = event.topic_for_filter();
  }
  if (event.client != nullptr) {
    listener_id = event.client->listener_id();
    protocol_name = event.client->protocol_name();
  }
  return static_cast<const EventFilter*>(filter)->passes(topic, listener_id, protocol_name);
}

template <class Event>
void set_filter(base::ChainEntry<Event>& entry, EventFilter filter) {
  entry.filter = std::make_shared<const EventFilter>(std::move(filter));
  entry.wants = &event_passes<Event>;
}

}  // namespace patchbay::access
