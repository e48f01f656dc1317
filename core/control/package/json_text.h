#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "base/result.h"
#include "package/problem.h"

namespace patchbay::package {

/// What a JSON document may cost before anybody has looked at it.
struct JsonLimits {
  size_t bytes_max = size_t{1} << 20;
  size_t depth_max = 64;  ///< every walk over a document recurses, so its depth is bounded here once
};

/// Parses a whole document. Refuses what is larger or deeper than the limits, ill-formed UTF-8, and an object that
/// names a member twice, because the reader of such a document cannot know which one counts. `what` names the document
/// in the sentences ("manifest"). Never throws. [any-thread]
[[nodiscard]] base::Result<nlohmann::json, Problem> parse_json(std::string_view text, std::string_view what,
                                                               const JsonLimits& limits);

/// The value as a sentence shows it: compact JSON, cut at 80 bytes. [any-thread]
[[nodiscard]] std::string shown_value(const nlohmann::json& value);

/// "an object", "a string", "an integer", ... for sentences. [any-thread]
[[nodiscard]] std::string_view type_with_article(const nlohmann::json& value);

}  // namespace patchbay::package
