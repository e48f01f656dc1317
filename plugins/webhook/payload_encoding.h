#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::webhook {

/// How the payload of a message becomes a text.
enum class PayloadEncoding : uint8_t {
  plain,   ///< as it is; what is no UTF-8 is lost
  base64,  ///< RFC 4648, 4
  base62,  ///< EMQX's own: groups of six bits, of which 61, 62 and 63 are written "9A", "9B" and "9C"
};

[[nodiscard]] std::optional<PayloadEncoding> payload_encoding_of(std::string_view name);
/// [any-thread]
[[nodiscard]] std::string base62(std::string_view bytes);
[[nodiscard]] std::string encoded_payload(std::string_view payload, PayloadEncoding encoding);

}  // namespace patchbay::webhook
