#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/support/tcp_socket.h"

namespace patchbay::wire {

/// Property identifiers of MQTT 5.0, section 2.2.2.2; written again here, so that a slip in the broker's table shows.
namespace property {
inline constexpr uint8_t kPayloadFormatIndicator = 0x01;
inline constexpr uint8_t kMessageExpiryInterval = 0x02;
inline constexpr uint8_t kContentType = 0x03;
inline constexpr uint8_t kResponseTopic = 0x08;
inline constexpr uint8_t kCorrelationData = 0x09;
inline constexpr uint8_t kSubscriptionIdentifier = 0x0B;
inline constexpr uint8_t kSessionExpiryInterval = 0x11;
inline constexpr uint8_t kAssignedClientIdentifier = 0x12;
inline constexpr uint8_t kServerKeepAlive = 0x13;
inline constexpr uint8_t kAuthenticationMethod = 0x15;
inline constexpr uint8_t kAuthenticationData = 0x16;
inline constexpr uint8_t kRequestProblemInformation = 0x17;
inline constexpr uint8_t kWillDelayInterval = 0x18;
inline constexpr uint8_t kRequestResponseInformation = 0x19;
inline constexpr uint8_t kResponseInformation = 0x1A;
inline constexpr uint8_t kServerReference = 0x1C;
inline constexpr uint8_t kReasonString = 0x1F;
inline constexpr uint8_t kReceiveMaximum = 0x21;
inline constexpr uint8_t kTopicAliasMaximum = 0x22;
inline constexpr uint8_t kTopicAlias = 0x23;
inline constexpr uint8_t kMaximumQos = 0x24;
inline constexpr uint8_t kRetainAvailable = 0x25;
inline constexpr uint8_t kUserProperty = 0x26;
inline constexpr uint8_t kMaximumPacketSize = 0x27;
inline constexpr uint8_t kWildcardSubscriptionAvailable = 0x28;
inline constexpr uint8_t kSubscriptionIdentifierAvailable = 0x29;
inline constexpr uint8_t kSharedSubscriptionAvailable = 0x2A;
}  // namespace property

/// The properties of one packet, in their order on the wire.
class Properties {
 public:
  Properties& add(uint8_t id, uint32_t number);
  Properties& add(uint8_t id, std::string_view text);
  Properties& add_user(std::string_view name, std::string_view value);

  [[nodiscard]] bool has(uint8_t id) const;
  /// Of the first with this identifier; throws where there is none.
  [[nodiscard]] uint32_t number(uint8_t id) const;
  [[nodiscard]] const std::string& text(uint8_t id) const;
  /// Of all with this identifier.
  [[nodiscard]] std::vector<uint32_t> numbers(uint8_t id) const;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> user_properties() const;
  [[nodiscard]] size_t size() const { return rows_.size(); }

  /// With its length in front.
  [[nodiscard]] Bytes encoded() const;
  /// Takes the block, with its length, off the front of `bytes`. Throws where it is malformed.
  static Properties take(std::string_view& bytes);

 private:
  struct Row {
    uint8_t id;
    uint32_t number;
    std::string text;
    std::string value;
  };
  [[nodiscard]] const Row& row(uint8_t id) const;
  std::vector<Row> rows_;
};

}  // namespace patchbay::wire
