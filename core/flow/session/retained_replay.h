#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "distribution/delivery.h"
#include "router/retained_store.h"
#include "session/session_environment.h"

namespace patchbay::session {

class Session;
struct Subscription;

/// Retained messages on their way to a client because of new subscriptions: fetched page by page, the next page only
/// when the session has room, so that a filter `#` over a million topics neither blocks a shard nor overflows a queue.
/// [shard]
class RetainedReplay {
 public:
  explicit RetainedReplay(Session& session) : session_(session) {}

  /// The first page is asked for at once; it comes in a later turn, after the SUBACK.
  void begin(const Subscription& subscription);
  /// The subscription is gone.
  void cancel(std::string_view topic_filter);
  /// The session may have room again.
  void resume();
  [[nodiscard]] bool idle() const { return running_.empty(); }
  /// A page that was asked for.
  void on_page(uint32_t sequence, router::RetainedPage&& page);

 private:
  struct Running {
    std::string topic_filter;  ///< as subscribed, prefix included
    std::string inner_filter;  ///< what topics are matched with
    distribution::Delivery delivery;
    router::RetainedCursor cursor;
    uint32_t sequence = 0;  ///< tells pages of this run from those of an earlier one of the same filter
    bool asked = false;
  };

  void ask(Running& running);
  [[nodiscard]] size_t page_size() const;

  Session& session_;
  std::vector<Running> running_;
  uint32_t next_sequence_ = 1;
};

}  // namespace patchbay::session
