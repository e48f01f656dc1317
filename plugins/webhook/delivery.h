#pragma once

#include <cstdint>

#include "support/http_message.h"

namespace patchbay::webhook {

/// What a response means for the events of a request.
enum class Delivery : uint8_t {
  arrived,
  retry,     ///< the target is away, overloaded, or not yet set up: the same again, later
  rejected,  ///< it will never take these; the next ones may be fine
};

/// 2xx has arrived, also where the body is longer than we read. 4xx says that these events are wrong, and they are
/// given up; but 401, 403 and 404 are what an operator puts right, and 408, 421, 423, 425 and 429 say themselves that
/// it is a matter of time. Everything else may be well one day: no response, 5xx, and redirects, which are not
/// followed.
[[nodiscard]] Delivery delivery_of(const support::HttpResponse& response);

struct RetryOptions {
  uint64_t initial_ms = 500;
  uint64_t maximum_ms = 60'000;
  uint64_t max_age_ms = 0;  ///< events older than that are dropped; 0: none is
};

/// The wait before attempt number `attempt` (the first retry is 1): doubles each time; of that at least half, the rest
/// by chance (`random` from 0 to 1), so that many senders don't come back at once.
[[nodiscard]] uint64_t backoff_ms(const RetryOptions& options, uint32_t attempt, double random);

}  // namespace patchbay::webhook
