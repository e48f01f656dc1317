#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "access/client_info.h"
#include "base/shard.h"

namespace patchbay::plugin_bridge {

class ChainPublisher;
class Instance;

/// The values that instances keep with clients: on the client's shard, from its log-in to the end of its session.
///
/// Before there is a session (while a log-in is decided) a value belongs to the connection, so that a log-in that fails
/// leaves the session of the same client id alone; with the first look from within the session it moves there.
class ClientSlots {
 public:
  using Destroy = void (*)(void* self, void* value);
  static constexpr size_t kMaximumEach = 2'000'000;  ///< values of one instance on one shard

  explicit ClientSlots(uint32_t shards);
  ~ClientSlots();
  ClientSlots(const ClientSlots&) = delete;
  ClientSlots& operator=(const ClientSlots&) = delete;

  /// [shard]
  [[nodiscard]] void* get(const Instance& instance, const access::ClientInfo& client);
  /// Destroys the value that was there. False: too many. [shard]
  [[nodiscard]] bool set(Instance& instance, const access::ClientInfo& client, void* value, Destroy destroy,
                         void* self);
  /// The client's session has ended, or the log-in came to nothing. [shard]
  void end_session(const access::ClientInfo& client);
  void end_connection(const access::ClientInfo& client);
  /// Destroys all that `instance` keeps on the calling shard: before its stop(). [shard]
  void end_instance(const Instance& instance);

  /// Listens for the ends of sessions and log-ins, or no longer; in force with the next publish. [control]
  void listen(ChainPublisher& chains, bool on);

 private:
  struct Value;
  struct Shard;
  [[nodiscard]] Shard& here();

  uint32_t shards_;
  std::unique_ptr<Shard[]> by_shard_;
};

}  // namespace patchbay::plugin_bridge
