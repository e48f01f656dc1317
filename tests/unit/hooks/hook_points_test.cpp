#include "hooks/hook_points.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>

using namespace patchbay;
using hooks::HookId;

TEST_CASE("every point has a name and a number of its own, and is found by both") {
  std::set<std::string_view> names;
  std::set<uint32_t> numbers;
  for (const hooks::HookInfo& info : hooks::all_hooks()) {
    INFO(info.name);
    CHECK(names.insert(info.name).second);
    CHECK(info.name.find('.') != std::string_view::npos);
    CHECK(hooks::hook_id_from(info.name) == info.id);
    const auto number = static_cast<uint32_t>(info.id);
    CHECK(number != 0);
    CHECK(numbers.insert(number).second);
    CHECK(hooks::hook_id_from_number(number) == info.id);
    CHECK(&hooks::hook_info(info.id) == &info);
  }
  CHECK(hooks::hook_id_from("publish.nothing") == std::nullopt);
  CHECK(hooks::hook_id_from_number(0) == std::nullopt);
  CHECK(hooks::hook_id_from_number(255) == std::nullopt);
  CHECK(hooks::hook_id_from_number(256 + 1) == std::nullopt);
}

TEST_CASE("numbers are part of the ABI and stay") {
  CHECK(static_cast<int>(HookId::conn_accept) == 1);
  CHECK(static_cast<int>(HookId::auth_authenticate) == 11);
  CHECK(static_cast<int>(HookId::acl_publish) == 15);
  CHECK(static_cast<int>(HookId::publish_accept) == 36);
  CHECK(static_cast<int>(HookId::shutdown_begin) == 59);
  CHECK(hooks::all_hooks().size() == 59);
}

TEST_CASE("a point that defers has a deadline, and one that doesn't has none") {
  for (const hooks::HookInfo& info : hooks::all_hooks()) {
    INFO(info.name);
    CHECK(info.may_defer == (info.deadline_ms != 0));
    CHECK_FALSE(info.kinds.empty());
    CHECK(info.kinds.find_first_not_of("DTOP") == std::string_view::npos);
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

TEST_CASE("who provides is asked in the phase decide") {
  const hooks::HookInfo& detect = hooks::hook_info(HookId::conn_detect);
  CHECK(detect.provides());
  CHECK(detect.takes(base::Phase::decide));
  CHECK_FALSE(detect.takes(base::Phase::transform));
  CHECK_FALSE(hooks::hook_info(HookId::publish_accept).provides());
}

TEST_CASE("a row says where it is called and how often") {
  CHECK(hooks::hook_info(HookId::packet_in).heat == hooks::Heat::hot);
  CHECK(hooks::hook_info(HookId::packet_in).layer == "connection");
  CHECK(hooks::hook_info(HookId::admin_before).heat == hooks::Heat::cold);
  CHECK(hooks::hook_info(HookId::session_open).layer == "session");
}

TEST_CASE("all points are empty at first") {
  const hooks::HookPoints points;
#define PATCHBAY_HOOK(number, identifier, name, layer, kinds, heat, may_defer, deadline_ms, fallback, since, event, \
                      core_event)                                                                                   \
  CHECK(points.identifier.empty());
#define PATCHBAY_ACCESS_HOOK(...)
#define PATCHBAY_CONTROL_HOOK(...)
#include "patchbay/hooks.def"
}
