#pragma once

#include <optional>

#include <patchbay/patchbay.h>

#include "event.h"

namespace patchbay::webhook {

/// Reads an event of a hook point as an event of this kind; nothing: it is none, such as a subscription that was
/// refused. `id` is left empty. Views of the record are valid during the call only, and so is the payload of what is
/// returned. [shard], [worker]
[[nodiscard]] std::optional<Event> read_event(const patchbay_host* host, uint32_t hook, EventKind kind,
                                              const void* event, uint64_t at_unix_ms);

}  // namespace patchbay::webhook
