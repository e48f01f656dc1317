#pragma once

#include "admin/api_response.h"

namespace patchbay::admin {

/// Adds the headers that make browsers careful with an answer, where it does not have them already. [any-thread]
void add_security_headers(ApiResponse& response, bool tls);

}  // namespace patchbay::admin
