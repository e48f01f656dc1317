#pragma once

#include "mqtt/application_message.h"

namespace patchbay::session {

/// A message that a hook put in place of `original`, with what a hook must not change: who published it, when it came,
/// and how it is to be treated. `replacement` itself where it already has all that. [any-thread]
[[nodiscard]] mqtt::MessageRef with_origin_of(const mqtt::Message& original, mqtt::MessageRef replacement);

/// The same message as if it had come at this moment, for wills: their expiry counts from their publication.
[[nodiscard]] mqtt::MessageRef received_now(const mqtt::Message& message, uint64_t now_ms, uint64_t now_unix_ms);

}  // namespace patchbay::session
