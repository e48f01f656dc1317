#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <patchbay/routes.hpp>

namespace patchbay::acl_mysql {

/// Whose kept rules are to be forgotten; both empty: everybody's.
struct CacheCleaning {
  std::string client_id;
  std::string username;
};

/// Reads the body `{"clientid": "...", "username": "..."}` of POST /cache/clean; both members may be missing, and so
/// may the body. Nothing, and why, for everything else: a mistyped name must not clean all, nor nothing. [worker]
[[nodiscard]] std::optional<CacheCleaning> read_cleaning(std::string_view body, std::string& reason);

}  // namespace patchbay::acl_mysql
