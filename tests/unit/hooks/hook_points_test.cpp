#include "hooks/hook_points.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

using namespace patchbay;
using hooks::HookId;

TEST_CASE("every point has a name of its own, and is found by it") {
  std::set<std::string_view> names;
  for (size_t i = 0; i < hooks::kHookCount; ++i) {
    const auto id = static_cast<HookId>(i);
    const hooks::HookInfo& info = hooks::hook_info(id);
    CHECK(names.insert(info.name).second);
    CHECK(info.name.find('.') != std::string_view::npos);
    CHECK(hooks::hook_id_from(info.name) == id);
  }
  CHECK(hooks::hook_id_from("publish.nothing") == std::nullopt);
}

TEST_CASE("a point that defers has a deadline, and one that doesn't has none") {
  for (size_t i = 0; i < hooks::kHookCount; ++i) {
    const hooks::HookInfo& info = hooks::hook_info(static_cast<HookId>(i));
    INFO(info.name);
    CHECK(info.may_defer == (info.deadline_ms != 0));
    CHECK_FALSE(info.kinds.empty());
    if (info.kinds == "O") CHECK_FALSE(info.may_defer);  // observers never stand in the way
  }
}

TEST_CASE("a point takes entries of its kinds only") {
  const hooks::HookInfo& accept = hooks::hook_info(HookId::publish_accept);
  CHECK(accept.takes(base::Phase::decide));
  CHECK(accept.takes(base::Phase::transform));
  CHECK_FALSE(accept.takes(base::Phase::observe));
  CHECK(hooks::hook_info(HookId::publish_routed).takes(base::Phase::observe));
  CHECK_FALSE(hooks::hook_info(HookId::publish_routed).takes(base::Phase::decide));
  CHECK(accept.fallback == base::Fallback::deny);
  CHECK(hooks::hook_info(HookId::will_publish).fallback == base::Fallback::next);
}

TEST_CASE("all points are empty at first") {
  const hooks::HookPoints points;
#define PATCHBAY_HOOK(identifier, name, event, kinds, may_defer, deadline_ms, fallback) \
  CHECK(points.identifier.empty());
#include "hooks/hooks.def"
#undef PATCHBAY_HOOK
}
