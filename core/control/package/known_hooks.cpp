#include "package/known_hooks.h"

namespace patchbay::package {

namespace {

constexpr KnownHook kHooks[] = {
#define PATCHBAY_HOOK(number, identifier, name, layer, kinds, heat, may_defer, deadline_ms, fallback, since, event, \
                      core)                                                                                         \
  {number, name, kinds, may_defer != 0, deadline_ms},
#include "patchbay/hooks.def"
};

}  // namespace

std::span<const KnownHook> known_hooks() {
  return kHooks;
}

const KnownHook* find_known_hook(std::string_view name) {
  for (const KnownHook& hook : kHooks) {
    if (hook.name == name) return &hook;
  }
  return nullptr;
}

}  // namespace patchbay::package
