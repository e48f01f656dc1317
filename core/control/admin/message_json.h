#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "admin/json.h"
#include "mqtt/application_message.h"

/// Messages as EMQX's API shows them. [any-thread]
namespace patchbay::admin {

/// Payloads above it are not put into answers.
inline constexpr size_t kShownPayloadBytes = 1u << 20;

/// 32 hexadecimal digits: when the message was received, and a hash of who published what where. Messages have no
/// number of their own; the same message always shows the same id.
[[nodiscard]] std::string message_id(const mqtt::Message& message);

/// {msgid, topic, qos, publish_at, from_clientid}. Who a message is of carries no user name, so that none is shown.
[[nodiscard]] Json message_summary(const mqtt::Message& message);

enum class PayloadForm : uint8_t { none, base64, plain };

/// "none", "base64", "plain".
[[nodiscard]] std::optional<PayloadForm> payload_form(std::string_view name);
/// The first `maximum_bytes` of the payload.
[[nodiscard]] std::string payload_text(const mqtt::Message& message, PayloadForm form, size_t maximum_bytes);

[[nodiscard]] std::string base64_text(std::span<const uint8_t> bytes);
/// Strict: the alphabet of RFC 4648 section 4, padded, nothing else.
[[nodiscard]] std::optional<std::string> base64_bytes(std::string_view text);

}  // namespace patchbay::admin
