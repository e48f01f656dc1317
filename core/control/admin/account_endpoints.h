#pragma once

#include "admin/accounts.h"
#include "admin/route.h"

namespace patchbay::admin {

/// What the answer to a login says besides the token.
struct LoginFacts {
  std::string version;  ///< of the broker
};

/// /login, /logout, /users. `accounts` outlives the routes. [control]
void add_user_routes(RouteTable& routes, Accounts& accounts, const LoginFacts& facts);
/// /api_key, /api_key_scopes. `clock` too outlives the routes. [control]
void add_api_key_routes(RouteTable& routes, Accounts& accounts, const base::Clock& clock);

}  // namespace patchbay::admin
