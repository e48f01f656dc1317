#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "hooks/connection_events.h"

namespace patchbay::session {

/// What packet.in and packet.out show of a packet of `size` bytes that begins with `bytes`: type, flags, packet
/// identifier and topic, as far as they can be read. The packet need not be well-formed. Pure. [any-thread]
[[nodiscard]] hooks::PacketEvent packet_event_of(std::span<const uint8_t> bytes, size_t size);

}  // namespace patchbay::session
