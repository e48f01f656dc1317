#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "access/client_info.h"
#include "hooks/hook_points.h"
#include "mqtt/application_message.h"

namespace patchbay::plugin_bridge {

/// An event of the ABI that outlives its call: for batches, and for instances that run on workers. Texts are copied
/// into the event's own block; the client and the message are shared.
class OwnedEvent {
 public:
  /// Copies the ABI's event of that point, with all it refers to.
  [[nodiscard]] static std::unique_ptr<OwnedEvent> copy(hooks::HookId id, const void* event, uint64_t at_unix_ms);
  OwnedEvent(const OwnedEvent&) = delete;
  OwnedEvent& operator=(const OwnedEvent&) = delete;
  ~OwnedEvent();

  [[nodiscard]] hooks::HookId id() const { return id_; }
  /// The ABI's struct; its views live as long as this.
  [[nodiscard]] const void* event() const { return block_.get(); }
  [[nodiscard]] uint64_t at_unix_ms() const { return at_unix_ms_; }

 private:
  OwnedEvent() = default;
  struct Copier;

  hooks::HookId id_{};
  uint64_t at_unix_ms_ = 0;
  std::unique_ptr<std::byte[]> block_;  // the struct, then arrays and texts
  size_t block_size_ = 0;
  std::vector<access::ClientInfoRef> clients_;
  std::vector<mqtt::MessageRef> messages_;
};

}  // namespace patchbay::plugin_bridge
