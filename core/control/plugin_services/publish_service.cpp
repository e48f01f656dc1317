#include "plugin_services/publish_service.h"

#include <algorithm>

#include "plugin_bridge/abi_views.h"
#include "session/hook_services.h"
#include "session/session_environment.h"
#include "topic/topic_name.h"

namespace patchbay::plugin_services {

using session::PluginPublishStatus;

PublishService::PublishService(ServiceAccount& account, const ServiceShards& shards)
    : account_(account),
      shards_(shards),
      quota_(account.limits.max_pending_publishes, account.refusals, Refusal::pending_publishes) {}

patchbay_status PublishService::publish_here(const mqtt::Message& message, uint16_t depth) {
  session::PluginPublisher& publisher = shards_.flow(base::current_shard()).hook_services->plugin_publisher;
  if (std::max(depth, publisher.current_depth()) >= account_.limits.max_publish_depth) {
    account_.refusals.count(Refusal::publish_depth);
    return PATCHBAY_BUSY;
  }
  switch (publisher.publish_from_plugin(message.fields(), account_.facts.number, depth)) {
    case PluginPublishStatus::accepted:
      return PATCHBAY_OK;
    case PluginPublishStatus::topic_name_invalid:
      return account_.invalid("a message was published to a topic that is no topic name");
    case PluginPublishStatus::too_deep:
      account_.refusals.count(Refusal::publish_depth);
      return PATCHBAY_BUSY;
    case PluginPublishStatus::queue_full:
      account_.refusals.count(Refusal::pending_publishes);
      return PATCHBAY_BUSY;
  }
  return PATCHBAY_FAILED;
}

patchbay_status PublishService::publish(const mqtt::MessageRef& message) {
  if (!message) return account_.invalid("nothing was published");
  if (!account_.takes_work()) return PATCHBAY_CLOSED;
  const uint16_t depth = DeliveryDepth::current();
  if (shards_.on_shard()) return publish_here(*message, depth);
  if (!topic::is_valid_topic_name(message->topic())) {
    return account_.invalid("a message was published to a topic that is no topic name");
  }
  if (!quota_.take()) return PATCHBAY_BUSY;
  shards_.run(account_.facts.number % shards_.count(), [this, message, depth] {
    static_cast<void>(publish_here(*message, depth));
    quota_.give_back();
  });
  return PATCHBAY_OK;
}

}  // namespace patchbay::plugin_services
