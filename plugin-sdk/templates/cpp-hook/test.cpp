#include <patchbay/testing/fake_host.hpp>

#include "expect.h"

int main() {
  const patchbay::testing::plugin_file file(PLUGIN_FILE);
  patchbay::testing::fake_host host;
  host.settings(R"({"payload_bytes_max": 4})");
  EXPECT(host.start(file.entry()) == PATCHBAY_OK);
  EXPECT(host.publish({.topic = "a", .payload = "four"}).continued());
  EXPECT(host.publish({.topic = "a", .payload = "five!"}).reason() == 0x97);
  host.stop();
  EXPECT(host.leaks().none());
}
