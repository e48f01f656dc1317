#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wire/support/properties.h"

/// Packets as a client writes and reads them; independent of core/mqtt, so that one mistake cannot hide another.
namespace patchbay::wire {

namespace packet_type {
inline constexpr uint8_t kConnect = 1;
inline constexpr uint8_t kConnack = 2;
inline constexpr uint8_t kPublish = 3;
inline constexpr uint8_t kPuback = 4;
inline constexpr uint8_t kPubrec = 5;
inline constexpr uint8_t kPubrel = 6;
inline constexpr uint8_t kPubcomp = 7;
inline constexpr uint8_t kSubscribe = 8;
inline constexpr uint8_t kSuback = 9;
inline constexpr uint8_t kUnsubscribe = 10;
inline constexpr uint8_t kUnsuback = 11;
inline constexpr uint8_t kPingreq = 12;
inline constexpr uint8_t kPingresp = 13;
inline constexpr uint8_t kDisconnect = 14;
inline constexpr uint8_t kAuth = 15;
}  // namespace packet_type

struct Packet {
  uint8_t type = 0;
  uint8_t flags = 0;
  Bytes body;
};

struct Will {
  std::string topic;
  std::string payload;
  uint8_t qos = 0;
  bool retain = false;
  Properties properties = {};
};

struct ConnectOptions {
  uint8_t version = 5;  ///< 3, 4 or 5 for MQTT 3.1, 3.1.1 and 5.0
  std::string client_id;
  bool clean_start = true;
  uint16_t keep_alive_s = 60;
  Properties properties = {};
  std::optional<Will> will = {};
  std::optional<std::string> user_name = {};
  std::optional<std::string> password = {};
};

struct Publish {
  std::string topic;
  std::string payload;
  uint8_t qos = 0;
  bool retain = false;
  bool dup = false;
  uint16_t packet_id = 0;
  Properties properties = {};
};

struct Subscription {
  std::string topic_filter;
  uint8_t options = 0;  ///< the whole byte; its low bits are the QoS
};

inline constexpr uint8_t kNoLocal = 0x04;
inline constexpr uint8_t kRetainAsPublished = 0x08;
inline constexpr uint8_t kRetainOnlyNew = 0x10;
inline constexpr uint8_t kRetainNever = 0x20;

Bytes packet(uint8_t first_byte, std::string_view body);
Bytes connect_packet(const ConnectOptions& options);
Bytes publish_packet(uint8_t version, const Publish& publish);
/// PUBACK, PUBREC, PUBREL or PUBCOMP.
Bytes acknowledgement_packet(uint8_t version, uint8_t type, uint16_t packet_id, uint8_t reason_code = 0);
Bytes subscribe_packet(uint8_t version, uint16_t packet_id, const std::vector<Subscription>& subscriptions,
                       const Properties& properties = {});
Bytes unsubscribe_packet(uint8_t version, uint16_t packet_id, const std::vector<std::string>& topic_filters);
Bytes pingreq_packet();
Bytes disconnect_packet(uint8_t version, uint8_t reason_code = 0, const Properties& properties = {});

struct Connack {
  bool session_present = false;
  uint8_t reason_code = 0;
  Properties properties = {};
};

/// PUBACK, PUBREC, PUBREL, PUBCOMP, SUBACK or UNSUBACK.
struct Acknowledgement {
  uint16_t packet_id = 0;
  std::vector<uint8_t> reason_codes;
  Properties properties = {};
};

struct Disconnect {
  uint8_t reason_code = 0;
  Properties properties = {};
};

Connack read_connack(uint8_t version, const Packet& packet);
Publish read_publish(uint8_t version, const Packet& packet);
Acknowledgement read_acknowledgement(uint8_t version, const Packet& packet);
Disconnect read_disconnect(const Packet& packet);

}  // namespace patchbay::wire
