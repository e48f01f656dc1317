#pragma once

#include <array>

#include "patchbay/metrics.hpp"
#include "refusal.h"

namespace patchbay::auth_jwt {

/// What an operator sees. Counters may be added to from everywhere; made on the control thread.
struct Metrics {
  explicit Metrics(patchbay::host of)
      : authenticated(of, "authenticated", "Logins with a good token"),
        ignored(of, "ignored", "Logins without a token, left to the next authenticator"),
        deferred(of, "deferred", "Logins that waited for keys"),
        keys(of, "keys", "Keys in force"),
        refreshes(of, "key_refreshes", "Fetches of the keys that worked"),
        refresh_failures(of, "key_refresh_failures", "Fetches of the keys that failed"),
        age(of, "key_set_age_seconds", "Time since the keys in force were fetched"),
        waiting(of, "waiting", "Logins that wait for keys now") {
    for (size_t i = 1; i < refused.size(); ++i)  // 0 is no refusal
      refused[i] = counter(of, "refused", "Logins with a bad token, by reason", {{"reason", kRefusalNames[i]}});
  }

  counter authenticated;
  counter ignored;
  counter deferred;
  gauge keys;
  counter refreshes;
  counter refresh_failures;
  gauge age;
  gauge waiting;
  std::array<counter, kRefusalNames.size()> refused;
};

}  // namespace patchbay::auth_jwt
