// Nobody logs in as root, and nobody publishes below $internal/.
#include <patchbay/plugin.hpp>

struct no_root final : patchbay::plugin<no_root> {
  using plugin::plugin;
  verdict on_authenticate(auth_request a) { return a.username() == "root" ? verdict::deny() : verdict::cont(); }
  verdict on_publish(message m) { return m.topic().starts_with("$internal/") ? verdict::drop() : verdict::cont(); }
};
PATCHBAY_PLUGIN(no_root)
