#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "admin/api_response.h"
#include "base/result.h"

namespace patchbay::admin {

/// What the head of a request may cost before anybody knows who sends it.
inline constexpr size_t kHeadBytesMax = 16 * 1024;
inline constexpr size_t kHeadersMax = 100;
inline constexpr size_t kTargetBytesMax = 8 * 1024;

/// The head of an HTTP/1 request, read strictly: what two readers could understand differently is refused. Bodies have
/// a Content-Length or there is none: whoever sends chunks gets 411, as RFC 9112 6.3 allows.
struct HttpHead {
  std::string method;
  std::string path;   ///< as sent, percent-encoded; begins with '/', or is "*"
  std::string query;  ///< as sent, without '?'
  std::string host;   ///< the header, or the authority of an absolute target; "": HTTP/1.0 without one
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in small letters
  std::optional<uint64_t> content_length;
  bool keep_alive = true;
  bool expects_continue = false;

  [[nodiscard]] bool has_body() const { return content_length.value_or(0) > 0; }
  /// The value of a header, by its name in small letters; "" where there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
  [[nodiscard]] size_t header_count(std::string_view name) const;
};

/// The bytes up to and with the empty line, or nothing while it has not come. [any-thread]
[[nodiscard]] std::optional<size_t> head_size(std::string_view received);

/// Reads a whole head. The error is the answer; the connection ends with it, since nobody knows where a next request
/// would begin. [any-thread]
[[nodiscard]] base::Result<HttpHead, ApiResponse> parse_head(std::string_view head);

}  // namespace patchbay::admin
