// What SEND becomes, and what MESSAGE is made of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <patchbay/message_builder.hpp>

#include "destination.h"
#include "frame.h"
#include "version.h"

namespace patchbay::stomp {

/// A message of a SEND frame, or a sentence that says why there is none.
struct MadeMessage {
  patchbay::message_ref message;
  std::string_view wrong;
};

/// Headers that mean nothing here become user properties, each as often as it comes.
[[nodiscard]] MadeMessage make_message(patchbay::host host, const Frame& frame, std::uint8_t otherwise_qos,
                                       const DestinationRules& rules);

/// A number between 0 and 2; `otherwise` where there is no such header; nothing: something else.
[[nodiscard]] std::optional<std::uint8_t> read_qos(const Frame& frame, std::uint8_t otherwise);

/// What a MESSAGE says beside the message itself.
struct MessageEnvelope {
  std::string_view head;  ///< the command, and the subscription's header
  std::string_view message_id;
  bool with_ack = false;  ///< 1.2: the id for ACK, which is message-id's
  std::uint8_t qos = 0;
  bool retain = false;
  bool redelivered = false;
  std::string_view destination;
  bool plain_reply = false;  ///< the form of reply-to
};

/// Appends all of a MESSAGE that comes before its body. False, and nothing is appended: this version can't name the
/// destination. `omitted` grows by the properties that STOMP can't carry.
[[nodiscard]] bool append_message_head(std::string& out, const MessageEnvelope& envelope, patchbay::message message,
                                       const patchbay_message_view& view, Version version,
                                       const DestinationRules& rules, std::uint64_t& omitted);

}  // namespace patchbay::stomp
