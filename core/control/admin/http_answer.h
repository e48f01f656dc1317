#pragma once

#include <cstdint>
#include <string>

#include "admin/api_response.h"

namespace patchbay::admin {

/// How an answer is written out.
struct HttpAnswerForm {
  bool tls = false;
  bool keep_alive = true;        ///< another request may follow
  bool head_only = false;        ///< to HEAD: the length of what GET would have got, and no body
  uint32_t idle_timeout_s = 60;  ///< told to clients
};

/// An answer of HTTP/1.1 as it is sent, with the headers that make browsers careful. RFC 9112 4, RFC 9110 6. A header
/// with a line end in it would be somebody else's header, and is left out. [any-thread]
[[nodiscard]] std::string answer_text(const ApiResponse& response, const HttpAnswerForm& form);

}  // namespace patchbay::admin
