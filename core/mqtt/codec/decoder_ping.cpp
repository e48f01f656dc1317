#include "mqtt/codec/decoder.h"
#include "mqtt/codec/fixed_header.h"

namespace patchbay::mqtt {

Decoded<Pingreq> decode_pingreq(uint8_t first_byte, Body body) {
  DecodeError error;
  BodyReader reader(body, error);
  if (!check_flags(reader, first_byte, PacketType::pingreq) || !reader.expect_end()) return base::fail(error);
  return Pingreq{};
}

Decoded<Pingresp> decode_pingresp(uint8_t first_byte, Body body) {
  DecodeError error;
  BodyReader reader(body, error);
  if (!check_flags(reader, first_byte, PacketType::pingresp) || !reader.expect_end()) return base::fail(error);
  return Pingresp{};
}

}  // namespace patchbay::mqtt
