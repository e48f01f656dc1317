#pragma once

// The one place where the admin layer includes its JSON library.
#include <nlohmann/json.hpp>

namespace patchbay::admin {

using Json = nlohmann::json;
/// Members stay in the order in which they were put in: what people read.
using OrderedJson = nlohmann::ordered_json;

}  // namespace patchbay::admin
