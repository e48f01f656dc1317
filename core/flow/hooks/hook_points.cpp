#include "hooks/hook_points.h"

#include <algorithm>
#include <iterator>

#include "base/assert.h"

namespace patchbay::hooks {

namespace {

constexpr HookInfo kTable[] = {
#define PATCHBAY_HOOK(number, identifier, name, layer, kinds, heat, may_defer, deadline_ms, fallback, since, event, \
                      core_event)                                                                                   \
  {HookId::identifier, name, #layer, kinds, Heat::heat, (may_defer) != 0, deadline_ms, base::Fallback::fallback, since},
#include "patchbay/hooks.def"
};

constexpr bool ascending() {
  return std::is_sorted(std::begin(kTable), std::end(kTable),
                        [](const HookInfo& a, const HookInfo& b) { return a.id < b.id; });
}
static_assert(ascending(), "numbers are found by bisection");

const HookInfo* find(uint32_t number) {
  const auto* found =
      std::lower_bound(std::begin(kTable), std::end(kTable), number,
                       [](const HookInfo& row, uint32_t n) { return static_cast<uint32_t>(row.id) < n; });
  return found != std::end(kTable) && static_cast<uint32_t>(found->id) == number ? found : nullptr;
}

}  // namespace

bool HookInfo::takes(base::Phase phase) const {
  constexpr std::string_view kLetters[] = {"DP", "T", "O"};
  return kinds.find_first_of(kLetters[static_cast<size_t>(phase)]) != std::string_view::npos;
}

std::span<const HookInfo> all_hooks() {
  return kTable;
}

const HookInfo& hook_info(HookId id) {
  const HookInfo* row = find(static_cast<uint32_t>(id));
  PATCHBAY_ASSERT(row != nullptr);
  return *row;
}

std::optional<HookId> hook_id_from(std::string_view name) {
  for (const HookInfo& row : kTable) {
    if (row.name == name) return row.id;
  }
  return std::nullopt;
}

std::optional<HookId> hook_id_from_number(uint32_t number) {
  const HookInfo* row = find(number);
  return row == nullptr ? std::nullopt : std::optional(row->id);
}

}  // namespace patchbay::hooks
