#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "net/datagram_stream.h"
#include "net/listeners.h"
#include "net/unique_fd.h"
#include "net_fixture.h"

namespace patchbay::net {

namespace {

/// Answers each datagram with one. 'W': who am I; '>' and a digit: moves to that shard, answers there; 'A': 50
/// datagrams of 100 bytes; 'Q': closes.
class DatagramEcho final : public session::ProtocolMachine {
 public:
  DatagramEcho(session::ConnectionPort& port, EchoCounts& counts) : port_(port), counts_(counts) { ++counts_.machines; }

  size_t on_bytes(std::span<const uint8_t> bytes, size_t&) override {
    std::string text(bytes.begin(), bytes.end());
    if (text[0] == '>' && static_cast<base::ShardId>(text[1] - '0') != base::current_shard()) {
      port_.move_to(static_cast<base::ShardId>(text[1] - '0'));
      return 0;
    }
    if (text[0] == 'W') text = port_.peer().address_text() + '|' + port_.peer().listener->id;
    if (text[0] == 'A') {
      for (int i = 0; i < 50; ++i) write(std::string(100, 'a'));
      return bytes.size();
    }
    write(text);
    if (text[0] == 'Q') port_.close(session::CloseReason::normal);
    return bytes.size();
  }
  void on_writable() override {}
  void on_closed(session::CloseReason) override { ++counts_.closed; }
  void on_kick(session::CloseReason reason) override {
    ++counts_.kicked;
    write("bye");
    port_.close(reason);
  }

 private:
  void write(std::string_view text) {
    const uint8_t length[] = {static_cast<uint8_t>(text.size() >> 8), static_cast<uint8_t>(text.size() & 0xFF)};
    port_.output().append(port_.pool(), length);
    port_.output().append(port_.pool(), {reinterpret_cast<const uint8_t*>(text.data()), text.size()});
    port_.output_added();
  }
  session::ConnectionPort& port_;
  EchoCounts& counts_;
};

class DatagramEchoFactory final : public session::ProtocolFactory {
 public:
  explicit DatagramEchoFactory(EchoCounts& counts) : counts_(counts) {}
  std::unique_ptr<session::ProtocolMachine> create(session::ConnectionPort& port) override {
    return std::make_unique<DatagramEcho>(port, counts_);
  }

