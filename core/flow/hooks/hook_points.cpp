#include "hooks/hook_points.h"

namespace patchbay::hooks {

namespace {

constexpr HookInfo kTable[] = {
#define PATCHBAY_HOOK(identifier, name, event, kinds, may_defer, deadline_ms, fallback) \
  {name, kinds, may_defer, deadline_ms, base::Fallback::fallback},
#include "hooks/hooks.def"
#undef PATCHBAY_HOOK
};

}  // namespace

bool HookInfo::takes(base::Phase phase) const {
  constexpr std::string_view kLetters = "DTO";
  return kinds.find(kLetters[static_cast<size_t>(phase)]) != std::string_view::npos;
}

const HookInfo& hook_info(HookId id) {
  return kTable[static_cast<size_t>(id)];
}

std::optional<HookId> hook_id_from(std::string_view name) {
  for (size_t i = 0; i < kHookCount; ++i) {
    if (kTable[i].name == name) return static_cast<HookId>(i);
  }
  return std::nullopt;
}

}  // namespace patchbay::hooks
