// Any packet of any version and sender: decoding never reads past the body and never asserts; and what decodes can be
// encoded, decodes again to the same fields, and is then written byte for byte the same.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "fuzz/fuzz_target.h"
#include "mqtt/codec/decoder.h"
#include "mqtt/codec/encoder.h"
#include "mqtt/codec/packet_framer.h"
#include "support/packet_text.h"

namespace patchbay::mqtt {
namespace {

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "mqtt_decode_fuzz: %s\n", what);
  std::abort();
}

std::vector<uint8_t> encoded(const AnyPacket& packet, ProtocolVersion version) {
  std::vector<uint8_t> bytes(encoded_size(packet, version));
  require(encode(packet, version, bytes) == bytes.size(), "encoded_size and encode differ");
  return bytes;
}

void check_forwardable(const AnyPacket& packet) {
  const auto* publish = std::get_if<Publish>(&packet);
  if (publish == nullptr) return;
  std::vector<uint8_t> out(publish->properties.forwardable_size);
  copy_forwardable_properties(publish->properties.forwardable(), out);
}

void check_round_trip(const AnyPacket& packet, ProtocolVersion version, Sender sender) {
  // A CONNECT goes by the version that it names itself.
  const auto* connect = std::get_if<Connect>(&packet);
  const ProtocolVersion own_version = connect != nullptr ? connect->version : version;
  const std::vector<uint8_t> bytes = encoded(packet, own_version);
  const Frame frame = frame_next(bytes, 0xFFFFFFFF);
  require(frame.status == Frame::Status::complete && frame.total_size == bytes.size(), "encoded packet does not frame");
  const Decoded<AnyPacket> again = decode_packet(frame.first_byte, frame.body, own_version, sender);
  require(again.has_value(), "encoded packet does not decode");
  require(test_support::packet_fields(*again) == test_support::packet_fields(packet), "fields differ");
  require(encoded(*again, own_version) == bytes, "bytes differ");
}

}  // namespace
}  // namespace patchbay::mqtt

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace patchbay::mqtt;
  if (size < 3) return 0;
  const auto version = static_cast<ProtocolVersion>(3 + (data[0] >> 1) % 3);
  const Sender sender = (data[0] & 1) != 0 ? Sender::server : Sender::client;
  // The length of the input is the remaining length: what stands there only says how many bytes to skip.
  const VariableByteInteger length = read_variable_byte_integer({data + 2, size - 2});
  const bool has_length = length.size != VariableByteInteger::cut_off && length.size != VariableByteInteger::malformed;
  const size_t body_at = 2 + size_t{has_length ? length.size : uint8_t{1}};
  if (body_at > size) return 0;
  const Body body(data + body_at, size - body_at);
  const Decoded<AnyPacket> packet = decode_packet(data[1], body, version, sender);
  if (!packet) {
    require(packet.error().offset <= body.size(), "offset lies behind the body");
    require(is_failure(packet.error().reason) && packet.error().clause[0] != '\0', "error without reason or clause");
    return 0;
  }
  check_forwardable(*packet);
  check_round_trip(*packet, version, sender);
  return 0;
}
