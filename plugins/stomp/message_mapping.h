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

/// On what those headers of a MESSAGE depend that several clients have alike, beside the message itself.
struct TailForm {
  Version version = Version::v1_2;
  DestinationForm destination = DestinationForm::plain;
  std::uint8_t qos = 0;
  bool retain = false;
  bool redelivered = false;

  bool operator==(const TailForm&) const = default;
};

/// Appends these headers and the empty line behind them. False, and nothing is appended: this version can't name the
/// destination. `omitted` grows by the properties that STOMP can't carry.
[[nodiscard]] bool append_message_tail(std::string& out, const TailForm& form, patchbay::message message,
                                       const patchbay_message_view& view, const DestinationRules& rules,
                                       std::uint64_t& omitted);

}  // namespace patchbay::stomp