 private:
  EchoCounts& counts_;
};

struct UdpFixture : NetFixture {
  explicit UdpFixture(const NetLimits& limits = {}) : NetFixture(limits) {}
  uint16_t start_udp(ListenerOptions options = {}) {
    options.type = ListenerType::udp;
    options.bind = "127.0.0.1:0";
    auto started = listeners.start(options, [this](IoShard&, const session::ListenerInfo&) {
      return std::make_unique<DatagramEchoFactory>(counts);
    });
    if (!started) FAIL(started.error());
    return started->port;
  }
};

class UdpClient {
 public:
  explicit UdpClient(uint16_t port) : fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    set_patience(10'000);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  }
  void set_patience(int ms) {
    const timeval patience{ms / 1000, ms % 1000 * 1000};
    setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  }
  void send(std::string_view datagram) const {
    REQUIRE(::send(fd_.get(), datagram.data(), datagram.size(), 0) == static_cast<ssize_t>(datagram.size()));
  }
  /// Empty: none came.
  std::string receive() const {
    std::string datagram(65'536, '\0');
    const ssize_t size = recv(fd_.get(), datagram.data(), datagram.size(), 0);
    datagram.resize(size > 0 ? static_cast<size_t>(size) : 0);
    return datagram;
  }
  std::string ask(std::string_view datagram) const {
    send(datagram);
    return receive();
  }

 private:
  UniqueFd fd_;
};

}  // namespace

TEST_CASE("datagrams of a peer are a connection: each comes whole, and so do the answers", "[udp]") {
  UdpFixture f;
  UdpClient client(f.start_udp());
  CHECK(client.ask("hello") == "hello");
  CHECK(client.ask("W") == "127.0.0.1|udp:default");
  client.send("one");
  client.send("two");
  CHECK(client.receive() == "one");
  CHECK(client.receive() == "two");
  const std::string large(9'000, 'x');
  CHECK(client.ask(large) == large);
  CHECK(f.counts.machines == 1);
  CHECK(f.shards.count(base::Counter::connections) == 1);
}

TEST_CASE("every peer has a connection of its own", "[udp]") {
  UdpFixture f;
  const uint16_t port = f.start_udp();
  UdpClient first(port);
  UdpClient second(port);
  CHECK(first.ask("a") == "a");
  CHECK(second.ask("b") == "b");
  CHECK(first.ask("c") == "c");
  CHECK(f.counts.machines == 2);
  CHECK(f.listeners.status().at(0).connections == 2);
}

TEST_CASE("an association moves between running shards", "[udp]") {
  UdpFixture f;
  UdpClient client(f.start_udp());
  for (const char* order : {">0", ">1", ">0", ">1"}) {
    // The machine of the shard that it comes from consumes nothing: the new one gets the datagram again.
    CHECK(client.ask(order) == order);
    CHECK(client.ask("still here") == "still here");
  }
}

TEST_CASE("a peer whose address is not proven gets three times what it sent, and no more", "[udp]") {
  UdpFixture f;
  const uint16_t port = f.start_udp();
  {
    UdpClient client(port);
    client.send("A" + std::string(99, ' '));
    for (int i = 0; i < 3; ++i) CHECK(client.receive().size() == 100);
    client.set_patience(100);
    CHECK(client.receive().empty());
    CHECK(f.listeners.status().at(0).datagrams_dropped == 47);
  }
  UdpClient client(port);
  CHECK(client.ask("hello") == "hello");
  client.send("A");  // it has answered to what came to its address
  for (int i = 0; i < 50; ++i) CHECK(client.receive().size() == 100);
}

TEST_CASE("the next datagram after a close begins a new connection", "[udp]") {
  UdpFixture f;
  UdpClient client(f.start_udp());
  CHECK(client.ask("Q") == "Q");
  while (f.counts.closed == 0) std::this_thread::yield();
  CHECK(client.ask("again") == "again");
  CHECK(f.counts.machines == 2);
}

TEST_CASE("a silent peer is gone after the idle timeout", "[udp]") {
  UdpFixture f;
  ListenerOptions options;
  options.datagram.idle_timeout_s = 1;
  UdpClient client(f.start_udp(options));
  CHECK(client.ask("hello") == "hello");
  const uint64_t end_ms = f.clock.steady_ms() + 10'000;
  while (f.counts.closed == 0 && f.clock.steady_ms() < end_ms) std::this_thread::yield();
  CHECK(f.counts.closed == 1);
  CHECK(f.listeners.status().at(0).connections == 0);
}

TEST_CASE("connections, connections of one address, and new peers in a second are bounded", "[udp]") {
  UdpFixture f;
  ListenerOptions connections;
  connections.name = "few";
  connections.max_connections = 1;
  ListenerOptions addresses;
  addresses.name = "one-each";
  addresses.max_connections_per_ip = 1;
  for (const uint16_t port : {f.start_udp(connections), f.start_udp(addresses)}) {
    UdpClient first(port);
    CHECK(first.ask("a") == "a");
    UdpClient second(port);
    second.set_patience(100);
    CHECK(second.ask("b").empty());
    CHECK(first.ask("c") == "c");
    CHECK(first.ask("Q") == "Q");
  }
  for (const ListenerStatus& status : f.listeners.status()) CHECK(status.datagrams_dropped == 1);
}

TEST_CASE("a stopped listener ends its associations", "[udp]") {
  UdpFixture f;
  UdpClient client(f.start_udp());
  CHECK(client.ask("hello") == "hello");
  CHECK(f.listeners.stop("udp:default", false));
  const uint64_t end_ms = f.clock.steady_ms() + 10'000;
  while (f.counts.closed == 0 && f.clock.steady_ms() < end_ms) std::this_thread::yield();
  CHECK(f.counts.closed == 1);
}

TEST_CASE("an address that is taken is told", "[udp]") {
  UdpFixture f;
  const uint16_t port = f.start_udp();
  ListenerOptions options;
  options.type = ListenerType::udp;
  options.name = "again";
  options.bind = "127.0.0.1:" + std::to_string(port);
  const auto started = f.listeners.start(options, [&f](IoShard&, const session::ListenerInfo&) {
    return std::make_unique<DatagramEchoFactory>(f.counts);
  });
  REQUIRE_FALSE(started);
  CHECK(started.error().find("udp:again: bind 127.0.0.1:") == 0);
}

}  // namespace patchbay::net
