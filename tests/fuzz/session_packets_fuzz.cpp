// Sequences of packets: three clients, two of which claim one client id, connect, send anything, go silent, and
// leave in every way. The broker never asserts, sends only packets that its clients can decode and no more of them than
// they allow, and when all have left and their sessions are over, nothing of them is left.
//
// Input: operations. Their first byte names the client (low two bits) and what happens (next three).
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/counters.h"
#include "fuzz/fuzz_target.h"
#include "support/flow_harness.h"
#include "support/test_client.h"

namespace patchbay::fuzz {
namespace {

using base::Counter;
using mqtt::PacketType;

constexpr size_t kClients = 3;
constexpr size_t kOperations = 200;
constexpr uint32_t kExpiry_s = 1;

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "session_packets_fuzz: %s\n", what);
  std::abort();
}

test::FlowOptions options() {
  test::FlowOptions options;
  options.session.maximum_session_expiry_interval_s = kExpiry_s;
  options.session.session_expiry_interval_s = kExpiry_s;
  options.session.maximum_queued_messages = 8;
  options.session.maximum_inflight = 4;
  options.session.receive_maximum = 5;
  options.session.topic_alias_maximum = 3;
  options.router.exclusive_subscription_available = true;
  return options;
}

class Run {
 public:
  explicit Run(std::span<const uint8_t> bytes) : bytes_(bytes), harness_(options()) {}

  void run() {
    for (size_t count = 0; count < kOperations && !bytes_.empty(); ++count) operate(take());
    for (Client& client : clients_) client.connection.reset();
    harness_.advance_ms(uint64_t{kExpiry_s} * 1000 + 200);
    require(harness_.counted(Counter::live_connections) == 0, "connections are left");
    require(harness_.counted(Counter::sessions) == 0, "sessions are left");
    require(harness_.counted(Counter::subscriptions) == 0, "subscriptions are left");
    require(harness_.counted(Counter::subscriptions_shared) == 0, "shared subscriptions are left");
    require(harness_.counted(Counter::queued_messages) == 0, "queued messages are left");
    require(harness_.counted(Counter::queued_bytes) == 0, "queued bytes are left");
  }

 private:
  struct Client {
    std::unique_ptr<test::TestClient> connection;
    uint32_t receive_maximum = 0;
    size_t unanswered = 0;        ///< QoS 1 and 2 that it has got and not acknowledged
    bool answers_unseen = false;  ///< it may have acknowledged with bytes of the input
  };

  uint8_t take() {
    if (bytes_.empty()) return 0;
    const uint8_t byte = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return byte;
  }

  void operate(uint8_t operation) {
    const size_t index = (operation & 3) % kClients;
    Client& client = clients_[index];
    const uint8_t kind = operation >> 2 & 7;
    if (kind == 0) return connect(client, index);
    if (kind == 6) return harness_.advance_ms(take());
    if (!client.connection) return;
    if (kind <= 4) {
      send(client, kind);
    } else if (kind == 5) {
      leave(client, take());
    } else {
      take_or_not(client, take());
    }
    look(client);
  }

  void connect(Client& client, size_t index) {
    const uint8_t flags = take();
    const uint8_t more = take();
    test::ConnectOptions connect;
    connect.client_id = index == 2 ? "other" : "one";
    connect.version = static_cast<mqtt::ProtocolVersion>(3 + flags % 3);
    connect.clean_start = (flags & 0x04) != 0;
    connect.has_will = (flags & 0x08) != 0;
    connect.will_topic = "a/b";
    connect.will_retain = (flags & 0x10) != 0;
    connect.will_qos = static_cast<mqtt::Qos>((flags >> 5) % 3);
    connect.will_delay_interval_s = connect.version == mqtt::ProtocolVersion::v5 ? more & 1 : 0;
    connect.session_expiry_interval_s = more & 2;
    connect.receive_maximum = 1 + (more >> 2 & 3);
    connect.maximum_packet_size = (more & 0x10) != 0 ? 10 + more : 0;
    connect.topic_alias_maximum = more >> 6;
    connect.keep_alive_s = 1;
    client.connection = std::make_unique<test::TestClient>(harness_, static_cast<base::ShardId>(flags >> 7));
    client.receive_maximum = connect.version == mqtt::ProtocolVersion::v5 ? connect.receive_maximum : 65'535;
    client.unanswered = 0;
    client.answers_unseen = false;
    client.connection->send_connect(connect);
    look(client);
  }

  /// Bytes as they come: one packet that names its own length, or several, or a part.
  void send(Client& client, uint8_t kind) {
    const size_t wanted = take();
    const size_t size = std::min(wanted, bytes_.size());
    std::vector<uint8_t> packet(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(size));
    bytes_ = bytes_.subspan(size);
    if (kind > 1 && !packet.empty())
      packet.insert(packet.begin() + 1, static_cast<uint8_t>((packet.size() - 1) & 0x7F));
    const uint8_t type = packet.empty() ? 0 : packet[0] >> 4;
    if (kind == 1 || size > 128 || type == 4 || type == 5 || type == 7) client.answers_unseen = true;
    client.connection->send_bytes(std::move(packet));
  }

