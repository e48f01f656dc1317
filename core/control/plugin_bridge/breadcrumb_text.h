#pragma once

#include <cstddef>

#include "plugin_bridge/call_place.h"

namespace patchbay::plugin_bridge {

/// What the crash file says of plugins: first the calling thread's breadcrumb, then those of the other threads that are
/// in a plugin's code, a line each: "plugin 'acl' (com.example.acl 1.0.0) in acl.publish, shard 0 (this thread)".
/// Writes at most `size` bytes, without a terminating NUL, and returns how many; 0: no plugin's code runs. Allocates
/// nothing and locks nothing. [async-signal-safe]
[[nodiscard]] size_t breadcrumb_text(char* text, size_t size);
/// Names the places that breadcrumb_text() looks at; null: none. [control]
void set_breadcrumbs(CallPlaces* places);

}  // namespace patchbay::plugin_bridge
