#include "connection/connection_shard.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "unit/connection/connection_fixture.h"

namespace patchbay::connection {

using namespace testing;
using base::Counter;

TEST_CASE("a connection moves to another shard with every byte not consumed", "[connection]") {
  Fixture f;
  f.client.send(packet("here") + packet("M1") + packet("there"));
  f.run();
  CHECK(f.record.packets == std::vector<std::string>{"here"});
  CHECK(f.other_record.packets == std::vector<std::string>{"M1", "there"});
  CHECK(f.record.closed.empty());
  CHECK(f.client.receive() == "hereM1there");
  CHECK(f.other_record.port->transfers().reads == 1);  // what brought it along, whichever shard that was
  CHECK(f.other_record.port->transfers().writes == 1);
  CHECK(f.other_record.port->transfers().received_bytes == 5 + 3 + 6);
  CHECK(f.shard.count(Counter::connections_moved) == 1);
  CHECK(f.shard.count(Counter::connections) == 0);
  CHECK(f.other.count(Counter::connections) == 1);
  f.client.send(packet("more"));
  f.run();
  CHECK(f.other_record.packets.back() == "more");
  CHECK(f.other_record.port->transfers().reads == 2);
  f.client.send(packet("M0"));
  f.run();
  CHECK(f.record.packets.back() == "M0");
  CHECK(f.record.machines == 2);
}

TEST_CASE("a move that is asked for outside of on_bytes takes place in the next turn", "[connection]") {
  Fixture f;
  f.shard.turn([&] { f.connection->move_to(1); });
  f.run();
  f.client.send(packet("hi"));
  f.run();
  CHECK(f.other_record.packets == std::vector<std::string>{"hi"});
}

TEST_CASE("bytes that come while the connection is between shards are not lost", "[connection]") {
  Fixture f;
  f.client.send(packet("M1"));
  f.shard.turn();
  CHECK(f.shard.connections().table().size() == 0);
  f.client.send(packet("between"));
  f.client.close();
  f.run();
  CHECK(f.other_record.packets == std::vector<std::string>{"M1", "between"});
  CHECK(f.other_record.closed == std::vector<CloseReason>{CloseReason::peer_closed});
}

TEST_CASE("a shutdown says goodbye to everybody in bounded batches", "[connection]") {
  ConnectionLimits limits;
  limits.kicks_per_turn = 3;
  Fixture f(limits);
  std::vector<MemoryClient> clients(9);
  for (MemoryClient& client : clients) f.shard.accept(client, f.listener);
  f.shard.turn([&] { f.shard.connections().kick_all(CloseReason::server_shutdown); });
  CHECK(f.record.kicked.size() == 3);
  f.shard.turn();
  CHECK(f.record.kicked.size() == 6);
  f.run();
  CHECK(f.record.kicked.size() == 10);
  CHECK(f.record.closed == std::vector<CloseReason>(10, CloseReason::server_shutdown));
  for (MemoryClient& client : clients) {
    CHECK(client.receive() == "bye");
    CHECK(client.closed_by_server());
  }
}

TEST_CASE("a connection that arrives from another shard during shutdown is told so", "[connection]") {
  Fixture f;
  f.other.turn([&] { f.other.connections().kick_all(CloseReason::server_shutdown); });
  f.client.send(packet("M1"));
  f.run();
  CHECK(f.other_record.kicked == std::vector<CloseReason>{CloseReason::server_shutdown});
  CHECK(f.client.receive() == "bye");
}

TEST_CASE("one listener's connections can be ended alone", "[connection]") {
  Fixture f;
  session::ListenerInfo second;
  Record record;
  f.shard.connections().add_protocol(second, std::make_unique<LengthFactory>(record, LengthMachine::Options{}));
  MemoryClient client;
  f.shard.accept(client, second);
  f.shard.turn([&] { f.shard.connections().kick_all(CloseReason::kicked, &second); });
  f.run();
  CHECK(record.closed == std::vector<CloseReason>{CloseReason::kicked});
  CHECK(f.record.closed.empty());
  CHECK(f.shard.connections().table().size() == 1);
}

TEST_CASE("the callback before writing runs again after machines were called", "[connection]") {
  Fixture f;
  uint32_t calls = 0;
  f.shard.at_turn_end([](void* counter) { ++*static_cast<uint32_t*>(counter); }, &calls);
  f.shard.turn();
  CHECK(calls == 1);
  calls = 0;
  f.client.send(packet("Q"));
  f.shard.turn();
  CHECK(calls == 2);  // before the write, and after on_closed()
}

TEST_CASE("an idle connection stays within its part of the memory budget", "[connection]") {
  CHECK(sizeof(Connection) <= 152);  // of these, 24 count what observers of conn.closed are told
}

}  // namespace patchbay::connection
