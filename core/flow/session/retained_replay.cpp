#include "session/retained_replay.h"

#include <algorithm>
#include <utility>

#include "session/session.h"
#include "session/session_registry.h"
#include "topic/topic_filter.h"

namespace patchbay::session {

void RetainedReplay::begin(const Subscription& subscription) {
  cancel(subscription.topic_filter);  // [MQTT-3.8.4-3] a subscription made anew starts its retained messages anew
  const auto parsed = topic::parse_filter(subscription.topic_filter);
  if (!parsed) return;
  Running running;
  running.topic_filter = subscription.topic_filter;
  running.inner_filter = parsed->filter;
  running.delivery.subscriber = session_.handle();
  running.delivery.options = subscription.options;
  running.delivery.subscription_identifier = subscription.subscription_identifier;
  running.delivery.from_retained = 1;
  running.cursor = session_.environment().retained.begin(running.inner_filter);
  running.sequence = next_sequence_++;
  if (running.cursor.done) return;
  running_.push_back(std::move(running));
  ask(running_.back());
}

void RetainedReplay::cancel(std::string_view topic_filter) {
  std::erase_if(running_, [topic_filter](const Running& running) { return running.topic_filter == topic_filter; });
}

void RetainedReplay::resume() {
  for (Running& running : running_) {
    if (!running.asked && session_.has_room_for_retained()) ask(running);
  }
}

void RetainedReplay::ask(Running& running) {
  running.asked = true;
  SessionEnvironment& environment = session_.environment();
  // The session may have ended when the page comes: it is found again by its handle, never by a pointer.
  environment.retained.request_page(running.inner_filter, running.cursor, page_size(),
                                    [registry = environment.registry, handle = session_.handle(),
                                     sequence = running.sequence](router::RetainedPage&& page) {
                                      Session* session = registry->find(handle);
                                      if (session != nullptr) session->retained().on_page(sequence, std::move(page));
                                    });
}

/// As many as fit into the queue's free half, shared by all runs, in case the client takes none at once.
size_t RetainedReplay::page_size() const {
  const SessionLimits& limits = *session_.environment().limits;
  const size_t queued = session_.queued_messages();
  const size_t room = limits.maximum_queued_messages > queued ? limits.maximum_queued_messages - queued : 0;
  return std::clamp<size_t>(room / 2 / running_.size(), 1, std::max<size_t>(limits.retained_page, 1));
}

void RetainedReplay::on_page(uint32_t sequence, router::RetainedPage&& page) {
  const auto find = [this, sequence] {
    return std::find_if(running_.begin(), running_.end(),
                        [sequence](const Running& running) { return running.sequence == sequence; });
  };
  auto running = find();
  if (running == running_.end()) return;
  running->asked = false;
  const distribution::Delivery delivery = running->delivery;
  const bool done = page.next.done;
  running->cursor = std::move(page.next);
  for (const mqtt::MessageRef& message : page.messages) session_.deliver(message, delivery, {}, nullptr);
  running = find();
  if (running == running_.end()) return;
  if (done) {
    running_.erase(running);
  } else if (session_.has_room_for_retained()) {
    ask(*running);
  }
}

}  // namespace patchbay::session
