#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/client_filter.h"
#include "admin/client_view.h"
#include "plugin_services/service_shards.h"

/// How clients are found: shards are asked one after the other, a bounded number of sessions in each turn, so that no
/// list holds the flow plane up, however many sessions there are. Lists are no snapshots: who comes or goes meanwhile
/// may be missed or, in cursors' pages, not. [control]
namespace patchbay::admin {

/// Looked at in one turn of a shard.
inline constexpr size_t kSessionsPerTurn = 500;
/// Passed over in one turn where everybody matches, so that nothing of them is looked at.
inline constexpr size_t kSessionsPassedPerTurn = 20'000;

/// Where a walk over all sessions stands.
struct SessionPlace {
  uint32_t shard = 0;
  size_t slot = 0;
  size_t within = 0;  ///< for who walks over parts of a session, too

  /// Text for clients of the API: opaque, checked when it comes back.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] static std::optional<SessionPlace> parse(std::string_view text);
};

struct ClientPage {
  std::vector<ClientView> clients;
  bool complete = false;              ///< all sessions behind this page were looked at, and none matches
  uint64_t matched = 0;               ///< before and on this page
  std::optional<SessionPlace> go_on;  ///< after the page; nothing: at the end
  bool answered = true;               ///< false: a shard did not answer in time
};

/// One turn's work: looks at up to `sessions` from `slot` on; `skip` that match are passed over, then up to `room` are
/// taken. [shard]
struct ClientSlice {
  std::vector<ClientView> clients;
  uint64_t skipped = 0;
  size_t next_slot = 0;
  bool shard_done = false;
};
[[nodiscard]] ClientSlice look_at_clients(session::SessionEnvironment& environment, const ClientFilter& filter,
                                          size_t slot, uint64_t skip, size_t room, size_t sessions = kSessionsPerTurn);

/// From `start`, without the first `skip` that match; looks for one more than `limit`, so that it is known whether
/// there are more.
[[nodiscard]] ClientPage find_clients(const plugin_services::ServiceShards& shards, const ClientFilter& filter,
                                      SessionPlace start, uint64_t skip, uint64_t limit);

/// The client, if there is a session of its id. `answered` false: its shard did not answer in time.
struct FoundClient {
  std::optional<ClientView> client;
  bool answered = true;
};
[[nodiscard]] FoundClient find_client(const plugin_services::ServiceShards& shards, const std::string& client_id);

}  // namespace patchbay::admin
