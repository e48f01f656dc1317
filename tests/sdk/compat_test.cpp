#include <catch2/catch.hpp>

#include "patchbay/testing/fake_host.hpp"

// Plugins that were built with the headers of older releases run in today's host; today's plugins run in an older host.

namespace {

using namespace std::chrono_literals;
using patchbay::testing::fake_host;
using patchbay::testing::host_options;
using patchbay::testing::plugin_file;

void run_sample(fake_host& host, const patchbay_entry& entry) {
  host.settings(R"({"refused":"eve"})");
  REQUIRE(host.start(entry) == PATCHBAY_OK);
  CHECK(host.authenticate({.username = "eve"}).denied());
  const auto ann = host.authenticate({.username = "ann"});
  REQUIRE(ann.allowed());
  CHECK(ann.grant().identity == "ann");
  const auto later = host.authenticate({.username = "later"});
  CHECK(later.deferred());
  host.advance(100ms);
  CHECK(later.allowed());
  const auto changed = host.publish({.topic = "change", .payload = "x", .qos = 2});
  REQUIRE(changed.replaced());
  CHECK(changed.message().payload == "changed");
  CHECK(changed.message().qos == 2);
  host.publish({.topic = "other"});
  CHECK(host.store.metric("routed") == 2);
  host.connected("device");
  REQUIRE(host.published().size() == 1);
  CHECK(host.published()[0].payload == "device");
  CHECK(host.configure("{}") == PATCHBAY_INVALID);
  CHECK(host.errors() == "/refused: is missing\n");
  host.stop();
  host.destroy();
  CHECK(host.leaks().text() == "");
  CHECK(host.violations().empty());
}

}  // namespace

TEST_CASE("the sample of release 1.0, built with its own headers") {
  plugin_file file(PATCHBAY_COMPAT_1_0);
  CHECK(file.entry().abi_minor == 0);
  {
    fake_host host({.views = patchbay::testing::views::fence});
    run_sample(host, file.entry());
  }
  CHECK(file.close());
}

TEST_CASE("a newer host: tables that have grown, events that are longer") {
  plugin_file file(PATCHBAY_COMPAT_1_0);
  fake_host host({.abi_minor = 7, .table_size = sizeof(patchbay_host) + 64});
  run_sample(host, file.entry());
}

TEST_CASE("a host without an interface that the plugin needs: create fails, nothing is left") {
  plugin_file file(PATCHBAY_COMPAT_1_0);
  fake_host host({.without = {PATCHBAY_TIMER_1}});
  CHECK(host.start(file.entry()) == PATCHBAY_FAILED);
  CHECK(host.leaks().none());
}
