#include <patchbay/testing/fake_host.hpp>

#include "expect.h"

int main() {
  const patchbay::testing::plugin_file file(PLUGIN_FILE);
  patchbay::testing::fake_host host;
  host.settings(R"({"token": "a-long-enough-token"})");
  EXPECT(host.start(file.entry()) == PATCHBAY_OK);
  EXPECT(host.authenticate({.username = "ann", .password = "a-long-enough-token"}).allowed());
  EXPECT(!host.authenticate({.username = "ann", .password = "a-long-enough-tokem"}).allowed());
  EXPECT(!host.authenticate({.username = "ann"}).allowed());
  host.stop();
  EXPECT(host.leaks().none());
}
