#include "delivery.h"

#include <catch2/catch.hpp>

using namespace patchbay::webhook;  // NOLINT: test
using patchbay::support::HttpError;

TEST_CASE("what responses mean") {
  const auto of = [](uint32_t status, HttpError error = HttpError::none) {
    patchbay::support::HttpResponse response;
    response.status = status;
    response.error = error;
    return delivery_of(response);
  };
  for (const uint32_t status : {200, 201, 202, 204, 299}) CHECK(of(status) == Delivery::arrived);
  for (const uint32_t status : {301, 307, 401, 403, 404, 408, 425, 429, 500, 502, 503, 504})
    CHECK(of(status) == Delivery::retry);
  for (const uint32_t status : {400, 405, 409, 410, 413, 415, 422}) CHECK(of(status) == Delivery::rejected);
  CHECK(of(200, HttpError::response_too_large) == Delivery::arrived);
  CHECK(of(200, HttpError::closed) == Delivery::retry);  // in the middle of the response
  CHECK(of(0, HttpError::tls) == Delivery::retry);
  CHECK(of(0, HttpError::refused_by_guard) == Delivery::retry);
}

TEST_CASE("waits double up to a maximum, and chance spreads them over their upper half") {
  const RetryOptions options{100, 1'000, 0};
  CHECK(backoff_ms(options, 1, 0.0) == 50);
  CHECK(backoff_ms(options, 1, 1.0) == 100);
  CHECK(backoff_ms(options, 3, 0.5) == 300);
  CHECK(backoff_ms(options, 5, 1.0) == 1'000);
  CHECK(backoff_ms(options, 1'000'000, 1.0) == 1'000);
}
