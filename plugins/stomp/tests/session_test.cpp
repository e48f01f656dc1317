// Clients on the fake host: what a frame asks for, and what is answered.
#include "stomp_client.h"

using namespace patchbay::stomp;        // NOLINT: test
using namespace patchbay::stomp::test;  // NOLINT: test
using namespace std::string_literals;
using namespace std::chrono_literals;

TEST_CASE("stomp session: CONNECT and STOMP let a client in, with the version both speak") {
  StompHost on;
  for (const std::string& command : std::vector<std::string>{"CONNECT", "STOMP"}) {
    StompClient client(on);
    const Answer answer = client.ask(command +
                                     "\r\naccept-version:1.0,1.1,1.2\r\nhost:x\r\nlogin:ann\r\npasscode:a:b\\c\r\n"
                                     "client-id:c1\r\n\r\n");
    CHECK(answer.command == "CONNECTED");
    CHECK(answer.value("version") == "1.2");
    CHECK(answer.value("session") == "c1");
    CHECK(answer.value("heart-beat") == "10000,10000");
    CHECK(client.raw->client_id() == "c1");
    CHECK(client.raw->username() == "ann");
    CHECK(client.raw->password() == "a:b\\c");
  }
}

TEST_CASE("stomp session: without accept-version it is 1.0, and spaces don't count") {
  StompHost on;
  StompClient client(on, Version::v1_0);
  const Answer answer = client.ask("CONNECT\nlogin: ann\npasscode: x\n\n");
  CHECK(answer.command == "CONNECTED");
  CHECK(answer.value("version") == "1.0");
  CHECK(answer.value("heart-beat") == "<none>");
  CHECK(client.raw->username() == "ann");
  CHECK(client.raw->password() == "x");
}

TEST_CASE("stomp session: what cannot be the beginning gets an ERROR and the end") {
  StompHost on;
  const std::pair<std::string, std::string> openings[] = {
      {"SEND\ndestination:/topic/a\n\n", "The first frame must be CONNECT or STOMP"},
      {"CONNECT\naccept-version:2.0\n\n", "Supported protocol versions are 1.0, 1.1 and 1.2"},
      {"CONNECT\naccept-version:1.2\nheart-beat:x\n\n", "heart-beat is not two numbers"},
      {"CONNECT\naccept-version:1.2\n\nbody",
       "The first frame must be CONNECT or STOMP, without a body and with headers within frame.max_headers and "
       "frame.max_headers_length"},
      {"GET / HTTP/1.1\n\n", "This is not a STOMP command"}};
  for (const auto& [frame, message] : openings) {
    INFO(frame);
    StompClient client(on);
    CHECK(client.error(frame) == message);
  }
}

TEST_CASE("stomp session: a refused login is an ERROR") {
  StompHost on;
  StompClient client(on);
  client.raw->next_reason = 0x87;
  CHECK(client.error("CONNECT\naccept-version:1.2\n\n") == "Bad CONNECT");
}

TEST_CASE("stomp session: frames behind CONNECT wait for its answer") {
  StompHost on;
  StompClient client(on);
  client.raw->feed("CONNECT\naccept-version:1.2\n\n\0SEND\ndestination:/topic/a\n\nx\0"s);
  CHECK(client.receive().size() == 1);
  REQUIRE(on.host.published().size() == 1);
  CHECK(on.host.published().front().topic == "a");
}

TEST_CASE("stomp session: SEND becomes a message with all that its headers say") {
  StompHost on;
  StompClient client = StompClient::connected(on);
  const Answer answer = client.ask(
      "SEND\ndestination:/topic/a.b\ncontent-type:text/plain\ncontent-length:3\nqos:2\nretain:true\ncorrelation-id:7\n"
      "reply-to:/topic/re.ply\nmessage-expiry-interval:60\ncolour:red\ncolour:blue\nna\\cme:va\\nlue\nreceipt:r1\n\n"
      "a\0b"s);
  CHECK(answer.command == "RECEIPT");
  CHECK(answer.value("receipt-id") == "r1");
  const auto published = on.host.published();
  REQUIRE(published.size() == 1);
  const auto& message = published.front();
  CHECK(message.topic == "a/b");
  CHECK(message.payload == "a\0b"s);
  CHECK(message.qos == 2);
  CHECK(message.retain);
  CHECK(message.content_type == "text/plain");
  CHECK(message.correlation_data == "7");
  CHECK(message.response_topic == "re/ply");
  CHECK(message.expiry_s == 60);
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  CHECK(message.user_properties == Pairs{{"colour", "red"}, {"colour", "blue"}, {"na:me", "va\nlue"}});
}

