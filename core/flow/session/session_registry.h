#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "distribution/subscriber_handle.h"
#include "session/session.h"
#include "session/session_environment.h"

namespace patchbay::session {

/// Which shard keeps the session of a client id. All connections of a client meet there, so that take-over, resumption
/// and expiry are matters of one shard and need no locks. [any-thread]
[[nodiscard]] base::ShardId home_shard(std::string_view client_id, size_t shard_count);

/// The sessions of one shard: by client id and by handle; their ends, their wills. [shard]
class SessionRegistry final : public SessionDirectory {
 public:
  explicit SessionRegistry(SessionEnvironment& environment);
  SessionRegistry(const SessionRegistry&) = delete;
  SessionRegistry& operator=(const SessionRegistry&) = delete;
  ~SessionRegistry() override;

  [[nodiscard]] Session* find(std::string_view client_id);
  [[nodiscard]] Session* find(distribution::SubscriberHandle handle) override {
    if (handle.slot() >= slots_.size()) return nullptr;
    Session* session = slots_[handle.slot()].session.get();
    return session != nullptr && session->handle() == handle ? session : nullptr;
  }
  [[nodiscard]] size_t size() const { return by_client_id_.size(); }

  /// There must be no session of that client id.
  Session& create(access::ClientInfoRef client);
  /// Ends the session: subscriptions leave the index, a will that waits for its delay is published [MQTT-3.1.2-8],
  /// shared messages that wait go to others. Must not be connected. `reason` is told to session.ended: "closed",
  /// "expired", "discarded", "kicked".
  void end(Session& session, std::string_view reason);

  /// The session has a new connection. A will that waited for its delay is not sent [MQTT-3.1.3-9].
  void attach(Session& session, ClientChannel& channel);
  /// The session lost its connection. `will` (its message may be null) is published now, after its delay, or at the
  /// session's end, whichever is first [MQTT-3.1.2-8]; the session lives on for its expiry interval, or ends.
  void detach(Session& session, Will will);

  /// Calls `visit` for up to `count` sessions from slot `from`; returns the slot to go on with, or 0 at the end. For
  /// snapshots.
  size_t visit(size_t from, size_t count, const std::function<void(Session&)>& visit);

 private:
  struct Slot {
    std::unique_ptr<Session> session;
    uint32_t generation = 0;
  };

  /// Sessions are found by their client id, which they hold themselves.
  struct ClientIdHash {
    using is_transparent = void;
    size_t operator()(std::string_view client_id) const { return std::hash<std::string_view>{}(client_id); }
    size_t operator()(const Session* session) const { return (*this)(session->client_id()); }
  };
  struct ClientIdEqual {
    using is_transparent = void;
    bool operator()(const Session* left, const Session* right) const { return left == right; }
    bool operator()(std::string_view left, const Session* right) const { return left == right->client_id(); }
    bool operator()(const Session* left, std::string_view right) const { return left->client_id() == right; }
  };

  void observe_end(const Session& session, std::string_view reason);
  void publish_will(Session& session);
  void start_delayed_will(Session& session, Will will);
  void start_expiry(Session& session);
  void forget_subscriptions(Session& session);
  void hand_on_shared(Session& session);

  SessionEnvironment& environment_;
  std::deque<Slot> slots_;  // grows without moving a million of them
  std::vector<uint32_t> free_slots_;
  std::unordered_set<Session*, ClientIdHash, ClientIdEqual> by_client_id_;
};

}  // namespace patchbay::session
