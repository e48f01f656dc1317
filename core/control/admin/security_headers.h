#pragma once

#include <string>

#include "admin/api_response.h"

namespace patchbay::admin {

/// Writes the headers that make browsers careful with an answer into its head, but those that the answer has already.
/// [any-thread]
void append_security_headers(std::string& head, const ApiResponse& response, bool tls);

}  // namespace patchbay::admin
