#include "broker/flow_shard.h"

#include <utility>

namespace patchbay::broker {

FlowShard::FlowShard(net::IoShard& io, NodeState& node, std::shared_ptr<const session::SessionLimits> limits,
                     std::shared_ptr<const router::TopicRewrite> rewrite, const access::AccessSettings& access,
                     uint32_t maximum_deferrals)
    : node_(node),
      io_(io),
      fan_out_(io.id(), node.exchange),
      deferrals_(io.services(), maximum_deferrals),
      access_(node.access, deferrals_, access),
      router_limits_(node.limits),
      retained_(router_limits_, io.services(), fan_out_, node.retained),
      router_(router_limits_, io.services(), node.index, node.presence, retained_, fan_out_),
      delayed_(router_limits_, io.services(), node.delayed,
               [this](const mqtt::MessageRef& message) {
                 static_cast<void>(session::publish_message(environment_, mqtt::MessageRef(message)));
               }),
      environment_{io.services(), std::move(limits), access_,  node.hooks,    deferrals_, router_,
                   node.index,    retained_,         delayed_, node.presence, fan_out_,   std::move(rewrite)},
      wills_(environment_),
      registry_(environment_),
      congestion_(environment_),
      subscriber_(environment_),
      hook_services_(environment_) {
  io.services().deferrals = &deferrals_;
  environment_.registry = &registry_;
  environment_.wills = &wills_;
  environment_.congestion = &congestion_;
  node.exchange.connect(io.id(), *io.services().mailbox, subscriber_);
  node.completions.attach(io.id(), &deferrals_);
  io.at_turn_end(&FlowShard::end_of_turn, this);
}

FlowShard::~FlowShard() {
  node_.completions.attach(io_.id(), nullptr);
  io_.services().deferrals = nullptr;
}

void FlowShard::end_of_turn(void* self) {
  static_cast<FlowShard*>(self)->fan_out_.flush();
}

}  // namespace patchbay::broker
