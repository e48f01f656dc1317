// What a protocol's plugin is told of a PUBLISH of its client.
#include <catch2/catch.hpp>

#include "access/access_control.h"
#include "hooks/events.h"
#include "support/chain_listener.h"
#include "unit/plugin_protocols/protocol_fixture.h"

using namespace patchbay;
using patchbay::test::ChainListener;
using patchbay::test::id_on;
using patchbay::test::LineClient;
using patchbay::test::ProtocolFixture;

TEST_CASE("a publish that may not be is told for every QoS") {
  ProtocolFixture fixture;
  const ChainListener<access::AuthorizeEvent> nobody(
      fixture.flow, fixture.flow.access_points.authorize_publish, base::Phase::decide,
      [](access::AuthorizeEvent&, base::Token) { return base::Verdict::denies(); });
  LineClient client(fixture);
  client.say("CONNECT " + id_on(0));
  CHECK(client.say("PUB t x 0") == "RESULT 2 135\n");
  CHECK(client.say("PUB t x 1").starts_with("RESULT 3 135"));
  CHECK(client.say("PUB t x 2").starts_with("RESULT 4 135"));
}

TEST_CASE("a publish that a hook drops quietly is a success without receivers; a denied one has the hook's reason") {
  ProtocolFixture fixture;
  base::Verdict answer = base::Verdict::drops();
  const ChainListener<hooks::PublishAcceptEvent> hook(fixture.flow, fixture.flow.hook_points.publish_accept,
                                                      base::Phase::decide,
                                                      [&](hooks::PublishAcceptEvent&, base::Token) { return answer; });
  LineClient client(fixture);
  client.say("CONNECT " + id_on(0));
  CHECK(client.say("SUB t 0").starts_with("RESULT 2 0"));
  CHECK(client.say("PUB t x 0") == "RESULT 3 0\n");
  CHECK(client.say("PUB t x 1").starts_with("RESULT 4 0"));
  answer = base::Verdict::denies(0x97);  // Quota exceeded
  CHECK(client.say("PUB t x 0") == "RESULT 5 151\n");
  CHECK(client.say("PUB t x 1").starts_with("RESULT 6 151"));
  answer = base::Verdict::proceeds();
  CHECK(client.say("PUB t x 0").find("RESULT 7 0 receivers 1") != std::string::npos);
}
