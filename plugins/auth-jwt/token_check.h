#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "algorithm.h"
#include "claims.h"
#include "key_set.h"
#include "permit.h"
#include "refusal.h"

namespace patchbay::auth_jwt {

/// What an operator asks of a token. Constant once made.
struct Policy {
  AlgorithmSet algorithms;
  size_t max_token_bytes = 16'384;
  int64_t leeway_ms = 0;
  std::vector<std::string> required_claims;
  std::vector<ClaimCheck> verify_claims;
  std::string acl_claim;  ///< empty, here and below: not looked at
  std::string superuser_claim;
  std::string attributes_claim;
  std::string identity_claim;  ///< empty: "sub" where there is one, else the user name, else the client id
  bool disconnect_at_expiry = true;
};

struct CheckedToken {
  Refusal refusal = Refusal::none;
  Permit permit;  ///< counts when `refusal` is none
};

/// Whether the token is good, and what it grants. Reads nothing but its arguments, keeps nothing. Takes what one check
/// of a signature takes, at most KeySet::kMaximumTries of them. [any-thread]
[[nodiscard]] CheckedToken check_token(const Policy& policy, const KeySet& keys, std::string_view token,
                                       const Bearer& bearer, int64_t now_unix_ms);

}  // namespace patchbay::auth_jwt
