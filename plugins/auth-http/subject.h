#pragma once

#include <patchbay/event_names.hpp>

#include "text_template.h"

namespace patchbay::auth_http {

/// Copies of what a question shows: the views die with the hook. [shard]
[[nodiscard]] Subject subject_of(const patchbay::auth_request& asked);
[[nodiscard]] Subject subject_of(const patchbay::acl_request& asked);

}  // namespace patchbay::auth_http
