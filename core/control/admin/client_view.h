#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "access/client_info.h"
#include "admin/json.h"
#include "session/client_traffic.h"
#include "session/session.h"

namespace patchbay::admin {

/// What is shown of one client, taken on its shard; what costs something to write down is done elsewhere. A value.
struct ClientView {
  access::ClientInfoRef client;
  bool connected = false;
  uint64_t created_at_unix_ms = 0;
  uint64_t disconnected_at_unix_ms = 0;  ///< 0: connected
  uint32_t session_expiry_interval_s = 0;
  size_t subscriptions = 0;
  size_t subscriptions_max = 0;
  size_t inflight = 0;
  size_t inflight_max = 0;
  size_t queued = 0;
  size_t queued_max = 0;
  size_t awaiting_rel = 0;
  size_t awaiting_rel_max = 0;
  session::PacketTraffic packets;      ///< of the connection, or of the last one
  session::TransferTraffic transfers;  ///< as packets
  session::MessageTraffic messages;
};

/// [shard]
[[nodiscard]] ClientView view_of(const session::Session& session);

/// EMQX's object of a client, with the members that this broker knows. `fields`: only these; empty: all. [any-thread]
[[nodiscard]] Json client_json(const ClientView& view, std::string_view node_name,
                               const std::vector<std::string>& fields = {});
/// The names of all members.
[[nodiscard]] const std::vector<std::string>& client_field_names();
/// Schema of the object.
[[nodiscard]] Json client_schema();

}  // namespace patchbay::admin
