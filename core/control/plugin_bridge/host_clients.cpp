#include <algorithm>

#include "plugin_bridge/abi_views.h"
#include "plugin_bridge/bridge.h"
#include "plugin_bridge/host_table.h"
#include "plugin_bridge/instance.h"

/// The functions of patchbay_host that are about clients.
namespace patchbay::plugin_bridge {

namespace {

uint32_t flags_of(const access::ClientInfo& client) {
  return (client.clean_start() ? PATCHBAY_CLIENT_CLEAN_START : 0U) |
         (client.is_superuser() ? PATCHBAY_CLIENT_SUPERUSER : 0U) |
         (client.peer_loopback() ? PATCHBAY_CLIENT_PEER_LOOPBACK : 0U) |
         (client.handle() != 0 ? PATCHBAY_CLIENT_CONNECTED : 0U);
}

void client_view(const patchbay_host*, const patchbay_client* client, patchbay_client_view* into) noexcept {
  const access::ClientInfo& from = *from_abi(client);
  patchbay_client_view known{};
  known.flags = flags_of(from);
  known.handle = from.handle();
  known.client_id = view(from.client_id());
  known.username = view(from.username());
  known.identity = view(from.identity());
  known.listener_id = view(from.listener_id());
  known.protocol_name = view(from.protocol_name());
  known.certificate_common_name = view(from.certificate_common_name());
  known.certificate_subject = view(from.certificate_subject());
  std::copy(from.peer_address().begin(), from.peer_address().end(), known.peer_address);
  known.peer_port = from.peer_port();
  known.keep_alive_s = from.keep_alive_s();
  known.protocol_version = from.protocol_version();
  known.connected_at_unix_ms = from.connected_at_unix_ms();
  known.expires_at_unix_ms = from.expires_at_unix_ms();
  known.attribute_count = static_cast<uint32_t>(from.attributes().size());
  write_abi(into, known);
}

patchbay_status client_attribute_at(const patchbay_host*, const patchbay_client* client, uint32_t index,
                                    patchbay_pair* pair) noexcept {
  const access::ClientAttributes& attributes = from_abi(client)->attributes();
  if (index >= attributes.size()) return PATCHBAY_NOT_FOUND;
  const auto& [name, value] = attributes[index];
  *pair = {view(std::string_view(name)), view(std::string_view(value))};
  return PATCHBAY_OK;
}

bool is_on_shard(const Bridge& bridge) {
  return base::current_shard() < bridge.shard_count();
}

void* client_slot_get(const patchbay_host* host, const patchbay_client* client) noexcept {
  Instance& instance = Instance::of(host);
  if (client == nullptr || !is_on_shard(instance.bridge())) return nullptr;
  return instance.bridge().client_slots().get(instance, *from_abi(client));
}

patchbay_status client_slot_set(const patchbay_host* host, const patchbay_client* client, void* value,
                                void (*destroy)(void* self, void* value), void* self) noexcept {
  Instance& instance = Instance::of(host);
  if (!instance.facts().client_slot) return PATCHBAY_DENIED;
  if (client == nullptr) return PATCHBAY_INVALID;
  if (!is_on_shard(instance.bridge())) return PATCHBAY_WRONG_THREAD;
  if (!instance.gate().takes_work()) return PATCHBAY_CLOSED;
  const bool kept = instance.bridge().client_slots().set(instance, *from_abi(client), value, destroy, self);
  return kept ? PATCHBAY_OK : PATCHBAY_BUSY;
}

}  // namespace

void fill_client_functions(patchbay_host& table) {
  table.client_view = &client_view;
  table.client_attribute_at = &client_attribute_at;
  table.client_slot_get = &client_slot_get;
  table.client_slot_set = &client_slot_set;
}

}  // namespace patchbay::plugin_bridge
