#pragma once

#include <cstdint>
#include <string>

#include "admin/json.h"
#include "admin/message_publisher.h"
#include "admin/node_access.h"
#include "base/result.h"
#include "mqtt/reason_code.h"

/// Messages as clients of the API write them. [any-thread]
namespace patchbay::admin {

struct PublicationRefusal {
  mqtt::ReasonCode reason = mqtt::ReasonCode::success;
  std::string message;  ///< the reason's name in EMQX's form, and what else there is to say
};

[[nodiscard]] PublicationRefusal refusal_for(mqtt::ReasonCode reason);

/// A body that fits publication_schema().
[[nodiscard]] base::Result<Publication, PublicationRefusal> publication_of(const Json& body);
[[nodiscard]] Json publication_schema();

/// What of the checks that are made on the shard can be made before any message of a list is published.
[[nodiscard]] mqtt::ReasonCode early_refusal_of(const Publication& publication, uint64_t packet_size_max);
[[nodiscard]] uint64_t maximum_packet_size(const NodeAccess& node);

}  // namespace patchbay::admin
