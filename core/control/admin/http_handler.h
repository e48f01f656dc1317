#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "admin/api_response.h"
#include "admin/http_head.h"

namespace patchbay::admin {

/// What is to become of a request whose head has come.
struct Admission {
  std::optional<ApiResponse> answer;  ///< decided already; the body is not looked at
  uint64_t body_bytes_max = 0;        ///< larger bodies get 413
  std::function<ApiResponse(std::string body)> handle;
};

/// Role: what the HTTP server serves. Called by several threads at once.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  /// Decides from the head alone: who may send a body at all is known before it is read.
  [[nodiscard]] virtual Admission admit(const HttpHead& head, std::string_view peer_address) = 0;
};

}  // namespace patchbay::admin
