#pragma once

#include <optional>

#include "admin/api_request.h"
#include "admin/api_response.h"
#include "admin/route.h"

namespace patchbay::admin {

/// Why a caller may not use a route, as the answer; nothing: the caller may. [any-thread]
[[nodiscard]] std::optional<ApiResponse> access_problem(const Route& route, const Caller& caller);

}  // namespace patchbay::admin
