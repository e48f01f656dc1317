// Its hooks throw; the C++ layer makes an answer of it.
#include <patchbay/plugin.hpp>

#include <stdexcept>

struct hook_thrower final : patchbay::plugin<hook_thrower> {
  using plugin::plugin;
  void tune(patchbay::hook_options& options) {
    if (options.number() == PATCHBAY_HOOK_publish_accept) options.fallback = PATCHBAY_FALLBACK_ALLOW;
  }
  patchbay::verdict on_publish(patchbay::message) { throw std::runtime_error("no bread left"); }
  void on_routed(patchbay::routed_event) { throw std::runtime_error("no butter either"); }
};
PATCHBAY_PLUGIN(hook_thrower, R"({"id":"org.example.hook-thrower","version":"1.0.0"})")
