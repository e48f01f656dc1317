#pragma once

#include <string_view>
#include <vector>

namespace patchbay::admin {

/// A file of somebody else's that a page needs, part of this program.
struct PageAsset {
  std::string_view path;  ///< under which it is served: "/api-docs/swagger-ui.css"
  std::string_view content_type;
  std::string_view gzip;  ///< its bytes, packed; they live as long as the program
};

/// What the build has put in; nothing where it was made without npm. The source is written by
/// api_docs/embed_api_docs.cmake. [any-thread]
[[nodiscard]] std::vector<PageAsset> page_assets();

}  // namespace patchbay::admin
