#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patchbay::access {

/// Named values that an authenticator gave the client; rules, templates and hooks read them.
using ClientAttributes = std::vector<std::pair<std::string, std::string>>;
/// The value of that name, if there is one. [any-thread]
[[nodiscard]] std::optional<std::string_view> find_attribute(const ClientAttributes& attributes, std::string_view name);

}  // namespace patchbay::access
