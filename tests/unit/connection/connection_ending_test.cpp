#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "unit/connection/connection_fixture.h"

namespace patchbay::connection {

using namespace testing;
using base::Counter;

namespace {

/// A client whose stream can end its own side only, as a socket can.
struct LingerFixture : Fixture {
  explicit LingerFixture(const ConnectionLimits& limits = {}) : Fixture(limits) { client.pipe().can_linger = true; }
  void close(CloseReason reason) {
    shard.turn([&] { connection->close(reason); });
    run();
  }
  /// The machine was told, and only the stream is still there.
  void check_lingers(CloseReason reason) {
    CHECK(record.closed == std::vector<CloseReason>{reason});
    CHECK(client.pipe().server_finished);
    CHECK_FALSE(client.closed_by_server());
    CHECK(shard.connections().table().size() == 1);
    CHECK(shard.count(Counter::connections_lingered) == 1);
  }
  void check_gone(uint64_t cut) {
    CHECK(client.closed_by_server());
    CHECK(shard.connections().table().size() == 0);
    CHECK(shard.count(Counter::connections) == 0);
    CHECK(shard.count(Counter::connections_linger_cut) == cut);
  }
};

}  // namespace

TEST_CASE("a connection ended by us waits for its peer, which gets our last words whatever it still sends",
          "[ending]") {
  LingerFixture f;
  f.shard.turn([&] { f.connection->kick(CloseReason::kicked); });
  f.run();
  CHECK(f.client.receive() == "bye");
  f.check_lingers(CloseReason::kicked);
  f.client.send(std::string(100'000, 'x'));
  f.run();
  CHECK(f.client.pipe().to_server.empty());
  CHECK(f.record.packets.empty());  // nobody is given what comes now
  f.check_lingers(CloseReason::kicked);
  SECTION("the peer ends") {
    f.client.close();
    f.run();
    f.check_gone(0);
  }
  SECTION("the peer's connection breaks") {
    f.client.reset();
    f.run();
    f.check_gone(0);
  }
  SECTION("its time passes") {
    f.clock.advance_ms(1'900);
    f.run();
    f.check_lingers(CloseReason::kicked);
    f.clock.advance_ms(200);
    f.run();
    f.check_gone(1);
  }
  CHECK(f.record.closed.size() == 1);
}

TEST_CASE("a peer that goes on sending is cut off at the linger limit in bytes", "[ending]") {
  ConnectionLimits limits;
  limits.linger_bytes = 50'000;
  LingerFixture f(limits);
  f.close(CloseReason::protocol_error);
  f.check_lingers(CloseReason::protocol_error);
  f.client.send(std::string(49'999, 'x'));
  f.run();
  f.check_lingers(CloseReason::protocol_error);
  f.client.send("xx");
  f.run();
  f.check_gone(1);
}

TEST_CASE("a peer that sends much gives others their turn while its bytes are thrown away", "[ending]") {
  LingerFixture f;
  f.client.pipe().read_chunk = 10;
  f.close(CloseReason::limit);
  f.client.send(std::string(1'000, 'x'));
  const uint32_t reads = f.client.pipe().reads;
  f.shard.turn();
  CHECK(f.client.pipe().reads == reads + ConnectionLimits().reads_per_turn);
  f.run();
  CHECK(f.client.pipe().to_server.empty());
}

TEST_CASE("nothing is waited for where nobody could miss anything", "[ending]") {
  ConnectionLimits limits;
  SECTION("the client has said that it goes") {
    LingerFixture f;
    f.close(CloseReason::normal);
    f.check_gone(0);
  }
  SECTION("unless there are last words for it") {
    LingerFixture f;
    f.client.send(packet("Q"));
    f.run();
    CHECK(f.client.receive() == "quit");
    f.check_lingers(CloseReason::normal);
  }
  SECTION("the peer has ended") {
    LingerFixture f;
    f.client.close();
    f.run();
    CHECK(f.record.closed == std::vector<CloseReason>{CloseReason::peer_closed});
    f.check_gone(0);
  }
  SECTION("the peer takes nothing") {
    limits.write_hard_limit = 1'000;
    LingerFixture f(limits);
    f.client.pipe().window = 10;
    f.write(2'000);
    f.run();
    CHECK(f.record.closed == std::vector<CloseReason>{CloseReason::slow_consumer});
    f.check_gone(0);
  }
  SECTION("it is configured so") {
    limits.linger_ms = 0;
    LingerFixture f(limits);
    f.close(CloseReason::kicked);
    f.check_gone(0);
  }
}

TEST_CASE("a kicked peer that takes nothing has its time twice at most", "[ending]") {
  LingerFixture f;
  f.client.pipe().window = 10;
  f.write(100);
  f.close(CloseReason::kicked);
  CHECK(f.record.closed.empty());
  f.clock.advance_ms(2'100);
  f.run();
  CHECK(f.record.closed == std::vector<CloseReason>{CloseReason::kicked});
  CHECK(f.client.closed_by_server());  // its buffer is full: it would not read the end either
}

TEST_CASE("only so many connections of a shard linger at once", "[ending]") {
  ConnectionLimits limits;
  limits.linger_connections = 1;
  LingerFixture f(limits);
  MemoryClient second;
  second.pipe().can_linger = true;
  Connection& other = f.shard.accept(second, f.listener);
  f.close(CloseReason::kicked);
  CHECK_FALSE(f.client.closed_by_server());
  f.shard.turn([&] { other.close(CloseReason::kicked); });
  f.run();
  CHECK(second.closed_by_server());
  f.client.close();
  f.run();
  f.check_gone(0);
  MemoryClient third;  // the place is free again
  third.pipe().can_linger = true;
  Connection& last = f.shard.accept(third, f.listener);
  f.shard.turn([&] { last.close(CloseReason::kicked); });
  f.run();
  CHECK_FALSE(third.closed_by_server());
}

TEST_CASE("a kick of all passes by those that linger, and a shard may end with them", "[ending]") {
  LingerFixture f;
  f.close(CloseReason::kicked);
  f.shard.turn([&] { f.shard.connections().kick_all(CloseReason::server_shutdown); });
  f.run();
  f.check_lingers(CloseReason::kicked);
  CHECK(f.record.kicked.empty());
  f.shard.connections().destroy_all();
  CHECK(f.client.closed_by_server());
}

}  // namespace patchbay::connection
