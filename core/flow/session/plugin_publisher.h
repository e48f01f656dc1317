#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <utility>
#include <vector>

#include "hooks/dispatch.h"
#include "hooks/events.h"
#include "mqtt/application_message.h"
#include "session/session_environment.h"

namespace patchbay::session {

enum class PluginPublishStatus : uint8_t {
  accepted,
  topic_name_invalid,
  too_deep,    ///< one plugin's message caused another's, and so on: kMaximumDepth
  queue_full,  ///< kMaximumQueued, kMaximumQueuedBytes
};

/// Publishes what plugins publish as themselves. It may be called from the middle of anything, a hook of this very
/// message included: routing waits for the shard's next mail, so that no hook runs within another. [shard]
///
/// Such a message is not asked about (a plugin is trusted with what its permissions allow, which is the host's
/// business), but meets publish.accept, retain.store, publish.unrouted and publish.routed as any other, without a
/// client. It carries the number of its plugin instance (Message::origin_instance()), so that the instance can be left
/// out where it listens itself, and how deep it is in a chain of plugins that answer each other
/// (Message::plugin_depth()).
class PluginPublisher {
 public:
  static constexpr uint16_t kMaximumDepth = 4;
  static_assert(kMaximumDepth <= mqtt::MessageFlags::kMaximumPluginDepth);
  /// Messages that wait for their turn, and those that wait for an answer of publish.accept.
  static constexpr size_t kMaximumQueued = 10'000;
  static constexpr size_t kMaximumQueuedBytes = 64 * 1024 * 1024;

  explicit PluginPublisher(SessionEnvironment& environment) : environment_(environment) {}
  PluginPublisher(const PluginPublisher&) = delete;
  PluginPublisher& operator=(const PluginPublisher&) = delete;

  /// `fields` are copied; publisher, flags and times are set here. `origin`: the instance, not 0. `depth`: that of the
  /// message because of which this one is published (Message::plugin_depth()), 0 if there is none; what this shard is
  /// publishing for a plugin right now is taken into account by itself.
  [[nodiscard]] PluginPublishStatus publish_from_plugin(const mqtt::MessageFields& fields, uint64_t origin,
                                                        uint16_t depth = 0);
  /// Of the message that is being published for a plugin right now; 0: none.
  [[nodiscard]] uint16_t current_depth() const { return current_depth_; }
  [[nodiscard]] size_t waiting() const { return queue_.size() + asked_.size(); }

 private:
  struct Asked {
    Asked(PluginPublisher& owner_, mqtt::MessageRef message_)
        : owner(owner_), message(std::move(message_)), acceptance(&Asked::accepted, this) {}
    static void accepted(void* self, hooks::PublishAcceptEvent& event);

    PluginPublisher& owner;
    mqtt::MessageRef message;
    hooks::HookPending<hooks::PublishAcceptEvent> acceptance;
    std::list<Asked>::iterator place;
  };

  void drain();
  void accept(const mqtt::MessageRef& message);
  void on_accepted(Asked& asked, hooks::PublishAcceptEvent& event);
  void route(const mqtt::MessageRef& message);

  SessionEnvironment& environment_;
  std::vector<mqtt::MessageRef> queue_;
  size_t queued_bytes_ = 0;
  std::list<Asked> asked_;
  uint16_t current_depth_ = 0;  // of the message that is being published now
};

}  // namespace patchbay::session
