#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mqtt/qos.h"
#include "mqtt/reason_code.h"
#include "plugin_services/service_shards.h"

namespace patchbay::admin {

/// A message that somebody publishes through the API. A value.
struct Publication {
  std::string topic;
  std::string payload;
  std::vector<uint8_t> properties;  ///< encoded, forwardable ones only
  mqtt::Qos qos = mqtt::Qos::at_most_once;
  bool retain = false;
  std::optional<uint32_t> message_expiry_interval_s;
};

/// What became of it.
struct PublicationOutcome {
  mqtt::ReasonCode reason = mqtt::ReasonCode::success;  ///< of a refusal
  size_t receivers = 0;
  std::string message_id;
};

/// Why it may not be published as it is; nothing: it may. Topic, size, QoS and retain are held to the limits that
/// clients are held to. [shard]
[[nodiscard]] mqtt::ReasonCode refusal_of(const session::SessionEnvironment& environment,
                                          const Publication& publication);

/// Told of the end of a publication, on its shard: once, or never where the node stops. Must not wait.
using PublicationDone = std::function<void(PublicationOutcome)>;

/// Publishes as publish() does, and waits for nothing. The shard is not woken: it does so in its next turn, or after
/// shards.hurry(). [any-thread]
void publish_later(const plugin_services::ServiceShards& shards, uint32_t shard, Publication publication,
                   PublicationDone done);

/// Publishes as the node itself, the way of every message: topic rewrite, publish.accept (whose answer is waited for),
/// retained and delayed messages, routing, publish.routed. Access control is not asked. Nothing when the shard did not
/// answer in time. [control]
[[nodiscard]] std::optional<PublicationOutcome> publish(const plugin_services::ServiceShards& shards, uint32_t shard,
                                                        Publication publication);

}  // namespace patchbay::admin
