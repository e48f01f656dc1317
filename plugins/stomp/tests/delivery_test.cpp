// Subscriptions, MESSAGE frames, acknowledgements, transactions: on the fake host.
#include "state_codec.h"
#include "stomp_client.h"

using namespace patchbay::stomp;        // NOLINT: test
using namespace patchbay::stomp::test;  // NOLINT: test
using namespace std::string_literals;
using patchbay::testing::message_fields;

namespace {

using Acks = std::vector<std::pair<std::uint64_t, std::uint8_t>>;

message_fields message(const std::string& topic, const std::string& payload, std::uint8_t qos = 1) {
  return {.topic = topic, .payload = payload, .qos = qos};
}

StompClient subscribed(StompHost& on, const std::string& headers, Version version = Version::v1_2) {
  StompClient client = StompClient::connected(on, version);
  client.tell("SUBSCRIBE\nid:s\ndestination:/topic/a.#\n" + headers + "\n");
  return client;
}

}  // namespace

TEST_CASE("stomp delivery: a MESSAGE says all that the message has") {
  StompHost on;
  StompClient client = subscribed(on, "");
  message_fields full = message("a/b.c", "x\0y"s);
  full.retain = true;
  full.content_type = "text/plain";
  full.correlation_data = "7";
  full.response_topic = "re/ply";
  full.expiry_s = 60;
  full.user_properties = {{"colour", "red"}, {"colour", "blue"}, {"destination", "not mine"}, {"na:me", "l1\nl2"}};
  CHECK(client.deliver({full}) == 1);
  const auto frames = client.receive();
  REQUIRE(frames.size() == 1);
  const Answer& frame = frames.front();
  CHECK(frame.command == "MESSAGE");
  CHECK(frame.body == "x\0y"s);
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  CHECK(frame.headers == Pairs{{"subscription", "s"},
                               {"message-id", "1-1"},
                               {"destination", "/topic/a.b%2Ec"},
                               {"content-length", "3"},
                               {"qos", "1"},
                               {"retain", "true"},
                               {"message-expiry-interval", "60"},
                               {"content-type", "text/plain"},
                               {"reply-to", "/topic/re.ply"},
                               {"correlation-id", "7"},
                               {"colour", "red"},
                               {"colour", "blue"},
                               {"na:me", "l1\nl2"}});
  CHECK(on.host.store.metric("stomp_headers_omitted_total") == 1);
  CHECK(client.raw->acknowledged() == Acks{{1, 0}});  // auto: what was written is done
}

TEST_CASE("stomp delivery: correlation data that is no text goes as base64, and comes back") {
  StompHost on;
  StompClient client = subscribed(on, "");
  message_fields binary = message("a", "");
  binary.correlation_data = "\xff\0\x01"s;
  client.deliver({binary});
  const std::string coded = client.receive().front().value("correlation-id-base64");
  CHECK(coded == "/wAB");
  client.tell("SEND\ndestination:a\ncorrelation-id-base64:" + coded + "\n\n");
  CHECK(on.host.published().front().correlation_data == binary.correlation_data);
}

TEST_CASE("stomp delivery: 1.0 gets no header that it could misread") {
  StompHost on;
  StompClient client = subscribed(on, "", Version::v1_0);
  message_fields sly = message("a", "x");
  sly.user_properties = {{"x", "1\ndestination:/topic/evil"}, {"y:z", "2"}, {"plain", "v:w"}};
  client.deliver({sly});
  const Answer frame = client.receive().front();
  CHECK(frame.value("x") == "<none>");
  CHECK(frame.value("y") == "<none>");
  CHECK(frame.value("plain") == "v:w");
  CHECK(frame.value("ack") == "<none>");
  CHECK(on.host.store.metric("stomp_headers_omitted_total") == 2);
}