  static void leave(Client& client, uint8_t how) {
    switch (how % 4) {
      case 0:
        client.connection->drop();
        break;
      case 1:
        client.connection->kick(session::CloseReason::kicked);
        break;
      case 2:
        client.connection->kick(session::CloseReason::server_shutdown);
        break;
      default:
        client.connection->disconnect(mqtt::ReasonCode::disconnect_with_will_message);
    }
  }

  static void take_or_not(Client& client, uint8_t how) {
    if (how % 3 == 0) return client.connection->stop_taking();
    client.connection->take_again();
  }

  /// Reads what came and answers it, now and then.
  void look(Client& client) {
    for (const test::ReceivedPublish& publish : client.connection->publishes()) {
      if (publish.qos == mqtt::Qos::at_most_once) continue;
      require(publish.packet_id != 0, "a packet identifier is missing");
      ++client.unanswered;
      require(client.answers_unseen || client.unanswered <= client.receive_maximum, "more than the client allows");
      if (client.connection->closed() || (publish.packet_id & 1) == 0) continue;
      const bool once = publish.qos == mqtt::Qos::at_least_once;
      client.connection->acknowledge(once ? PacketType::puback : PacketType::pubrec, publish.packet_id);
      if (!once) client.connection->acknowledge(PacketType::pubcomp, publish.packet_id);
      --client.unanswered;
    }
    while (client.connection->has_packets()) static_cast<void>(client.connection->next_packet());
    if (client.connection->closed()) client.connection.reset();
  }

  std::span<const uint8_t> bytes_;
  test::FlowHarness harness_;
  Client clients_[kClients];
};

void check(std::span<const uint8_t> bytes) {
  try {
    Run(bytes).run();
  } catch (const std::exception& error) {
    require(false, error.what());
  }
}

/// `packet` without its length, as operation 2 (client 0) takes it.
std::string sent(uint8_t client, const std::string& packet) {
  return std::string(1, static_cast<char>(2 << 2 | client)) + static_cast<char>(packet.size()) + packet;
}

}  // namespace

std::vector<std::vector<uint8_t>> fuzz_seeds() {
  using namespace std::string_literals;
  const std::string connect_v5 = "\0\x06\x06"s;     // client 0, 5.0, clean start, expiry 2, receive maximum 2
  const std::string connect_again = "\1\x8a\x03"s;  // client 1, the same id on the other shard, with a will
  const std::string connect_other = "\2\x05\0"s;    // client 2, 5.0
  const std::string connect_v4 = "\2\x01\0"s;       // client 2, 3.1.1, keeps its session
  const std::string subscribe_v5 = "\x82\0\1\0\0\3a/b\2"s;
  const std::string subscribe_share = "\x82\0\2\0\0\x0c$share/g/a/+\2"s;
  const std::string subscribe_v4 = "\x82\0\1\0\3a/b\2"s;
  const std::string qos1 = "\x32\0\3a/b\0\7\0x"s;
  const std::string qos2 = "\x34\0\3a/b\0\x08\0y"s;
  const std::string qos2_again = "\x3c\0\3a/b\0\x08\0y"s;
  const std::string pubrel = "\x62\0\x08"s;
  const std::string retained = "\x31\0\3a/b\0z"s;
  const std::string aliased = "\x30\0\3a/b\3\x23\0\1w"s;
  const std::string by_alias = "\x30\0\0\3\x23\0\1v"s;
  const std::string unsubscribe = "\xa2\0\3\0\0\3a/b"s;
  const std::string texts[] = {
      connect_v5 + sent(0, subscribe_v5) + connect_other + sent(2, qos1) + sent(2, qos2) + sent(2, pubrel) +
          sent(0, unsubscribe),
      connect_v5 + sent(0, subscribe_v5) + connect_again + connect_other + sent(2, qos2) + sent(2, qos2_again) +
          "\x14\0"s,
      connect_v5 + sent(0, subscribe_share) + connect_other + sent(2, subscribe_share) + sent(2, qos1) + sent(2, qos1) +
          "\x14\1"s,
      connect_v4 + sent(2, subscribe_v4) + "\x16\0"s + connect_v5 + sent(0, qos1) + sent(0, qos2) + connect_v4 +
          "\x18\xff"s,
      connect_v5 + sent(0, retained) + sent(0, subscribe_v5) + "\x1c\0"s + sent(0, aliased) + sent(0, by_alias) +
          "\x1c\1"s,
      connect_v5 + sent(0, subscribe_v5) + sent(0, qos1) + sent(0, qos1) + sent(0, qos1) + sent(0, "\xc0"s) + "\x14\3"s,
  };
  std::vector<std::vector<uint8_t>> seeds;
  for (const std::string& text : texts) seeds.emplace_back(text.begin(), text.end());
  return seeds;
}

}  // namespace patchbay::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  patchbay::fuzz::check({data, size});
  return 0;
}
