#pragma once

#include "base/byte_writer.h"
#include "mqtt/codec/fixed_header.h"
#include "mqtt/codec/property_codec.h"
#include "mqtt/properties.h"
#include "mqtt/protocol_version.h"

namespace patchbay::mqtt {

/// The property part of a packet that is being encoded: nothing before 5.0, else length and block.
class PropertiesPart {
 public:
  PropertiesPart(const Properties& properties, PacketSet packet, ProtocolVersion version)
      : properties_(properties), packet_(packet), exists_(version == ProtocolVersion::v5) {
    if (exists_) block_size_ = encoded_properties_size(properties, packet);
  }

  bool is_empty() const { return block_size_ == 0; }
  size_t size() const { return exists_ ? variable_byte_integer_size(block_size_) + block_size_ : 0; }
  void put(base::ByteWriter& writer) const {
    if (exists_) encode_properties(properties_, packet_, block_size_, writer);
  }

 private:
  const Properties& properties_;
  PacketSet packet_;
  bool exists_;
  uint32_t block_size_ = 0;
};

}  // namespace patchbay::mqtt
