#include <patchbay/testing/fake_host.hpp>

#include "expect.h"

int main() {
  const patchbay::testing::plugin_file file(PLUGIN_FILE);
  patchbay::testing::fake_host host;
  EXPECT(host.start(file.entry()) == PATCHBAY_OK);
  EXPECT(host.publish({.topic = "internal/a"}).reason() == 0x87);
  EXPECT(host.publish({.topic = "a"}).continued());
  host.stop();
  EXPECT(host.leaks().none());
}
