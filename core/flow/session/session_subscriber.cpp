#include "session/session_subscriber.h"

namespace patchbay::session {

using base::Counter;

void SessionSubscriber::deliver(const mqtt::MessageRef& message, std::span<const distribution::Delivery> deliveries) {
  PublishImages* images = nullptr;
  if (deliveries.size() > 1) {
    images_.begin();
    images = &images_;
  }
  for (size_t i = 0; i < deliveries.size();) {
    size_t end = i + 1;
    while (end < deliveries.size() && deliveries[end].continuation) ++end;
    Session* session = environment_.registry->find(deliveries[i].subscriber);
    if (session != nullptr) {
      session->deliver(message, deliveries[i], deliveries.subspan(i + 1, end - i - 1), images);
    } else {
      session_gone(message, deliveries[i]);
    }
    i = end;
  }
}

void SessionSubscriber::session_gone(const mqtt::MessageRef&, const distribution::Delivery&) {
  // The session ended between the look-up on the publisher's shard and now. A member of a shared group that has just
  // gone loses its pick the same way as a plain subscriber: the subscription did not exist any more when the message
  // came.
  environment_.shard.count(Counter::messages_dropped_session_gone);
  environment_.shard.count(Counter::messages_dropped);
}

}  // namespace patchbay::session
