// State with each client: it lives in the client's slot, on the client's shard, and goes with the session. No map, no
// lock.
#include <patchbay/plugin.hpp>

struct config {
  std::uint32_t messages_per_minute = 600;
  template <typename Fields>
  void describe(Fields& f) {
    f.optional("messages_per_minute", messages_per_minute);
  }
};

struct message_budget final : patchbay::plugin<message_budget, config> {
  using plugin::plugin;
  verdict on_publish(publish_request p) {
    budget* const kept = slot_.get(p.client());
    if (kept == nullptr) return verdict::cont();  // published by the broker or a plugin
    const auto minute = host().now().count() / 60'000;
    if (std::exchange(kept->minute, minute) != minute) kept->used = 0;
    return ++kept->used > settings().messages_per_minute ? verdict::deny(0x97)
                                                         : verdict::cont();  // 0x97: quota exceeded
  }

 private:
  struct budget {
    std::int64_t minute = 0;
    std::uint32_t used = 0;
  };
  patchbay::client_slot<budget> slot_;
};
PATCHBAY_PLUGIN(message_budget)
