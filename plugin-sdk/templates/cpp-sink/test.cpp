#include <patchbay/testing/fake_host.hpp>

#include "expect.h"

int main() {
  const patchbay::testing::plugin_file file(PLUGIN_FILE);
  patchbay::testing::fake_host host;
  EXPECT(host.start(file.entry()) == PATCHBAY_OK);
  EXPECT(host.publish({.topic = "a", .payload = "12345"}).continued());
  host.settle();
  host.stop();
  EXPECT(host.violations().empty());
  EXPECT(host.leaks().none());
}