TEST_CASE("stomp delivery: a destination is told in the form in which it was asked for") {
  StompHost on;
  StompClient client = StompClient::connected(on);
  client.tell("SUBSCRIBE\nid:plain\ndestination:a/+\n\n");
  client.tell("SUBSCRIBE\nid:queue\ndestination:/queue/a.*\n\n");
  CHECK(client.raw->subscriptions().contains("$share/stomp/a/+"));
  client.deliver({message("a/b", "")}, 1);
  CHECK(client.receive().front().value("destination") == "a/b");
  client.deliver({message("a/b", "")}, 2);
  CHECK(client.receive().front().value("destination") == "/queue/a.b");
}

TEST_CASE("stomp delivery: two subscriptions to one destination both get it; of a queue, one after the other") {
  StompHost on;
  StompClient client = StompClient::connected(on);
  for (const std::string& id : std::vector<std::string>{"1", "2"})
    client.tell("SUBSCRIBE\nid:" + id + "\ndestination:/topic/a\nack:client\n\n");
  client.deliver({message("a", "x")}, 1);
  const auto both = client.receive();
  REQUIRE(both.size() == 2);
  client.tell("ACK\nid:" + both[0].value("ack") + "\n\n");
  CHECK(client.raw->acknowledged().empty());
  client.tell("NACK\nid:" + both[1].value("ack") + "\n\n");
  CHECK(client.raw->acknowledged() == Acks{{1, 0x83}});
  for (const std::string& id : std::vector<std::string>{"3", "4"})
    client.tell("SUBSCRIBE\nid:" + id + "\ndestination:/queue/q\n\n");
  client.deliver({message("q", "x"), message("q", "y")}, 2);
  const auto turns = client.receive();
  REQUIRE(turns.size() == 2);
  CHECK(turns[0].value("subscription") == "3");
  CHECK(turns[1].value("subscription") == "4");
}

TEST_CASE("stomp delivery: client acknowledges all up to one, client-individual only that one") {
  StompHost on;
  for (const std::string& mode : std::vector<std::string>{"client", "client-individual"}) {
    StompClient client = subscribed(on, "ack:" + mode + "\n");
    client.deliver({message("a", "1"), message("a", "2"), message("a", "3")});
    const auto frames = client.receive();
    REQUIRE(frames.size() == 3);
    CHECK(client.raw->acknowledged().empty());
    CHECK(client.ask("ACK\nid:" + frames[1].value("ack") + "\nreceipt:r\n\n").command == "RECEIPT");
    if (mode == "client") {
      CHECK(client.raw->acknowledged() == Acks{{1, 0}, {2, 0}});
    } else {
      CHECK(client.raw->acknowledged() == Acks{{2, 0}});
    }
    CHECK(client.error("ACK\nid:" + frames[1].value("ack") + "\n\n") == "There is no such message to acknowledge");
  }
}

TEST_CASE("stomp delivery: before 1.2 a message is acknowledged by its message-id") {
  StompHost on;
  StompClient client = subscribed(on, "ack:client\n", Version::v1_1);
  client.deliver({message("a", "1")});
  const Answer frame = client.receive().front();
  CHECK(frame.value("ack") == "<none>");
  client.tell("ACK\nsubscription:s\nmessage-id:" + frame.value("message-id") + "\n\n");
  CHECK(client.raw->acknowledged() == Acks{{1, 0}});
  StompClient old = StompClient::connected(on, Version::v1_0);
  old.tell("SUBSCRIBE\ndestination:/topic/a\nack:client\n\n");
  old.deliver({message("a", "1")});
  const Answer plain = old.receive().front();
  CHECK(plain.value("subscription") == "<none>");
  old.tell("ACK\nmessage-id:" + plain.value("message-id") + "\n\n");
  CHECK(old.raw->acknowledged() == Acks{{1, 0}});
  old.tell("UNSUBSCRIBE\ndestination:/topic/a\n\n");
  CHECK(old.error("NACK\nmessage-id:1-1\n\n") == "There is no such command");
}

TEST_CASE("stomp delivery: QoS 0 has an id too, and acknowledging it costs nothing") {
  StompHost on;
  StompClient client = subscribed(on, "ack:client-individual\nprefetch-count:1\n");
  client.deliver({message("a", "1", 0), message("a", "2", 0)});
  const auto frames = client.receive();
  REQUIRE(frames.size() == 2);
  client.tell("ACK\nid:" + frames[1].value("ack") + "\n\n");
  client.tell("ACK\nid:" + frames[0].value("ack") + "\n\n");
  CHECK(client.raw->acknowledged().empty());
  CHECK(client.error("ACK\nid:1-9-0\n\n") == "There is no such message to acknowledge");
}

