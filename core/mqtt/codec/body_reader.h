#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/byte_reader.h"
#include "base/utf8.h"
#include "mqtt/codec/decode_error.h"
#include "mqtt/codec/variable_byte_integer.h"

namespace patchbay::mqtt {

/// Reads the data types of section 1.5 from a packet's body. Every read that fails fills in the error, with the offset
/// in the body, and returns false; callers just pass that on. [any-thread]
class BodyReader {
 public:
  BodyReader(std::span<const uint8_t> body, DecodeError& error) : reader_(body), error_(error) {}

  bool empty() const { return reader_.empty(); }
  size_t remaining() const { return reader_.remaining(); }
  std::span<const uint8_t> rest() const { return reader_.rest(); }

  /// Always false, so that a check reads: `if (broken) return reader.fail(...)`.
  [[gnu::cold]] bool fail(ReasonCode reason, const char* clause) {
    error_ = {reason, clause, static_cast<uint32_t>(start_ + reader_.position())};
    return false;
  }
  [[gnu::cold]] bool malformed(const char* clause) { return fail(ReasonCode::malformed_packet, clause); }
  [[gnu::cold]] bool protocol_error(const char* clause) { return fail(ReasonCode::protocol_error, clause); }

  bool read_u8(uint8_t& value) { return reader_.read_u8(value) || cut_off(); }
  bool read_u16(uint16_t& value) { return reader_.read_u16(value) || cut_off(); }
  bool read_u32(uint32_t& value) { return reader_.read_u32(value) || cut_off(); }
  bool read_binary(std::string_view& bytes) { return reader_.read_prefixed(bytes) || cut_off(); }
  bool read_bytes(size_t size, std::span<const uint8_t>& bytes) { return reader_.read_bytes(size, bytes) || cut_off(); }

  /// A packet identifier is never 0 [MQTT-2.2.1-3]; `clause` names the rule of the packet at hand.
  bool read_packet_id(uint16_t& packet_id, const char* clause) {
    if (!read_u16(packet_id)) return false;
    return packet_id != 0 || protocol_error(clause);
  }

  bool read_utf8(std::string_view& text) {
    if (!read_binary(text)) return false;
    const uint8_t found = base::scan_utf8(text);
    return (found & (base::Utf8Finding::ill_formed | base::Utf8Finding::has_nul)) == 0 || bad_utf8(found);
  }

  /// A string whose '+' and '#' the caller wants to know of: `found` holds the findings of base::scan_utf8.
  bool read_topic(std::string_view& topic, uint8_t& found) {
    if (!read_binary(topic)) return false;
    found = base::scan_utf8(topic);
    return (found & (base::Utf8Finding::ill_formed | base::Utf8Finding::has_nul)) == 0 || bad_utf8(found);
  }

  bool read_integer(uint32_t& value) {
    const VariableByteInteger integer = read_variable_byte_integer(reader_.rest());
    if (integer.size == VariableByteInteger::cut_off) return cut_off();
    if (integer.size == VariableByteInteger::malformed) return malformed("MQTT-1.5.5-1");
    value = integer.value;
    return reader_.skip(integer.size);
  }

  /// Always true; only where there is a byte left.
  bool skip_one() { return reader_.skip(1); }

  /// A reader for the next `size` bytes, which reports into the same error; this reader goes on behind them.
  bool read_part(size_t size, BodyReader& part) {
    part.start_ = start_ + reader_.position();
    std::span<const uint8_t> bytes;
    if (!read_bytes(size, bytes)) return false;
    part.reader_ = base::ByteReader(bytes);
    return true;
  }

  /// A reader of nothing, to be given to read_part.
  BodyReader make_part() { return BodyReader({}, error_); }

  bool expect_end() { return empty() || malformed("MQTT-2.1.4"); }

 private:
  // The field does not fit what the remaining length has left.
  [[gnu::cold]] bool cut_off() { return malformed("MQTT-2.1.4"); }
  [[gnu::cold]] bool bad_utf8(uint8_t found) {
    return malformed((found & base::Utf8Finding::ill_formed) != 0 ? "MQTT-1.5.4-1" : "MQTT-1.5.4-2");
  }

  base::ByteReader reader_;
  DecodeError& error_;
  size_t start_ = 0;
};

}  // namespace patchbay::mqtt
