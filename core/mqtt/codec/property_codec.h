#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/byte_writer.h"
#include "mqtt/codec/body_reader.h"
#include "mqtt/packet_type.h"
#include "mqtt/packets/publish.h"
#include "mqtt/properties.h"

namespace patchbay::mqtt {

/// Reads a property length and as many bytes of properties, checked against the property table for `packet` (one bit of
/// a PacketSet). False where they are refused; the reader's error then says why. [any-thread]
bool decode_properties(BodyReader& reader, PacketSet packet, Properties& properties);

/// The same for the properties of PUBLISH, kept in their small form.
bool decode_publish_properties(BodyReader& reader, PublishProperties& properties);

/// The properties of a PUBLISH that we build: `block` is made of append_property() and append_user_property() and must
/// outlive the result. A block that no PUBLISH could carry asserts.
PublishProperties publish_properties_of(PropertyBlock block);

/// Size of the encoded block without its length; properties that `packet` may not carry are left out.
uint32_t encoded_properties_size(const Properties& properties, PacketSet packet);

/// Writes the length and the block.
void encode_properties(const Properties& properties, PacketSet packet, uint32_t block_size, base::ByteWriter& writer);

/// The user properties of a checked block alone, without a length before them.
uint32_t encoded_user_properties_size(PropertyBlock block);
void encode_user_properties(PropertyBlock block, base::ByteWriter& writer);

/// Append one encoded property to a block under construction (user properties for Properties::set_user_properties, or
/// the forwardable properties of a message that the broker itself makes).
void append_user_property(std::vector<uint8_t>& block, std::string_view name, std::string_view value);
void append_property(std::vector<uint8_t>& block, PropertyId id, uint32_t value);
void append_property(std::vector<uint8_t>& block, PropertyId id, std::string_view text);

}  // namespace patchbay::mqtt
