#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "admin/api_request.h"
#include "admin/api_response.h"
#include "admin/route.h"

namespace patchbay::admin {

/// Checks the query of a request against its route. The answer names each parameter and what is allowed. [any-thread]
[[nodiscard]] std::optional<ApiResponse> query_problem(const Route& route, const ApiRequest& request);

/// Checks path parameters that are more than text.
[[nodiscard]] std::optional<ApiResponse> path_problem(const Route& route, const ApiRequest& request);

/// Reads the body as the route takes it (JSON, a form, text) into the request, and checks it.
[[nodiscard]] std::optional<ApiResponse> read_body(const Route& route, ApiRequest& request, std::string body,
                                                   uint64_t bytes_max);

}  // namespace patchbay::admin
