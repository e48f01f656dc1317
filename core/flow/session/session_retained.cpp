// Retained messages for new subscriptions: fetched page by page as the session has room (MQTT 5.0 section 3.3.1.3).

#include <algorithm>
#include <utility>

#include "base/mailbox.h"
#include "distribution/fan_out.h"
#include "hooks/hook_points.h"
#include "router/retained_store.h"
#include "session/session.h"
#include "topic/topic_filter.h"

namespace patchbay::session {

bool Session::has_room_for_retained() const {
  const SessionLimits& limits = *environment_.limits;
  return channel_ != nullptr && queued_messages() * 2 <= limits.maximum_queued_messages &&
         (!queue_ || queue_->bytes() * 2 <= limits.maximum_queued_bytes);
}

void Session::begin_retained(const Subscription& subscription) {
  const auto parsed = topic::parse_filter(subscription.topic_filter);
  if (!parsed) return;
  distribution::Delivery delivery;
  delivery.subscriber = handle_;
  delivery.options = subscription.options;
  delivery.subscription_identifier = subscription.subscription_identifier;
  delivery.from_retained = 1;
  if (!retained_) retained_ = std::make_unique<RetainedReplay>();
  retained_->begin(subscription.topic_filter, parsed->filter, delivery, environment_.retained.begin(parsed->filter));
  ask_for_retained();
  if (environment_.hooks.retain_lookup.empty()) return;
  std::unique_ptr<RetainedLookups>& lookups = beside().lookups;
  if (!lookups) lookups = std::make_unique<RetainedLookups>(environment_, &Session::deliver_found, this);
  lookups->begin(subscription.topic_filter, parsed->filter, delivery, client_);
}

void Session::cancel_retained(std::string_view topic_filter) {
  if (retained_) retained_->cancel(topic_filter);
  if (beside_ && beside_->lookups) beside_->lookups->cancel(topic_filter);
}

/// In a later turn, after the SUBACK: the session is found again by its handle then.
void Session::deliver_found(void* self, RetainedLookups::Found found) {
  const auto& environment = static_cast<Session*>(self)->environment_;
  environment.fan_out.post(environment.shard.id,
                           base::make_task([directory = environment.directory,
                                            handle = static_cast<Session*>(self)->handle_, found = std::move(found)] {
                             Session* session = directory->find(handle);
                             if (session != nullptr) session->deliver_extra(found);
                           }));
}

void Session::deliver_extra(const RetainedLookups::Found& found) {
  if (find_subscription(found.topic_filter) == nullptr) return;
  for (const mqtt::MessageRef& message : found.messages) {
    if (has_room_for_retained()) {
      deliver(message, found.delivery, {}, nullptr);
    } else {
      drop(base::Counter::messages_dropped_queue_full, *message, message->qos(), "queue_full");
    }
  }
}

/// As many as fit into the queue's free half, shared by all look-ups, in case the client takes none at once.
size_t Session::retained_page_size() const {
  const SessionLimits& limits = *environment_.limits;
  const size_t queued = queued_messages();
  const size_t room = limits.maximum_queued_messages > queued ? limits.maximum_queued_messages - queued : 0;
  return std::clamp<size_t>(room / 2 / retained_->size(), 1, std::max<size_t>(limits.retained_page, 1));
}

void Session::ask_for_retained() {
  while (retained_ && has_room_for_retained()) {
    const auto request = retained_->next_request();
    if (!request) break;
    // The session may have ended when the page comes: it is found again by its handle, never by a pointer.
    environment_.retained.request_page(request->filter, *request->cursor, retained_page_size(),
                                       [directory = environment_.directory, handle = handle_,
                                        sequence = request->sequence](router::RetainedPage&& page) {
                                         Session* session = directory->find(handle);
                                         if (session != nullptr) session->on_retained_page(sequence, std::move(page));
                                       });
  }
  if (retained_ && retained_->size() == 0) retained_.reset();
}

void Session::on_retained_page(uint32_t sequence, router::RetainedPage&& page) {
  const auto delivery = retained_ ? retained_->take(sequence, std::move(page.next)) : std::nullopt;
  if (!delivery) return;
  for (const mqtt::MessageRef& message : page.messages) deliver(message, *delivery, {}, nullptr);
  ask_for_retained();
}

}  // namespace patchbay::session
