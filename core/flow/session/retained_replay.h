#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "distribution/delivery.h"
#include "router/retained_store.h"

namespace patchbay::session {

/// Retained messages on their way to one client because of new subscriptions: what has been asked for, and where each
/// look-up goes on. Pages are fetched one by one, the next only when the session has room, so that a filter `#` over a
/// million topics neither blocks a shard nor overflows a queue. Only the state: the session asks and delivers. [shard]
class RetainedReplay {
 public:
  /// What to ask the store for next.
  struct Request {
    std::string_view filter;  ///< valid until the replay changes
    const router::RetainedCursor* cursor;
    uint32_t sequence;  ///< to be given back with the page
  };

  /// A look-up for a subscription made (again): an earlier one of the same filter is given up [MQTT-3.8.4-3].
  /// `inner_filter` is what topics are matched with; `delivery` is how its messages are delivered.
  void begin(std::string_view topic_filter, std::string_view inner_filter, const distribution::Delivery& delivery,
             router::RetainedCursor cursor);
  /// The subscription is gone.
  void cancel(std::string_view topic_filter);
  /// The next look-up that waits, marked as asked for; nothing when none waits.
  [[nodiscard]] std::optional<Request> next_request();
  /// A page has come: how to deliver its messages, and the look-up goes on behind it. Nothing when nobody wants it any
  /// more.
  [[nodiscard]] std::optional<distribution::Delivery> take(uint32_t sequence, router::RetainedCursor&& next);
  /// Look-ups that are not finished.
  [[nodiscard]] size_t size() const { return running_.size(); }

 private:
  struct Running {
    std::string topic_filter;  ///< as subscribed, prefix included
    std::string inner_filter;
    distribution::Delivery delivery;
    router::RetainedCursor cursor;
    uint32_t sequence = 0;  ///< tells pages of this look-up from those of an earlier one of the same filter
    bool asked = false;
  };

  std::vector<Running> running_;
  uint32_t next_sequence_ = 1;
};

}  // namespace patchbay::session
