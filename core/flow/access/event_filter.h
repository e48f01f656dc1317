#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
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

  [[nodiscard]] bool wants_everything() const {
    return topic_filters.empty() && listener_ids.empty() && protocol_names.empty();
  }
  [[nodiscard]] bool passes(std::string_view topic, std::string_view listener_id, std::string_view protocol_name) const;
};

/// An EventFilter made ready for events that are about other topics, which most are: the first eight bytes of each of
/// its topic filters, as far as they have no wildcard, beside each other. Constant. [any-thread]
class PreparedFilter {
 public:
  explicit PreparedFilter(EventFilter filter);
  PreparedFilter(const PreparedFilter&) = delete;
  PreparedFilter& operator=(const PreparedFilter&) = delete;

  /// True: no topic filter takes this topic, as its first bytes say. False: they don't say, ask passes(). The topic may
  /// itself be a filter that a client asks for.
  [[nodiscard, gnu::always_inline]] bool is_elsewhere(std::string_view topic) const {
    const uint64_t bytes = topic.size() >= kHeadBytes ? head_of(topic.data()) : short_head_of(topic);
    for (const Head* head = heads_begin_; head != heads_end_; ++head) {
      if (!differs(bytes, *head)) return false;
    }
    return heads_begin_ != heads_end_;
  }
  [[nodiscard]] bool passes(std::string_view topic, std::string_view listener_id,
                            std::string_view protocol_name) const {
    return filter_.passes(topic, listener_id, protocol_name);
  }

 private:
  static constexpr size_t kHeadBytes = 8;
  static_assert(std::endian::native == std::endian::little, "the first byte of a text is the lowest of its word");

  /// The literal beginning of a topic filter, zero behind it, and which of the bytes it has.
  struct Head {
    uint64_t bytes = 0;
    uint64_t mask = 0;
  };
  [[nodiscard, gnu::always_inline]] static uint64_t head_of(const char* text) {
    uint64_t bytes = 0;
    std::memcpy(&bytes, text, kHeadBytes);
    return bytes;
  }
  /// Zero behind the end.
  [[nodiscard]] static uint64_t short_head_of(std::string_view text) {
    uint64_t bytes = 0;
    for (size_t i = text.size(); i-- > 0;) bytes = bytes << 8 | static_cast<uint8_t>(text[i]);
    return bytes;
  }
  /// Whether a topic differs from a filter before the first wildcard of either, and before its end: "a" is taken by
  /// "a/#".
  [[nodiscard, gnu::always_inline]] static bool differs(uint64_t topic, const Head& head) {
    const uint64_t difference = (topic ^ head.bytes) & head.mask;
    if (difference == 0) return false;
    const auto first = static_cast<char>(topic >> (std::countr_zero(difference) & ~7) & 0xFF);
    return first != '+' && first != '#' && first != '\0';
  }

  EventFilter filter_;
  std::vector<Head> heads_;
  const Head* heads_begin_ = nullptr;
  const Head* heads_end_ = nullptr;
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
  const auto& prepared = *static_cast<const PreparedFilter*>(filter);
  return !prepared.is_elsewhere(topic) && prepared.passes(topic, listener_id, protocol_name);
}

template <class Event>
void set_filter(base::ChainEntry<Event>& entry, EventFilter filter) {
  entry.filter = std::make_shared<const PreparedFilter>(std::move(filter));
  entry.wants = &event_passes<Event>;
}

}  // namespace patchbay::access
