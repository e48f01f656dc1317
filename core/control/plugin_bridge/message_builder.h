#pragma once

#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "mqtt/application_message.h"
#include "patchbay/message.h"

namespace patchbay::plugin_bridge {

/// A new message: `base` (null: none) with the fields that are present changed. Payloads that were handed over are
/// given back before this returns, whatever comes of it. The error is a sentence. [any-thread]
[[nodiscard]] base::Result<mqtt::MessageRef, std::string> build_message(const mqtt::Message* base,
                                                                        const patchbay_message_fields& fields,
                                                                        const base::Clock& clock);

}  // namespace patchbay::plugin_bridge
