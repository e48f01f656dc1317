#pragma once

#include <string_view>

namespace patchbay::topic {

/// Orders topics level by level: '/' sorts below every other byte, so that a topic is directly followed by everything
/// below it ("a", "a/b", "a!"). Negative, zero or positive. [any-thread]
[[nodiscard]] int compare_topics(std::string_view left, std::string_view right);

}  // namespace patchbay::topic
