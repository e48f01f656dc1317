#include "session/message_origin.h"

#include <utility>

namespace patchbay::session {

mqtt::MessageRef with_origin_of(const mqtt::Message& original, mqtt::MessageRef replacement) {
  const bool same = replacement->received_at_ms() == original.received_at_ms() &&
                    replacement->received_at_unix_ms() == original.received_at_unix_ms() &&
                    replacement->publisher_handle() == original.publisher_handle() &&
                    replacement->publisher_client_id() == original.publisher_client_id() &&
                    replacement->flags() == original.flags();
  if (same) return replacement;
  mqtt::MessageFields fields = replacement->fields();
  fields.publisher_client_id = original.publisher_client_id();
  fields.publisher_handle = original.publisher_handle();
  fields.flags = original.flags();
  fields.received_at_ms = original.received_at_ms();
  fields.received_at_unix_ms = original.received_at_unix_ms();
  return mqtt::Message::create(fields);
}

mqtt::MessageRef received_now(const mqtt::Message& message, uint64_t now_ms, uint64_t now_unix_ms) {
  mqtt::MessageFields fields = message.fields();
  fields.received_at_ms = static_cast<int64_t>(now_ms);
  fields.received_at_unix_ms = static_cast<int64_t>(now_unix_ms);
  return mqtt::Message::create(fields);
}

}  // namespace patchbay::session
