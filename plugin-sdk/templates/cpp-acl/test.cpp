#include <patchbay/testing/fake_host.hpp>

#include "expect.h"

int main() {
  const patchbay::testing::plugin_file file(PLUGIN_FILE);
  patchbay::testing::fake_host host;
  EXPECT(host.start(file.entry()) == PATCHBAY_OK);
  EXPECT(host.acl_publish({.topic = "devices/d1/up", .client_id = "d1"}).allowed());
  EXPECT(host.acl_publish({.topic = "devices/d2/up", .client_id = "d1"}).denied());
  EXPECT(host.acl_subscribe({.topic = "devices/#", .client_id = "d1"}).denied());
  EXPECT(host.acl_subscribe({.topic = "news/#", .client_id = "d1"}).continued());
  host.stop();
  EXPECT(host.leaks().none());
}
