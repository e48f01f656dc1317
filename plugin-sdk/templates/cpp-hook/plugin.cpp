// Refuses messages whose payload is too large.
#include <patchbay/plugin.hpp>

struct config {
  std::uint64_t payload_bytes_max = 65536;
  template <typename Fields>
  void describe(Fields& f) {
    f.optional("payload_bytes_max", payload_bytes_max);
  }
};

struct PLUGIN_CLASS final : patchbay::plugin<PLUGIN_CLASS, config> {
  using plugin::plugin;

  verdict on_publish(message m) {
    // 0x97: quota exceeded
    return m.payload().size() > settings().payload_bytes_max ? verdict::deny(0x97) : verdict::cont();
  }
};
PATCHBAY_PLUGIN(PLUGIN_CLASS)