TEST_CASE("stomp session: QoS is what the settings say where the header doesn't") {
  StompHost on(R"({"send_qos": 0, "subscribe_qos": 2})");
  StompClient client = StompClient::connected(on);
  client.tell("SEND\ndestination:a\n\n");
  CHECK(on.host.published().front().qos == 0);
  client.tell("SUBSCRIBE\nid:0\ndestination:a\n\n");
  client.tell("SUBSCRIBE\nid:1\ndestination:b\nqos:0\n\n");
  CHECK(client.raw->subscriptions() == std::map<std::string, std::uint8_t>{{"a", 2}, {"b", 0}});
}

TEST_CASE("stomp session: frames that say something impossible get an ERROR and the end") {
  StompHost on;
  const std::pair<std::string, std::string> frames[] = {
      {"SEND\n\n", "SEND has no destination"},
      {"SEND\ndestination:/topic/a.*\n\n", "The destination is not one to send to"},
      {"SEND\ndestination:a\nqos:3\n\n", "qos is not 0, 1 or 2"},
      {"SEND\ndestination:a\nretain:yes\n\n", "retain is neither true nor false"},
      {"SEND\ndestination:a\nreply-to:#\n\n", "reply-to is no destination"},
      {"SEND\ndestination:a\nmessage-expiry-interval:x\n\n", "message-expiry-interval is not a number of seconds"},
      {"SEND\ndestination:a\ncorrelation-id-base64:x\n\n", "correlation-id-base64 is not base64"},
      {"SEND\ndestination:a\npayload-format-indicator:1\n\n\xff",
       "The body is not UTF-8, as payload-format-indicator says"},
      {"SEND\ndestination:a\ntransaction:t\n\n", "There is no such transaction"},
      {"SEND\ndestination:a\nx:\\t\n\n", "A header has an undefined escape sequence"},
      {"SUBSCRIBE\ndestination:a\n\n", "SUBSCRIBE has no id"},
      {"SUBSCRIBE\nid:1\n\n", "The destination is not one to subscribe to"},
      {"SUBSCRIBE\nid:1\ndestination:a\nack:never\n\n", "ack is neither auto nor client nor client-individual"},
      {"SUBSCRIBE\nid:1\ndestination:a\nprefetch-count:-1\n\n", "prefetch-count is not a number"},
      {"SUBSCRIBE\nid:1\ndestination:a\nselector:x > 1\n\n", "Selectors are not supported"},
      {"SUBSCRIBE\nid:1\ndestination:a\n\nbody", "SUBSCRIBE must not have a body"},
      {"UNSUBSCRIBE\nid:1\n\n", "There is no such subscription"},
      {"UNSUBSCRIBE\n\n", "UNSUBSCRIBE has no id"},
      {"ACK\nid:x\n\n", "The message to acknowledge is not named"},
      {"ACK\nid:1-1\n\n", "There is no such message to acknowledge"},
      {"BEGIN\n\n", "BEGIN has no transaction"},
      {"COMMIT\ntransaction:t\n\n", "There is no such transaction"},
      {"ABORT\ntransaction:t\n\n", "There is no such transaction"},
      {"CONNECT\naccept-version:1.2\n\n", "The client is connected already"},
      {"MESSAGE\n\n", "There is no such command"}};
  for (const auto& [frame, message] : frames) {
    INFO(frame);
    StompClient client = StompClient::connected(on);
    CHECK(client.error(frame) == message);
  }
}

TEST_CASE("stomp session: bytes that are no frame get an ERROR with a message, and the end") {
  StompHost on;
  const std::pair<std::string, std::string> all[] = {
      {"send\n\n", "This is not a STOMP command"},
      {"SEND", "The frame ends within its headers"},
      {"SEND\ndestination:a", "The frame ends within its headers"},
      {std::string(33, 'A') + "\n\n", "This is not a STOMP command"},
      {"SEND\nno colon\n\n", "A header has no colon"},
      {"SEND\n:a\n\n", "A header has no name"},
      {"SEND\nx:\xff\n\n", "A header is not UTF-8"},
      {"SEND\ndestination:a\nx:\\t\n\n", "A header has an undefined escape sequence"},
      {"SEND\ncontent-length:two\n\nxy", "content-length is not a number"},
      {"SEND\ncontent-length:1\n\nxy", "There is no NUL behind the body of content-length bytes"}};
  std::int64_t errors = 0;
  for (const auto& [bytes, message] : all) {
    INFO(bytes);
    StompClient client = StompClient::connected(on);
    CHECK(client.error(bytes) == message);
    CHECK(client.raw->close_reason() == PATCHBAY_CLOSE_PROTOCOL);
    CHECK(on.host.store.metric("stomp_errors_sent_total") == ++errors);
  }
}

