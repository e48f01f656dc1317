#include "plugin_services/service_set.h"

#include <utility>

namespace patchbay::plugin_services {

ServiceSet::ServiceSet(plugin_bridge::Instance& instance, const ServiceEnvironment& environment,
                       ServiceDeclarations declarations)
    : instance_(instance),
      account_(instance.facts(), instance.gate(), instance.held(), instance.log(), environment.places,
               environment.limits),
      answers_(account_, environment.shards, environment.workers),
      admin_(account_, environment.administration),
      alarms_(account_, environment.alarms),
      clients_(account_, environment.shards, answers_),
      descriptors_(account_, environment.shards),
      jobs_(account_, environment.shards, environment.workers),
      kv_(account_, environment.kv),
      metrics_(account_, environment.shards.count()),
      publishing_(account_, environment.shards),
      registry_(account_, environment.directory, std::move(declarations.provides)),
      retained_(account_, environment.shards, answers_),
      routes_(account_, environment.workers, environment.node_account, environment.clock,
              std::move(declarations.routes)),
      secrets_(account_, environment.secrets),
      streams_(account_, environment.shards, environment.workers),
      subscriptions_(account_, environment.shards, environment.workers),
      threads_(account_),
      timers_(account_, environment.shards, environment.workers) {}

size_t ServiceSet::key() {
  static const size_t kKey = plugin_bridge::Instance::new_extension_key();
  return kKey;
}

void ServiceSet::stop_on_shard() {
  timers_.stop_on_shard();
  descriptors_.stop_on_shard();
  streams_.stop_on_shard();
  subscriptions_.stop_on_shard();
}

bool ServiceSet::at_rest() const {
  return answers_.open() == 0 && jobs_.pending() == 0 && publishing_.pending() == 0 && subscriptions_.count() == 0;
}

}  // namespace patchbay::plugin_services
