#include "delivery.h"

#include <algorithm>

namespace patchbay::webhook {

Delivery delivery_of(const support::HttpResponse& response) {
  using support::HttpError;
  const bool answered = response.error == HttpError::none || response.error == HttpError::response_too_large;
  if (!answered) return Delivery::retry;
  const uint32_t status = response.status;
  if (status >= 200 && status < 300) return Delivery::arrived;
  if (status < 400 || status >= 500) return Delivery::retry;
  constexpr uint32_t may_be_well_later[] = {401, 403, 404, 408, 421, 423, 425, 429};
  const bool later =
      std::find(std::begin(may_be_well_later), std::end(may_be_well_later), status) != std::end(may_be_well_later);
  return later ? Delivery::retry : Delivery::rejected;
}

uint64_t backoff_ms(const RetryOptions& options, uint32_t attempt, double random) {
  const uint32_t doublings = std::min(attempt > 0 ? attempt - 1 : 0, 32U);
  const uint64_t whole = std::min(options.initial_ms << doublings, options.maximum_ms);
  return whole / 2 + static_cast<uint64_t>(static_cast<double>(whole - whole / 2) * random);
}

}  // namespace patchbay::webhook
