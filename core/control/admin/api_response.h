#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "admin/json.h"

namespace patchbay::admin {

/// What a handler answers. Errors have the form {"code": "UPPER_SNAKE", "message": "a sentence"}; the codes are those
/// of error_codes.h.
struct ApiResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;  ///< "" and 204: none
  std::vector<std::pair<std::string, std::string>> headers;

  [[nodiscard]] static ApiResponse json(const Json& value, int status = 200);
  [[nodiscard]] static ApiResponse text(std::string text, std::string content_type = "text/plain; charset=utf-8");
  [[nodiscard]] static ApiResponse no_content();
  [[nodiscard]] static ApiResponse error(int status, std::string_view code, std::string_view message);
};

}  // namespace patchbay::admin
