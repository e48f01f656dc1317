#pragma once

#include <string>
#include <string_view>

#include "admin/api_response.h"

namespace patchbay::admin {

struct ResponseFraming {
  bool keep_alive = true;
  bool head_only = false;  ///< of HEAD: the length is told, and nothing sent
  bool tls = false;
};

/// The bytes of an answer, with the headers that make browsers careful with it. RFC 9112 4, RFC 9110 8.6. [any-thread]
[[nodiscard]] std::string response_bytes(const ApiResponse& response, const ResponseFraming& framing);

/// "Not Found"; "" for a status that has no name here. RFC 9110 15. [any-thread]
[[nodiscard]] std::string_view reason_phrase(int status);

}  // namespace patchbay::admin
