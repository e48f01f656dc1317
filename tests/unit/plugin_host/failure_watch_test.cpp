#include "plugin_host/failure_watch.h"

#include <catch2/catch.hpp>

using namespace patchbay::plugin_host;
using patchbay::hooks::HookId;
using Kind = PluginHealth::Kind;

TEST_CASE("what a plugin could not answer since the last look stands in its health") {
  FailureWatch watch;
  const PluginHealth fine =
      watch.look({}, {{HookId::auth_authenticate, {100, 0, 0}}, {HookId::acl_publish, {50, 0, 0}}});
  CHECK(fine.kind == Kind::healthy);
  CHECK(fine.text.empty());

  const PluginHealth few = watch.look({Kind::healthy, "2 connections"},
                                      {{HookId::auth_authenticate, {200, 3, 0}}, {HookId::acl_publish, {50, 0, 0}}});
  CHECK(few.kind == Kind::healthy);
  CHECK(few.text == "2 connections; 3 of the last 100 answers at auth.authenticate failed");

  const PluginHealth many =
      watch.look({}, {{HookId::auth_authenticate, {240, 43, 0}}, {HookId::acl_publish, {54, 2, 0}}});
  CHECK(many.kind == Kind::degraded);
  CHECK(many.text ==
        "40 of the last 40 answers at auth.authenticate failed; 2 of the last 4 answers at acl.publish failed");

  const PluginHealth over =
      watch.look({}, {{HookId::auth_authenticate, {300, 43, 0}}, {HookId::acl_publish, {54, 2, 0}}});
  CHECK(over.kind == Kind::healthy);
  CHECK(over.text.empty());
}

TEST_CASE("what a plugin says of itself is not made better, and another version begins anew") {
  FailureWatch watch;
  const PluginHealth down = watch.look({Kind::down, "no database"}, {{HookId::acl_publish, {10, 10, 0}}});
  CHECK(down.kind == Kind::down);
  CHECK(down.text == "no database; 10 of the last 10 answers at acl.publish failed");
  watch.forget();
  CHECK(watch.look({}, {{HookId::acl_publish, {4, 1, 0}}}).text == "1 of the last 4 answers at acl.publish failed");
}
