#pragma once

#include <string>
#include <vector>

#include "mqtt/packets/any_packet.h"

namespace patchbay::test_support {

/// What a decoded packet holds, one "name = value" a line, in the words of the standard. Only what is there is written;
/// bytes that are not printable ASCII are written as \xNN.
std::vector<std::string> packet_fields(const mqtt::AnyPacket& packet);

/// A text with bytes that are not printable ASCII written as \xNN.
std::string escaped(std::string_view text);

}  // namespace patchbay::test_support
