#include "plugin_protocols/plugin_connection.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "access/access_control.h"
#include "hooks/events.h"
#include "session/publishing.h"
#include "session/session.h"
#include "support/chain_listener.h"
#include "support/shard_fixture.h"
#include "support/test_client.h"
#include "unit/plugin_protocols/protocol_fixture.h"

using namespace patchbay;
using patchbay::test::ChainListener;
using patchbay::test::ConnectOptions;
using patchbay::test::id_on;
using patchbay::test::LineClient;
using patchbay::test::ProtocolFixture;
using patchbay::test::TestClient;
using plugin_bridge::Held;
using session::CloseReason;
using Texts = std::vector<std::string>;

TEST_CASE("a client connects through the same checks as an MQTT client, and is shown with its protocol") {
  ProtocolFixture fixture;
  LineClient client(fixture);
  CHECK(fixture.protocol.last->listener_id == "tcp:line");
  CHECK(fixture.protocol.last->peer_port == 40'001);
  CHECK(client.client() == nullptr);
  CHECK(client.say("CONNECT " + id_on(0)) == "RESULT 1 0\n");
  REQUIRE(client.client() != nullptr);
  CHECK(client.client()->client_id() == id_on(0));
  CHECK(client.client()->protocol_name() == "LINE");
  CHECK(client.client()->protocol_version() == 12);
  CHECK(client.client()->listener_id() == "tcp:line");
  session::Session* session = fixture.flow.find_session(id_on(0));
  REQUIRE(session != nullptr);
  CHECK(session->channel() != nullptr);
  CHECK(fixture.instance.holds(Held::connections) == 1);
}

TEST_CASE("a connection moves to the home shard of its client, with the bytes behind the connect") {
  ProtocolFixture fixture;
  LineClient client(fixture, 0);
  client.send("CONNECT " + id_on(1) + "\n");
  CHECK(client.shard() == 1);
  CHECK(client.said() == "RESULT 1 0\n");
  CHECK(fixture.flow.find_session(id_on(1)) != nullptr);
  CHECK(client.say("PUB t x 0") == "RESULT 2 0\n");
  CHECK(fixture.protocol.events == Texts{"open"});  // once, although there was a machine on each shard
}

TEST_CASE("the plugin's timer goes along when the connection moves") {
  ProtocolFixture fixture;
  LineClient client(fixture, 0);
  client.say("TIMER 500");
  client.say("CONNECT " + id_on(1));
  CHECK(client.shard() == 1);
  fixture.after_ms(400);
  CHECK(fixture.protocol.events == Texts{"open"});
  fixture.after_ms(200);
  CHECK(fixture.protocol.events == Texts{"open", "timer"});
  client.say("TIMER 100");
  client.say("TIMER 0");
  fixture.after_ms(300);
  CHECK(fixture.protocol.events.size() == 2);
}

TEST_CASE("an empty client id is assigned, and told") {
  ProtocolFixture fixture;
  LineClient client(fixture);
  client.say("CONNECT");
  REQUIRE(fixture.protocol.results.size() == 1);
  CHECK(fixture.protocol.results[0].starts_with("1 0 "));
  CHECK(fixture.protocol.results[0].size() > 6);
}

TEST_CASE("authentication decides about it, also later; a refusal is a result, and closing is the plugin's business") {
  ProtocolFixture fixture;
  std::vector<std::string> asked;
  std::vector<base::Token> open;
  const ChainListener<access::AuthenticateEvent> authenticator(
      fixture.flow, fixture.flow.access_points.authenticate, base::Phase::decide,
      [&](access::AuthenticateEvent& event, base::Token token) {
        asked.push_back(std::string(event.client->username()) + '/' + std::string(event.client->protocol_name()));
        if (event.client->username() != "slow") return base::Verdict::denies();
        open.push_back(token);
        return base::Verdict::defers();
      });
  {
    fixture.protocol.username = "ann";
    fixture.protocol.password = "secret";
    LineClient client(fixture);
    client.say("CONNECT " + id_on(0));
    CHECK(asked == Texts{"ann/LINE"});
    REQUIRE(fixture.protocol.results.size() == 1);
    CHECK(fixture.protocol.results[0].starts_with("1 13"));  // 0x80 and above: refused
    CHECK_FALSE(client.closed());
    fixture.after_ms(1'200);  // unless it does nothing
    client.settle();
    CHECK(client.closed());
  }
  fixture.protocol.username = "slow";
  fixture.protocol.results.clear();
  LineClient client(fixture);
  client.say("CONNECT " + id_on(0));
  REQUIRE(open.size() == 1);
  CHECK(fixture.protocol.results.empty());
  CHECK(client.paused());  // what comes behind waits
  fixture.flow.turn(
      0, [&] { static_cast<void>(fixture.flow.environment(0).deferrals.complete(open[0], base::Verdict::allows())); });
  client.settle();
  CHECK(fixture.protocol.results.size() == 1);
  CHECK_FALSE(client.paused());
}

TEST_CASE("messages go from the plugin's client to MQTT clients and back, with every QoS") {
  ProtocolFixture fixture;
  TestClient mqtt(fixture.flow);
  mqtt.connect();
  mqtt.subscribe("up/#");
  LineClient client(fixture);
  client.say("CONNECT " + id_on(0));
  CHECK(client.say("SUB down/# 2 7") == "RESULT 2 0 qos 2\n");
  for (int qos = 0; qos <= 2; ++qos) {
    const std::string number = std::to_string(qos);
    CHECK(client.say("PUB up/a " + number + ' ' + number) == "RESULT " + std::to_string(3 + qos) + " 0 receivers 1\n");
    mqtt.publish("down/b", number, static_cast<mqtt::Qos>(qos));
    client.settle();
  }
  const auto got = mqtt.publishes();
  REQUIRE(got.size() == 3);
  CHECK(got[2].qos == mqtt::Qos::exactly_once);
  CHECK(fixture.protocol.deliveries == Texts{"down/b 0 qos 0 id 7", "down/b 1 qos 1 id 7", "down/b 2 qos 2 id 7"});
  CHECK(fixture.flow.find_session(id_on(0))->inflight_messages() == 0);  // all exchanges were completed
  CHECK(client.say("UNSUB down/#") == "RESULT 6 0\n");
  mqtt.publish("down/b", "late");
  client.settle();
  CHECK(fixture.protocol.deliveries.size() == 3);
}

TEST_CASE("many messages of QoS 2 one after the other use their packet identifiers again") {
  ProtocolFixture fixture;
  LineClient client(fixture);
  client.say("CONNECT " + id_on(0));
  std::string lines;
  for (int i = 0; i < 500; ++i) lines += "PUB t x 2\n";
  client.send(lines);
  client.settle();
  CHECK(fixture.protocol.results.size() == 501);
  CHECK(fixture.flow.find_session(id_on(0))->inbound_size() == 0);
}

TEST_CASE("a publish that waits for a hook holds back what comes behind it, and is told when it is decided") {
  ProtocolFixture fixture;
  std::vector<base::Token> open;
  const ChainListener<hooks::PublishAcceptEvent> hook(fixture.flow, fixture.flow.hook_points.publish_accept,
                                                      base::Phase::decide,
                                                      [&](hooks::PublishAcceptEvent&, base::Token token) {
                                                        open.push_back(token);
                                                        return base::Verdict::defers();
                                                      });
  LineClient client(fixture);
  client.say("CONNECT " + id_on(0));
  client.send("PUB t x 0\nPUB t y 0\n");
  REQUIRE(open.size() == 1);
  CHECK(fixture.protocol.results.size() == 1);
  CHECK(client.paused());
  for (size_t i = 0; i < 2; ++i) {
    fixture.flow.turn(0, [&] {
      static_cast<void>(fixture.flow.environment(0).deferrals.complete(open.at(i), base::Verdict::proceeds()));
    });
    client.settle();
  }
  CHECK(fixture.protocol.results == Texts{"1 0", "2 0", "3 0"});
}

TEST_CASE("sessions live on between connections; what was not acknowledged comes again") {
  ProtocolFixture fixture;
  fixture.protocol.session_expiry_interval_s = 100;
  fixture.protocol.clean_start = false;
  fixture.protocol.acknowledges = false;
  TestClient mqtt(fixture.flow);
  mqtt.connect();
  {
    LineClient client(fixture);
    client.say("CONNECT " + id_on(0));
    client.say("SUB t 1 0");
    mqtt.publish("t", "1", mqtt::Qos::at_least_once);
    client.settle();
    CHECK(fixture.protocol.deliveries == Texts{"t 1 qos 1"});
    client.drop();
    CHECK(fixture.protocol.events.back() == "close 0");
  }
  mqtt.publish("t", "2", mqtt::Qos::at_least_once);
  fixture.settle();
  fixture.protocol.acknowledges = true;
  fixture.protocol.deliveries.clear();
  fixture.protocol.results.clear();
  LineClient client(fixture);
  client.say("CONNECT " + id_on(0));
  CHECK(fixture.protocol.results == Texts{"3 0 present"});
  CHECK(fixture.protocol.deliveries == Texts{"t 1 qos 1 again", "t 2 qos 1"});
  CHECK(fixture.flow.find_session(id_on(0))->inflight_messages() == 0);
}

TEST_CASE("acknowledgements name deliveries that are open; credit bounds how many are") {
  ProtocolFixture fixture;
  fixture.protocol.acknowledges = false;
  fixture.protocol.receive_maximum = 2;
  TestClient mqtt(fixture.flow);
  mqtt.connect();
  LineClient client(fixture);
  client.say("CONNECT " + id_on(0));
  client.say("SUB t 1 0");
  for (const char* payload : {"1", "2", "3", "4", "5"}) mqtt.publish("t", payload, mqtt::Qos::at_least_once);
  client.settle();
  CHECK(fixture.protocol.deliveries.size() == 2);
  patchbay_connection* connection = fixture.protocol.last->connection;
  const patchbay_broker_client& host = fixture.protocol.host;
  fixture.flow.turn(0, [&] {
    CHECK(host.ack(connection, 999, 0) == PATCHBAY_NOT_FOUND);
    CHECK(host.ack(connection, fixture.protocol.open_deliveries[0], 0) == PATCHBAY_OK);
    CHECK(host.ack(connection, fixture.protocol.open_deliveries[0], 0) == PATCHBAY_NOT_FOUND);
  });
  client.settle();
  CHECK(fixture.protocol.deliveries.size() == 3);
  fixture.flow.turn(0, [&] { CHECK(host.credit(connection, 10) == PATCHBAY_OK); });
  client.settle();
  CHECK(fixture.protocol.deliveries.size() == 5);
}

TEST_CASE("a sleeping client, with a credit of 0, gets QoS 0 only") {
  ProtocolFixture fixture;
  TestClient mqtt(fixture.flow);
  mqtt.connect();
  LineClient client(fixture);
  client.say("CONNECT " + id_on(0));
  client.say("SUB t 1 0");
  fixture.flow.turn(0, [&] { fixture.protocol.host.credit(fixture.protocol.last->connection, 0); });
  mqtt.publish("t", "1", mqtt::Qos::at_least_once);
  client.settle();
  CHECK(fixture.protocol.deliveries.empty());
  fixture.flow.turn(0, [&] { fixture.protocol.host.credit(fixture.protocol.last->connection, 5); });
  client.settle();
  CHECK(fixture.protocol.deliveries.size() == 1);
}

TEST_CASE("what a turn brings for a client comes in one call, at the end of the turn") {
  ProtocolFixture fixture;
  LineClient client(fixture);
  LineClient other(fixture);
  client.say("CONNECT " + id_on(0));
  client.say("SUB t 0 0");
  other.say("CONNECT " + id_on(1));
  other.say("SUB t 0 0");
  fixture.protocol.batches.clear();
  fixture.flow.turn(0, [&] {
    for (const char* payload : {"1", "2", "3"}) {
      mqtt::MessageFields fields;
      fields.topic = "t";
      fields.payload = {reinterpret_cast<const uint8_t*>(payload), 1};
      static_cast<void>(session::publish_message(fixture.flow.environment(0), mqtt::Message::create(fields)));
    }
    CHECK(fixture.protocol.batches.empty());
    fixture.runs->end_of_turn();
    CHECK(fixture.protocol.batches == std::vector<size_t>{3});
    CHECK(fixture.runs->empty());
  });
  fixture.settle();
  CHECK(fixture.protocol.batches == std::vector<size_t>{3, 3});
}

TEST_CASE("a connection that leaves its shard before the turn ends is forgotten") {
  ProtocolFixture fixture;
  {
    LineClient client(fixture);
    client.say("CONNECT " + id_on(0));
    client.say("SUB t 0 0");
    fixture.flow.turn(0, [&] {
      mqtt::MessageFields fields;
      fields.topic = "t";
      static_cast<void>(session::publish_message(fixture.flow.environment(0), mqtt::Message::create(fields)));
    });
    fixture.flow.turn(0, [&] { CHECK_FALSE(fixture.runs->empty()); });
  }
  fixture.settle();
  CHECK(fixture.protocol.batches.empty());
}

TEST_CASE("deliveries that the plugin does not take come again, in order, none twice") {
  ProtocolFixture fixture;
  TestClient mqtt(fixture.flow);
  mqtt.connect();
  LineClient client(fixture);
  client.say("CONNECT " + id_on(0));
  client.say("SUB t 1 0");
  fixture.protocol.takes = 1;
  for (const char* payload : {"1", "2", "3", "4"}) {
    mqtt.publish("t", payload, mqtt::Qos::at_least_once);
  }
  fixture.protocol.takes = 0;
  mqtt.publish("t", "5", mqtt::Qos::at_least_once);
  mqtt.publish("t", "6");
  client.settle();
  fixture.protocol.takes = SIZE_MAX;
  client.take_again();
  CHECK(fixture.protocol.deliveries ==
        Texts{"t 1 qos 1", "t 2 qos 1", "t 3 qos 1", "t 4 qos 1", "t 5 qos 1", "t 6 qos 0"});
  CHECK(fixture.flow.find_session(id_on(0))->inflight_messages() == 0);
}

TEST_CASE("a client that does not take output is told BUSY, and later that there is room") {
  ProtocolFixture fixture;
  LineClient client(fixture);
  client.say("CONNECT " + id_on(0));
  client.stop_taking();
  client.send("PUB t x 0\n");
  fixture.flow.turn(0, [&] {
    const patchbay_bytes span{reinterpret_cast<const uint8_t*>("x"), 1};
    CHECK(fixture.protocol.host.write(fixture.protocol.last->connection, &span, 1) == PATCHBAY_BUSY);
  });
  client.take_again();
  CHECK(fixture.protocol.events == Texts{"open", "writable"});
  CHECK(client.said() == "RESULT 2 0\nx");
}

TEST_CASE("disconnect ends the session in order, without the will; with it when asked, and when the network fails") {
  ProtocolFixture fixture;
  fixture.protocol.will_topic = "will";
  TestClient mqtt(fixture.flow);
  mqtt.connect();
  mqtt.subscribe("will");
  const auto wills_after = [&](auto&& ending) {
    LineClient client(fixture);
    client.say("CONNECT " + id_on(0));
    ending(client);
    client.settle();
    fixture.settle();
    return mqtt.publishes().size();
  };
  CHECK(wills_after([](LineClient& client) { client.say("BYE"); }) == 0);
  CHECK(wills_after([](LineClient& client) { client.say("DIE"); }) == 1);
  CHECK(wills_after([](LineClient& client) { client.drop(); }) == 1);
  CHECK(fixture.flow.find_session(id_on(0)) == nullptr);
}

TEST_CASE("a client that is taken over, also by MQTT, says goodbye in its own way") {
  ProtocolFixture fixture;
  LineClient client(fixture);
  client.say("CONNECT " + id_on(0));
  TestClient mqtt(fixture.flow);
  ConnectOptions options;
  options.client_id = id_on(0);
  CHECK(mqtt.connect(options).reason == mqtt::ReasonCode::success);
  CHECK(client.said() == "GOODBYE\n");
  CHECK(client.closed());
  CHECK(client.close_reason() == CloseReason::taken_over);
  CHECK(fixture.protocol.events == Texts{"open", "kick 3", "close 3"});
  // And the other way round.
  LineClient other(fixture);
  other.say("CONNECT " + id_on(0));
  CHECK(mqtt.next_packet().reason == mqtt::ReasonCode::session_taken_over);
}

TEST_CASE("a plugin that does not say goodbye is closed after a second") {
  ProtocolFixture fixture;
  fixture.protocol.closes_when_kicked = false;
  LineClient client(fixture);
  client.say("CONNECT " + id_on(0));
  client.kick(CloseReason::kicked);
  CHECK(fixture.protocol.events == Texts{"open", "kick 2"});
  CHECK_FALSE(client.closed());
  fixture.after_ms(1'100);
  client.settle();
  CHECK(client.closed());
  CHECK(fixture.flow.find_session(id_on(0)) == nullptr);
}

TEST_CASE("keep alive is the host's: silence ends the connection, any bytes prolong it") {
  ProtocolFixture fixture;
  fixture.protocol.keep_alive_s = 10;
  LineClient client(fixture);
  client.say("CONNECT " + id_on(0));
  fixture.after_ms(10'000);
  client.send("no line yet");
  fixture.after_ms(10'000);
  client.settle();
  CHECK_FALSE(client.closed());
  fixture.after_ms(6'000);
  client.settle();
  CHECK(client.closed());
  CHECK(fixture.protocol.events == Texts{"open", "kick 6", "close 6"});
}

TEST_CASE("whoever does not connect in time is closed") {
  ProtocolFixture fixture;
  LineClient client(fixture);
  fixture.after_ms(fixture.flow.environment(0).limits->connect_timeout_ms + 100);
  client.settle();
  CHECK(client.closed());
  CHECK(client.close_reason() == CloseReason::connect_timeout);
  CHECK(fixture.protocol.events == Texts{"open", "close 6"});
}

TEST_CASE("bytes beyond what the protocol lets wait end the connection") {
  ProtocolFixture fixture;
  LineClient client(fixture);
  client.send(std::string(64, 'x'));
  CHECK_FALSE(client.closed());
  client.send("y");
  CHECK(client.closed());
  CHECK(client.close_reason() == CloseReason::limit);
}

TEST_CASE("operations before connect, after the end, or that cannot be, are refused at once") {
  test::RecordingLog log;
  ProtocolFixture fixture;
  LineClient client(fixture);
  CHECK(client.say("PUB t x 0") == "PUB status 12\n");
  CHECK(client.say("SUB t 0 0") == "SUB status 12\n");
  CHECK(client.say("UNSUB t") == "UNSUB status 12\n");
  client.say("CONNECT " + id_on(0));
  CHECK(client.say("CONNECT again") == "CONNECT status 2\n");
  CHECK(client.say("SUB t 3 0") == "SUB status 2\n");
  CHECK(client.say("SUB \xff 0 0") == "SUB status 2\n");
  CHECK(client.say("PUB a/+ x 0") == "PUB status 2\n");
  CHECK(client.say("SUB a/#/b 0 0").find(" 143") != std::string::npos);  // topic filter invalid
}

TEST_CASE("a plugin may refuse a connection; one that throws loses it") {
  test::RecordingLog log;
  ProtocolFixture fixture;
  fixture.protocol.refuses = true;
  {
    LineClient client(fixture);
    client.settle();
    CHECK(client.closed());
    CHECK(fixture.protocol.events.empty());
  }
  fixture.protocol.refuses = false;
  fixture.protocol.throws = true;
  LineClient client(fixture);
  client.say("CONNECT x");
  CHECK(client.closed());
  CHECK(fixture.protocol.events == Texts{"open", "close 0"});
  REQUIRE_FALSE(log.lines.empty());
  CHECK(log.lines[0].find("a protocol has thrown: line protocol") != std::string::npos);
}

TEST_CASE("names of protocols are kept once, for ever") {
  const std::string name = "SOME-NAME";
  const std::string_view kept = plugin_protocols::interned(name);
  CHECK(kept == name);
  CHECK(kept.data() != name.data());
  CHECK(plugin_protocols::interned(std::string(name)).data() == kept.data());
}
