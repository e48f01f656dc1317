#include <catch2/catch.hpp>
#include <string>

#include "udp_fixture.h"

namespace patchbay::net {

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
