#include "admin/access_check.h"

#include "admin/accounts.h"
#include "admin/error_codes.h"

namespace patchbay::admin {

namespace {

bool role_suffices(Access access, Role role) {
  switch (access) {
    case Access::open:
      return true;
    case Access::read:
      return role != Role::publisher;
    case Access::own:
      return true;
    case Access::publish:
      return role != Role::viewer;
    case Access::write:
    case Access::users_only:
      return role == Role::administrator;
  }
  return false;
}

}  // namespace

std::optional<ApiResponse> access_problem(const Route& route, const Caller& caller) {
  if (route.access == Access::open) return std::nullopt;
  const bool by_key = caller.by == Caller::By::api_key;
  if (by_key && (route.access == Access::own || route.access == Access::users_only))
    return unauthorized(code::kApiKeyNotAllow, "API keys cannot do this, log in as a user");
  if (caller.by == Caller::By::nobody || !role_suffices(route.access, caller.role))
    return ApiResponse::error(403, code::kUnauthorizedRole, "the caller's role does not include this");
  if (by_key && !caller.scopes.empty() && !caller.scopes.contains(route.scope))
    return ApiResponse::error(403, code::kUnauthorizedRole,
                              "the API key's scopes do not include \"" + route.scope + "\"");
  return std::nullopt;
}

}  // namespace patchbay::admin
