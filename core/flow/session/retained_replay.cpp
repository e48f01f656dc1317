#include "session/retained_replay.h"

#include <algorithm>
#include <utility>

namespace patchbay::session {

void RetainedReplay::begin(std::string_view topic_filter, std::string_view inner_filter,
                           const distribution::Delivery& delivery, router::RetainedCursor cursor) {
  cancel(topic_filter);
  if (cursor.done) return;
  Running running;
  running.topic_filter = topic_filter;
  running.inner_filter = inner_filter;
  running.delivery = delivery;
  running.cursor = std::move(cursor);
  running.sequence = next_sequence_++;
  running_.push_back(std::move(running));
}

void RetainedReplay::cancel(std::string_view topic_filter) {
  std::erase_if(running_, [topic_filter](const Running& running) { return running.topic_filter == topic_filter; });
}

std::optional<RetainedReplay::Request> RetainedReplay::next_request() {
  for (Running& running : running_) {
    if (running.asked) continue;
    running.asked = true;
    return Request{running.inner_filter, &running.cursor, running.sequence};
  }
  return std::nullopt;
}

std::optional<distribution::Delivery> RetainedReplay::take(uint32_t sequence, router::RetainedCursor&& next) {
  const auto running = std::find_if(running_.begin(), running_.end(),
                                    [sequence](const Running& entry) { return entry.sequence == sequence; });
  if (running == running_.end()) return std::nullopt;
  const distribution::Delivery delivery = running->delivery;
  running->asked = false;
  if (next.done) {
    running_.erase(running);
  } else {
    running->cursor = std::move(next);
  }
  return delivery;
}

}  // namespace patchbay::session
