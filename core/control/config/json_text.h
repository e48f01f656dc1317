#pragma once

#include <string>

#include "config/raw_value.h"

namespace patchbay::config {

/// The value as compact JSON. Dates and times become strings; numbers that JSON has no word for (inf, nan) become null.
[[nodiscard]] std::string json_text(const RawValue& value);

}  // namespace patchbay::config
