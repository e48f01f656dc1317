// Texts that MQTT and STOMP can both carry.
#pragma once

#include <string_view>

namespace patchbay::stomp {

/// Whether the bytes are well-formed UTF-8 (Unicode 15, table 3-7) without NUL.
[[nodiscard]] bool is_text(std::string_view bytes);

}  // namespace patchbay::stomp
