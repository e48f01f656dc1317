// Provides svc.length/1; others acquire() it, and are told when this plugin goes.
#include <patchbay/plugin.hpp>
#include <patchbay/services.hpp>

#include "length.h"

struct PLUGIN_CLASS final : patchbay::plugin<PLUGIN_CLASS> {
  using plugin::plugin;
  void start() { patchbay::provide(host(), "svc.length/1", host().instance_name(), 1, &table, this); }

 private:
  static std::uint64_t length(void*, patchbay_str text) noexcept { return text.len; }
  static constexpr length_service table = {sizeof(length_service), 0, &length};
};
PATCHBAY_PLUGIN(PLUGIN_CLASS)
