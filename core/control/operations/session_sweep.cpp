#include "operations/session_sweep.h"

#include <utility>
#include <vector>

#include "mqtt/reason_code.h"
#include "session/client_channel.h"
#include "session/session.h"
#include "session/session_environment.h"
#include "session/session_registry.h"

namespace patchbay::operations {

namespace {

using Wanted = std::function<bool(const access::ClientInfo&)>;

/// DISCONNECT has no code of its own for banned clients: 0x8A belongs to CONNACK [MQTT-3.14.2.1].
void disconnect(session::Session* session) {
  if (session == nullptr || session->channel() == nullptr) return;
  session->channel()->disconnect(mqtt::ReasonCode::administrative_action);
}

void sweep(const plugin_services::ServiceShards& shards, uint32_t shard, size_t slot, Wanted wanted,
           size_t sessions_per_turn) {
  session::SessionRegistry& registry = *shards.flow(shard).registry;
  std::vector<distribution::SubscriberHandle> found;  // who goes may leave the registry, which is being walked over
  const size_t next = registry.visit(slot, sessions_per_turn, [&](session::Session& session) {
    if (session.channel() != nullptr && wanted(session.client())) found.push_back(session.handle());
  });
  for (const distribution::SubscriberHandle handle : found) disconnect(registry.find(handle));
  if (next == 0) return;
  shards.run(shard, [&shards, shard, next, wanted = std::move(wanted), sessions_per_turn]() mutable {
    sweep(shards, shard, next, std::move(wanted), sessions_per_turn);
  });
}

}  // namespace

void disconnect_client(const plugin_services::ServiceShards& shards, std::string client_id) {
  if (shards.count() == 0) return;  // no shards, no clients
  const uint32_t home = session::home_shard(client_id, shards.count());
  shards.run(home, [&shards, home, client_id = std::move(client_id)] {
    disconnect(shards.flow(home).registry->find(client_id));
  });
}

void disconnect_where(const plugin_services::ServiceShards& shards, const Wanted& wanted, size_t sessions_per_turn) {
  for (uint32_t shard = 0; shard < shards.count(); ++shard) {
    shards.run(shard,
               [&shards, shard, wanted, sessions_per_turn] { sweep(shards, shard, 0, wanted, sessions_per_turn); });
  }
}

}  // namespace patchbay::operations