TEST_CASE("stomp session: what is at a limit, and not beyond it, is taken") {
  StompHost on(R"({"frame": {"max_headers": 2, "max_headers_length": 64, "max_body_length": 5}, "max_subscriptions": 1,
                   "max_transactions": 1, "max_transaction_frames": 1, "max_transaction_bytes": 200})");
  StompClient client = StompClient::connected(on);
  client.tell("SEND\ndestination:" + std::string(52, 'x') + "\nb:1\n\n12345");
  client.tell("SUBSCRIBE\nid:1\ndestination:a\n\n");
  client.tell("UNSUBSCRIBE\nid:1\n\n");
  client.tell("SUBSCRIBE\nid:2\ndestination:a\n\n");  // a place that was given back
  client.tell("BEGIN\ntransaction:t\n\n");
  client.tell("SEND\ndestination:a\ntransaction:t\n\n");
  client.tell("COMMIT\ntransaction:t\n\n");
  client.tell("BEGIN\ntransaction:u\n\n");
  client.tell("SEND\ndestination:a\ntransaction:u\n\n");
  client.tell("ABORT\ntransaction:u\n\n");
  client.tell("BEGIN\ntransaction:v\n\n");
  CHECK(on.host.published().size() == 2);
  CHECK(on.host.store.metric("stomp_limits_reached_total") == 0);
}

TEST_CASE("stomp session: an ERROR names the receipt of the frame that it is about") {
  StompHost on;
  StompClient client = StompClient::connected(on);
  const Answer answer = client.ask("SEND\ndestination:a\nqos:9\nreceipt:r\n\n");
  CHECK(answer.value("receipt-id") == "r");
  CHECK(answer.value("version") == "1.0,1.1,1.2");
  CHECK(client.raw->close_reason() == PATCHBAY_CLOSE_PROTOCOL);
}

TEST_CASE("stomp session: what the broker refuses is an ERROR with the frame's receipt") {
  StompHost on;
  for (const std::string& frame : std::vector<std::string>{"SEND\ndestination:a\nreceipt:r\n\n",
                                                           "SUBSCRIBE\nid:1\ndestination:a\nreceipt:r\n\n"}) {
    StompClient client = StompClient::connected(on);
    client.raw->next_reason = 0x87;
    const Answer answer = client.ask(frame);
    CHECK(answer.command == "ERROR");
    CHECK(answer.value("receipt-id") == "r");
    CHECK(answer.body == "Access refused\n");
    CHECK(client.raw->closed());
  }
}

TEST_CASE("stomp session: DISCONNECT is answered by its receipt, and what comes behind is not read") {
  StompHost on;
  StompClient client = StompClient::connected(on);
  client.raw->feed("SEND\ndestination:a\n\n\0DISCONNECT\nreceipt:77\n\n\0SEND\ndestination:b\n\n\0"s);
  const auto answers = client.receive();
  REQUIRE(answers.size() == 1);
  CHECK(answers.front().value("receipt-id") == "77");
  CHECK(client.raw->disconnected_in_order());
  CHECK(client.raw->closed());
  CHECK(client.raw->close_reason() == PATCHBAY_CLOSE_NORMAL);
  CHECK(on.host.published().size() == 1);
}

TEST_CASE("stomp session: whoever is kicked is told why") {
  StompHost on;
  StompClient client = StompClient::connected(on);
  client.raw->kick(PATCHBAY_CLOSE_TAKEN_OVER);
  const auto answers = client.receive();
  REQUIRE(answers.size() == 1);
  CHECK(answers.front().value("message") == "Another connection has taken over the client id");
  CHECK(client.raw->close_reason() == PATCHBAY_CLOSE_TAKEN_OVER);
}

