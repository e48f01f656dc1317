#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "access/client_info.h"
#include "hooks/hook_points.h"
#include "mqtt/application_message.h"

namespace patchbay::plugin_bridge {

/// An event of the ABI that outlives its call: for batches, and for instances that run on workers. The client and the
/// message are shared; everything else is copied behind the object, into the same piece of memory, since it is made on
/// a shard and given back on a worker.
class OwnedEvent {
 public:
  /// Copies the ABI's event of that point, with all it refers to.
  [[nodiscard]] static std::unique_ptr<OwnedEvent> copy(hooks::HookId id, const void* event, uint64_t at_unix_ms);
  OwnedEvent(const OwnedEvent&) = delete;
  OwnedEvent& operator=(const OwnedEvent&) = delete;
  ~OwnedEvent();
  /// What stands behind the object goes with it, so that its size alone says nothing.
  static void operator delete(void* memory) { ::operator delete(memory); }

  [[nodiscard]] hooks::HookId id() const { return id_; }
  /// The ABI's struct; its views live as long as this.
  [[nodiscard]] const void* event() const { return block(); }
  [[nodiscard]] uint64_t at_unix_ms() const { return at_unix_ms_; }

 private:
  OwnedEvent(hooks::HookId id, uint64_t at_unix_ms, size_t block_size)
      : id_(id), at_unix_ms_(at_unix_ms), block_size_(block_size) {}
  struct Copier;

  /// The struct, then arrays and texts.
  [[nodiscard]] std::byte* block() { return reinterpret_cast<std::byte*>(this + 1); }
  [[nodiscard]] const std::byte* block() const { return reinterpret_cast<const std::byte*>(this + 1); }

  hooks::HookId id_;
  uint64_t at_unix_ms_;
  size_t block_size_;
  // Most events have one of each, which needs no memory of its own.
  access::ClientInfoRef client_;
  mqtt::MessageRef message_;
  std::vector<access::ClientInfoRef> more_clients_;
  std::vector<mqtt::MessageRef> more_messages_;
};

}  // namespace patchbay::plugin_bridge
