// The rows of README.md's table of differences from RabbitMQ, one after the other, against the real broker.
#include "stomp_broker.h"

using namespace patchbay::stomp::test;  // NOLINT: test
using namespace patchbay::wire;         // NOLINT: test
using namespace std::string_literals;

namespace {

struct Door {
  std::uint16_t tcp = free_port();
  PluginBroker broker{"enabled = [\"stomp\"]\n" + plugin_text() + listener_text("tcp", tcp)};
  Door() {
    install(broker, PATCHBAY_STOMP_PLUGIN, "stomp.so");
    broker.start();
  }
  ~Door() { CHECK(broker.stop() == 0); }

  [[nodiscard]] StompSocket client() const { return StompSocket::connected(tcp); }
  [[nodiscard]] StompSocket client_of(const std::string& version) const {
    StompSocket client(tcp);
    REQUIRE(client.ask("CONNECT\naccept-version:" + version + "\nhost:x\n\n").value("version") == version);
    return client;
  }
  /// Whoever says this is told what is wrong, and the connection ends: the ERROR is all that comes.
  [[nodiscard]] std::string error(StompSocket client, const std::string& frame) const {
    INFO(frame);
    const Answer answer = client.ask(frame);
    CHECK(answer.command == "ERROR");
    CHECK(client.receive().command == "<closed>");
    return answer.value("message");
  }
  /// From another client, which waits until the broker has it.
  void publish(const std::string& destination, const std::string& body, const std::string& headers = {}) const {
    StompSocket sender = client();
    CHECK(sender.ask("SEND\ndestination:" + destination + "\nreceipt:sent\n" + headers + "\n" + body).command ==
          "RECEIPT");
  }
};

void subscribe(StompSocket& client, const std::string& headers) {
  CHECK(client.ask("SUBSCRIBE\nreceipt:subscribed\n" + headers + "\n").value("receipt-id") == "subscribed");
}

}  // namespace

TEST_CASE("stomp beside RabbitMQ: what is wrong is told, and closed, also where RabbitMQ lives on or says nothing") {
  const Door door;
  CHECK(door.error(door.client(), "CONNECT\naccept-version:1.2\nhost:x\n\n") == "The client is connected already");
  CHECK(door.error(door.client(), "SEND\ndestination:a\nno colon\n\n") == "A header has no colon");
  CHECK(door.error(door.client(), "SEND\ndestination:a\nx:\\t\n\n") == "A header has an undefined escape sequence");
  CHECK(door.error(door.client(), "SEND\ndestination:a\ncontent-length:two\n\nxy") == "content-length is not a number");
  CHECK(door.error(door.client(), "SEND\ndestination:a\ncontent-length:1\n\nxy") ==
        "There is no NUL behind the body of content-length bytes");
  CHECK(door.error(StompSocket(door.tcp), "CONNECT\naccept-version:1.2\nhost:x\n\nbody").find("without a body") !=
        std::string::npos);
  CHECK(door.error(door.client(), "SUBSCRIBE\nid:1\ndestination:a\n\nbody") == "SUBSCRIBE must not have a body");
  CHECK(door.error(door.client(), "UNSUBSCRIBE\nid:9\nreceipt:r\n\n") == "There is no such subscription");
  for (const char* version : {"1.1", "1.2"})
    CHECK(door.error(door.client_of(version), "SUBSCRIBE\ndestination:a\n\n") == "SUBSCRIBE has no id");
  CHECK(door.error(door.client(), "SUBSCRIBE\nid:1\ndestination:a\nselector:a = 1\n\n") ==
        "Selectors are not supported");
  CHECK(door.error(door.client(), "ACK\nid:1-1\nreceipt:r\n\n") == "There is no such message to acknowledge");
  CHECK(door.error(door.client(), "SEND\ndestination:/topic/a.*\n\n") == "The destination is not one to send to");
  StompSocket begun = door.client();
  begun.send("BEGIN\ntransaction:t\n\n");
  CHECK(door.error(std::move(begun), "BEGIN\ntransaction:t\n\n") == "The transaction has begun already");
}

TEST_CASE("stomp beside RabbitMQ: CR is part of a value in 1.1; what has no known prefix is a topic") {
  const Door door;
  StompSocket receiver = door.client();
  subscribe(receiver, "id:1\ndestination:plain/x\n");
  StompSocket sender = door.client_of("1.1");
  CHECK(sender.ask("SEND\ndestination:plain/x\nown:v\r\nreceipt:r\n\nhello").command == "RECEIPT");
  const Answer message = receiver.receive();
  CHECK(message.value("destination") == "plain/x");
  CHECK(message.value("own") == "v\r");
  CHECK(message.value("redelivered") == "<none>");
}

TEST_CASE("stomp beside RabbitMQ: a queue keeps nothing before it has a subscriber, nor what was refused") {
  const Door door;
  door.publish("/queue/jobs", "early");
  StompSocket worker = door.client();
  subscribe(worker, "id:1\ndestination:/queue/jobs\nack:client-individual\n");
  door.publish("/queue/jobs", "refused");
  const Answer refused = worker.receive();
  CHECK(refused.body == "refused");
  CHECK(worker.ask("NACK\nid:" + refused.value("ack") + "\nreceipt:n\n\n").value("receipt-id") == "n");
  door.publish("/queue/jobs", "next");
  const Answer next = worker.receive();
  CHECK(next.body == "next");
  CHECK(next.value("redelivered") == "<none>");
}

TEST_CASE("stomp beside RabbitMQ: frames of a transaction have their receipts at once, also before ABORT") {
  const Door door;
  StompSocket client = door.client();
  client.send("BEGIN\ntransaction:t\n\n");
  CHECK(client.ask("SEND\ndestination:a\ntransaction:t\nreceipt:kept\n\nx").value("receipt-id") == "kept");
  CHECK(client.ask("ABORT\ntransaction:t\nreceipt:gone\n\n").value("receipt-id") == "gone");
}

TEST_CASE("stomp beside RabbitMQ: the message that an ACK makes room for comes in front of its RECEIPT") {
  const Door door;
  StompSocket client = door.client();
  subscribe(client, "id:1\ndestination:a\nack:client-individual\nprefetch-count:1\n");
  subscribe(client, "id:2\ndestination:b\n");
  StompSocket sender = door.client();
  for (const char* frame : {"SEND\ndestination:a\n\n1", "SEND\ndestination:a\n\n2", "SEND\ndestination:b\n\n3"})
    sender.send(frame);
  const Answer first = client.receive();
  CHECK(first.body == "1");
  CHECK(client.receive().body == "3");  // sent behind 2, which is there then too, and waits for room
  CHECK(client.ask("ACK\nid:" + first.value("ack") + "\nreceipt:r\n\n").body == "2");
  CHECK(client.receive().value("receipt-id") == "r");
}