TEST_CASE("stomp session: heart-beats leave in time, and silence ends the connection") {
  StompHost on;
  StompClient client = StompClient::connected(on, Version::v1_2, "heart-beat:0,1000\n");
  CHECK(client.raw->timer_due_ms() != 0);
  const auto pass = [&](StompClient& whose, std::chrono::milliseconds time) {
    on.host.advance(time);
    whose.raw->run_timer();
  };
  pass(client, 5s);
  CHECK(client.receive().empty());  // CONNECTED was something
  pass(client, 5s);
  const auto beats = client.receive();
  REQUIRE(beats.size() == 1);
  CHECK(beats.front().command == "heart-beat");
  StompClient quiet = StompClient::connected(on, Version::v1_1, "heart-beat:20000,0\n");
  pass(quiet, 20s);
  CHECK_FALSE(quiet.raw->closed());
  quiet.raw->feed("\n");
  pass(quiet, 20s);
  pass(quiet, 20s);
  CHECK_FALSE(quiet.raw->closed());
  pass(quiet, 20s);
  REQUIRE(quiet.raw->closed());
  CHECK(quiet.raw->close_reason() == PATCHBAY_CLOSE_TIMEOUT);
  CHECK(on.host.store.metric("stomp_heart_beat_timeouts_total") == 1);
}

TEST_CASE("stomp session: each limit of the settings is refused one beyond it") {
  StompHost on(R"({"frame": {"max_headers": 3, "max_headers_length": 64, "max_body_length": 5}, "max_subscriptions": 2,
                   "max_transactions": 1, "max_transaction_frames": 2, "max_transaction_bytes": 80})");
  const std::string begin = "BEGIN\ntransaction:t\n\n"s + '\0';
  const std::string one = "SEND\ndestination:a\ntransaction:t\n\n"s + '\0';
  const std::string in_all = "The client's transactions have more bytes than max_transaction_bytes allows";
  const std::pair<std::string, std::string> frames[] = {
      {"SEND\ndestination:a\nb:1\nc:2\nd:3\n\n", "The frame has more headers than frame.max_headers"},
      {"SEND\ndestination:" + std::string(53, 'x') + "\n\n", "A header is longer than frame.max_headers_length"},
      {"SEND\ndestination:a\n\n123456", "The body is longer than frame.max_body_length"},
      {"SEND\ndestination:a\ncontent-length:6\n\n123456", "The body is longer than frame.max_body_length"},
      {"SUBSCRIBE\nid:1\ndestination:a\n\n\0SUBSCRIBE\nid:2\ndestination:b\n\n\0SUBSCRIBE\nid:3\ndestination:c\n\n"s,
       "The client has as many subscriptions as max_subscriptions allows"},
      {begin + "BEGIN\ntransaction:u\n\n", "The client has as many transactions as max_transactions allows"},
      {begin + one + one + "SEND\ndestination:a\ntransaction:t\n\n",
       "The transaction has as many frames as max_transaction_frames allows"},
      {begin + one + "SEND\ndestination:" + std::string(40, 'x') + "\ntransaction:t\n\n", in_all}};
  std::int64_t refused = 0;
  for (const auto& [frame, message] : frames) {
    INFO(frame);
    StompClient client = StompClient::connected(on);
    CHECK(client.error(frame) == message);
    CHECK(client.raw->close_reason() == PATCHBAY_CLOSE_LIMIT);
    CHECK(on.host.store.metric("stomp_limits_reached_total") == ++refused);
  }
}

TEST_CASE("stomp session: settings that cannot be are named") {
  StompHost on;
  CHECK(on.host.check(R"({"destinations": {"queue_prefix": "/topic/"}})") != PATCHBAY_OK);
  CHECK(on.host.errors().find("/destinations/queue_prefix") != std::string::npos);
  CHECK(on.host.check(R"({"destinations": {"queue_prefix": "", "topic_prefix": "", "plain": false}})") != PATCHBAY_OK);
  CHECK(on.host.errors().find("/destinations/plain") != std::string::npos);
  CHECK(on.host.check(R"({"heart_beat_send": "25h"})") != PATCHBAY_OK);
  CHECK(on.host.errors().find("/heart_beat_send") != std::string::npos);
  CHECK(on.host.check(R"({"default_prefetch_count": 10, "max_unacknowledged": 9})") != PATCHBAY_OK);
  CHECK(on.host.errors().find("/default_prefetch_count") != std::string::npos);
}
