#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/protocol_version.h"

namespace patchbay::test_support {

/// One golden packet of tests/vectors/<packet>.txt. The files hold blocks, parted by empty lines:
///
///   name: publish_qos1                   unique
///   clause: MQTT-3.3.2-1 MQTT-2.2.1-3    what it proves; may be missing
///   version: 5                           3.1, 3.1.1 or 5
///   from: client                         or server
///   hex:                                 the whole packet: bytes in hex, "text", and comments behind #
///     32 0a                              # PUBLISH, remaining length 10
///   is:                                  what a decoder must find, as packet_fields() in packet_text.h writes it
///     topic = a/b
///   encodes: 32 0a ...                   only where encoding the decoded packet gives other bytes (other forms are
///   shorter)
///
/// and instead of `is`, for packets that must be refused:
///
///   error: malformed_packet MQTT-3.3.1-4
struct PacketVector {
  std::string name;
  std::vector<std::string> clauses;
  mqtt::ProtocolVersion version = mqtt::ProtocolVersion::v5;
  mqtt::Sender sender = mqtt::Sender::client;
  std::vector<uint8_t> bytes;
  std::vector<std::string> fields;
  std::string error_reason;  // Empty where the packet is valid.
  std::string error_clause;
  std::vector<uint8_t> encoded;  // What encoding gives; the same as bytes unless the file says otherwise.

  bool is_valid() const { return error_reason.empty(); }
};

/// The packets of one file's text. Throws std::runtime_error, naming the line, where the text breaks the form.
std::vector<PacketVector> parse_packet_vectors(std::string_view text);

/// The packets of all files in tests/vectors, in the order of the files' names.
std::vector<PacketVector> load_packet_vectors();

}  // namespace patchbay::test_support
