#include <patchbay/testing/fake_host.hpp>

#include "expect.h"

int main() {
  const patchbay::testing::plugin_file file(PLUGIN_FILE);
  patchbay::testing::fake_host host;
  EXPECT(host.start(file.entry()) == PATCHBAY_OK);
  {
    const auto client = host.protocol.connect();
    client->feed("d1\nhel");
    client->feed("lo\n");
    EXPECT(client->connected());
    const auto published = host.published();
    EXPECT(published.size() == 1);
    EXPECT(published.front().topic == "lines/d1" && published.front().payload == "hello");
  }
  host.stop();
  EXPECT(host.leaks().none());
}
