#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "mqtt/application_message.h"
#include "mqtt/codec/publish_head.h"
#include "mqtt/protocol_version.h"

namespace patchbay::session {

/// The wire images of one message during one fan-out: the head is encoded once for each class (protocol family, QoS,
/// RETAIN) and copied to every receiver; only the packet identifier differs. Receivers with subscription identifiers or
/// topic aliases have heads of their own. [shard]
class PublishImages {
 public:
  struct Image {
    mqtt::PublishHeadLayout layout;
    std::vector<uint8_t> bytes;  ///< the head, followed by the payload where that is copied and not shared
    bool made = false;
  };

  /// Forgets the last message. Buffers are kept.
  void begin();
  /// The image for this class, made at first use. `payload_follows`: the payload is part of the image. `now_ms` for the
  /// remaining expiry.
  [[nodiscard]] const Image& get(const mqtt::Message& message, mqtt::ProtocolVersion version, mqtt::Qos qos,
                                 bool retain, uint64_t now_ms);

 private:
  static constexpr size_t kClasses = 2 * 3 * 2;
  std::array<Image, kClasses> images_;
};

/// The head of a delivery without subscription identifiers, alias and packet identifier.
[[nodiscard]] mqtt::PublishHead publish_head_of(const mqtt::Message& message, mqtt::ProtocolVersion version,
                                                mqtt::Qos qos, bool retain, uint64_t now_ms);

}  // namespace patchbay::session
