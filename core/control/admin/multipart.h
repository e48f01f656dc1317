#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "admin/api_request.h"
#include "base/result.h"

namespace patchbay::admin {

inline constexpr size_t kPartsMax = 16;
inline constexpr size_t kPartHeadBytesMax = 8 * 1024;

/// The parts of a body of type multipart/form-data (RFC 7578). The error is a sentence. [any-thread]
[[nodiscard]] base::Result<std::vector<UploadedPart>, std::string> parse_multipart(std::string_view content_type,
                                                                                   std::string_view body);

/// A parameter of a header: header_parameter("form-data; name=\"a\"", "name") is "a"; "" where there is none. RFC 2045
/// 5.1, with quoted strings. [any-thread]
[[nodiscard]] std::string header_parameter(std::string_view header, std::string_view name);

}  // namespace patchbay::admin
