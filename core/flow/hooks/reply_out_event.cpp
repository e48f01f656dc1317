#include "hooks/reply_out_event.h"

#include "hooks/event_answers.h"

namespace patchbay::hooks {

using mqtt::PacketType;

bool ReplyOutEvent::may_become(mqtt::ReasonCode wanted) const {
  // SUBACK and UNSUBACK have one code for each filter, and those of AUTH are steps of an exchange.
  const bool single =
      packet_type != PacketType::suback && packet_type != PacketType::unsuback && packet_type != PacketType::auth;
  return single && mqtt::is_failure(wanted) == mqtt::is_failure(reason) &&
         mqtt::may_carry(packet_type, mqtt::Sender::server, static_cast<uint8_t>(wanted));
}

bool ReplyOutEvent::apply(base::Verdict& verdict) {
  if (verdict.kind == base::VerdictKind::replace) {
    if (const auto answer = base::take_argument<ReplyProperties>(verdict)) {
      replaced = true;
      if (answer->reason && may_become(*answer->reason)) reason = *answer->reason;
      if (!answer->reason_string.empty() && is_encodable(answer->reason_string))
        reason_string = std::move(answer->reason_string);
      for (auto& property : answer->user_properties) {
        const bool fits = is_encodable(property.first) && is_encodable(property.second);
        if (fits && user_properties.size() < kMaximumUserProperties) user_properties.push_back(std::move(property));
      }
    }
  }
  base::dispose(verdict);
  return false;
}

}  // namespace patchbay::hooks