TEST_CASE("stomp delivery: prefetch-count is the credit; other subscriptions don't wait for it") {
  StompHost on;
  StompClient client = subscribed(on, "ack:client-individual\nprefetch-count:2\n");
  client.tell("SUBSCRIBE\nid:other\ndestination:/topic/b\n\n");
  CHECK(client.deliver({message("a", "1"), message("a", "2"), message("a", "3"), message("a", "4")}) == 4);
  const auto first = client.receive();
  REQUIRE(first.size() == 2);
  client.deliver({message("b", "now")}, 2);
  CHECK(client.receive().front().body == "now");
  const Answer third = client.ask("ACK\nid:" + first[0].value("ack") + "\n\n");
  CHECK(third.body == "3");
  const Answer fourth = client.ask("NACK\nid:" + third.value("ack") + "\n\n");
  CHECK(fourth.body == "4");
  CHECK(on.host.store.metric("stomp_messages_refused_total") == 1);
  CHECK(client.raw->acknowledged() == Acks{{5, 0}, {1, 0}, {3, 0x83}});
}

TEST_CASE("stomp delivery: the broker sends no more than max_unacknowledged, and UNSUBSCRIBE gives all back") {
  StompHost on(R"({"max_unacknowledged": 3})");
  StompClient client = subscribed(on, "ack:client\nprefetch-count:1\n");
  client.deliver({message("a", "1"), message("a", "2")});
  const auto frames = client.receive();
  REQUIRE(frames.size() == 1);
  CHECK(client.ask("UNSUBSCRIBE\nid:s\nreceipt:u\n\n").command == "RECEIPT");
  CHECK(client.raw->acknowledged() == Acks{{1, 0}, {2, 0}});
  CHECK(client.raw->subscriptions().empty() == true);
  client.tell("ACK\nid:" + frames[0].value("ack") + "\n\n");  // it may be on its way still
  CHECK(client.deliver({message("a", "late")}) == 1);
  CHECK(client.receive().empty());
  CHECK(client.raw->acknowledged().size() == 3);
}

TEST_CASE("stomp delivery: who takes no more gets the rest later") {
  StompHost on;
  StompClient client = subscribed(on, "");
  client.raw->write_busy = true;
  const std::string large(40'000, 'x');
  CHECK(client.deliver({message("a", large), message("a", large), message("a", large)}) == 1);
  client.raw->become_writable();
  CHECK(client.deliver({message("a", large), message("a", large)}) == 2);
  CHECK(client.receive().size() == 3);
}

TEST_CASE("stomp transactions: COMMIT does all, ABORT nothing") {
  StompHost on;
  StompClient client = subscribed(on, "ack:client\n");
  client.deliver({message("a", "1"), message("a", "2")});
  const auto frames = client.receive();
  client.tell("BEGIN\ntransaction:t\n\n");
  client.tell("SEND\ndestination:/topic/x\ntransaction:t\n\n1");
  CHECK(client.ask("SEND\ndestination:/topic/y\ntransaction:t\nreceipt:kept\n\n2").value("receipt-id") == "kept");
  client.tell("ACK\nid:" + frames[0].value("ack") + "\ntransaction:t\n\n");
  client.tell("BEGIN\ntransaction:u\n\n");
  client.tell("SEND\ndestination:/topic/z\ntransaction:u\n\n3");
  client.tell("ACK\nid:" + frames[1].value("ack") + "\ntransaction:u\n\n");
  CHECK(on.host.published().empty());
  CHECK(client.raw->acknowledged().empty());
  client.tell("ABORT\ntransaction:u\n\n");
  CHECK(client.ask("COMMIT\ntransaction:t\nreceipt:done\n\n").value("receipt-id") == "done");
  const auto published = on.host.published();
  REQUIRE(published.size() == 2);
  CHECK(published[0].topic == "x");
  CHECK(published[1].payload == "2");
  CHECK(client.raw->acknowledged() == Acks{{1, 0}});
  CHECK(client.error("COMMIT\ntransaction:t\n\n") == "There is no such transaction");
}

TEST_CASE("stomp transactions: a frame that is wrong leaves nothing half done") {
  StompHost on;
  StompClient client = StompClient::connected(on);
  client.tell("BEGIN\ntransaction:t\n\n");
  client.tell("SEND\ndestination:/topic/x\ntransaction:t\n\n1");
  client.tell("SEND\ndestination:/topic/#\ntransaction:t\n\n1");
  CHECK(client.error("COMMIT\ntransaction:t\n\n") == "The destination is not one to send to");
  CHECK(on.host.published().empty());
}

TEST_CASE("stomp transactions: one that the broker refuses is an ERROR with the receipt of COMMIT") {
  StompHost on;
  StompClient client = StompClient::connected(on);
  client.tell("BEGIN\ntransaction:t\n\n");
  CHECK(client.receive().empty());
  client.tell("SEND\ndestination:/topic/x\ntransaction:t\n\n1");
  client.raw->next_reason = 0x87;
  const Answer answer = client.ask("COMMIT\ntransaction:t\nreceipt:c\n\n");
  CHECK(answer.command == "ERROR");
  CHECK(answer.value("receipt-id") == "c");
}

TEST_CASE("stomp state: what is written is read, and half of it is not taken") {
  StateWriter writer;
  for (const std::uint64_t number : {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128}, UINT64_MAX}) {
    writer.number(number);
  }
  writer.text("a\0b"s);
  StateReader reader(writer.bytes());
  CHECK(reader.number() == 0);
  CHECK(reader.number() == 127);
  CHECK(reader.number() == 128);
  CHECK(reader.number() == UINT64_MAX);
  CHECK(reader.text() == "a\0b"s);
  CHECK(reader.at_end());
  CHECK(reader.number() == 0);
  CHECK_FALSE(reader.good());
  StateReader half(std::string_view(writer.bytes()).substr(0, 4));
  for (int i = 0; i < 5; ++i) static_cast<void>(half.number());
  CHECK_FALSE(half.at_end());
  StateWriter lies;
  lies.number(1'000'000);
  StateReader count(lies.bytes());
  CHECK(count.count() == 0);
  CHECK_FALSE(count.good());
}

TEST_CASE("stomp delivery: what the client has not asked for comes under a name that none of its subscriptions has") {
  StompHost on;
  StompClient client = subscribed(on, "");
  client.tell("SUBSCRIBE\nid:operator\ndestination:/topic/b\n\n");
  CHECK(client.deliver({message("x/y", "1"), message("x/z", "2", 0)}, 0) == 2);
  const auto frames = client.receive();
  REQUIRE(frames.size() == 2);
  CHECK(frames[0].value("subscription") == "operator-");
  CHECK(frames[0].value("message-id") == "3-1");
  CHECK(frames[0].value("destination") == "/topic/x.y");
  CHECK(frames[0].body == "1");
  CHECK(frames[1].value("message-id") == "3-2");
  CHECK(client.raw->acknowledged() == Acks{{1, 0}});
  client.tell("ACK\nid:3-1\n\n");  // nobody waits for it
  client.tell("SUBSCRIBE\nid:late\ndestination:/topic/c\n\n");
  CHECK(client.deliver({message("c", "own")}, 3) == 1);
  CHECK(client.receive().at(0).value("message-id") == "4-1");
  CHECK(client.error("SUBSCRIBE\nid:operator-\ndestination:/topic/d\n\n") ==
        "There is a subscription with this id already");
}

TEST_CASE("stomp delivery: a client of 1.0 that did not ask knows a message by its destination") {
  StompHost on;
  StompClient client = StompClient::connected(on, Version::v1_0);
  CHECK(client.deliver({message("x/y", "1", 0)}, 0) == 1);
  const auto frames = client.receive();
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].value("subscription") == "<none>");
  CHECK(frames[0].value("destination") == "/topic/x.y");
}
