#include "connection/connection.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "unit/connection/connection_fixture.h"

namespace patchbay::connection {

using namespace testing;
using base::Counter;

TEST_CASE("bytes reach the machine and its answer leaves with one write", "[connection]") {
  Fixture f;
  f.client.send(packet("one") + packet("two"));
  f.run();
  CHECK(f.record.packets == std::vector<std::string>{"one", "two"});
  CHECK(f.client.receive() == "onetwo");
  CHECK(f.client.pipe().writes == 1);
  CHECK(f.shard.count(Counter::bytes_received) == 8);
  CHECK(f.shard.count(Counter::bytes_sent) == 6);
  CHECK(f.shard.count(Counter::connections) == 1);
  CHECK(f.connection->unread_size() == 0);
}

TEST_CASE("reads that brought something and writes that took something are counted", "[connection]") {
  Fixture f;
  CHECK(f.connection->transfers().reads == 0);
  f.client.send(packet("one") + packet("two"));
  f.run();
  CHECK(f.connection->transfers().reads == 1);  // both at once; a look at what is empty counts for nothing
  CHECK(f.connection->transfers().writes == 1);
  f.client.pipe().write_chunk = 4;
  f.client.send(packet("sixsix"));
  f.run();
  CHECK(f.connection->transfers().reads == 2);
  CHECK(f.connection->transfers().writes == 3);
}

TEST_CASE("an incomplete packet is kept until the rest comes, and nothing after that", "[connection]") {
  Fixture f;
  f.client.send(packet("first") + std::string("\x05ha"));
  f.run();
  CHECK(f.record.packets == std::vector<std::string>{"first"});
  CHECK(f.connection->unread_size() == 3);
  const uint32_t calls = f.record.bytes_calls;
  f.client.send("l");
  f.run();
  CHECK(f.record.bytes_calls == calls);  // less than the machine needs: it is not called
  CHECK(f.connection->unread_size() == 4);
  f.client.send("fx" + packet("next"));
  f.run();
  CHECK(f.record.packets == std::vector<std::string>{"first", "halfx", "next"});
  CHECK(f.connection->unread_size() == 0);
}

TEST_CASE("bytes that come one by one make the same packets", "[connection]") {
  Fixture f;
  f.client.pipe().read_chunk = 1;
  std::string sent;
  std::vector<std::string> expected;
  for (int i = 0; i < 50; ++i) {
    expected.push_back("packet" + std::to_string(i));
    sent += packet(expected.back());
  }
  f.client.send(sent);
  f.run();
  CHECK(f.record.packets == expected);
}

TEST_CASE("a packet larger than the shared buffer is read to where it is kept", "[connection]") {
  ConnectionLimits limits;
  limits.read_buffer = 1024;
  Fixture f(limits, {.scale = 1000, .echo = false});
  std::string large(200'000, 'L');
  f.client.send(std::string(1, static_cast<char>(200)) + large + std::string(1, '\x01') + std::string(1000, 's'));
  f.run();
  REQUIRE(f.record.packets.size() == 2);
  CHECK(f.record.packets[0] == large);
  CHECK(f.record.packets[1] == std::string(1000, 's'));
  CHECK(f.connection->unread_size() == 0);
}

TEST_CASE("memory for an announced packet grows with what has come", "[connection]") {
  UnreadBytes unread;
  const std::span<uint8_t> room = unread.room(100'000'000);
  CHECK(room.size() == 4096);
  unread.added(4096);
  CHECK(unread.room(100'000'000).size() == 4096);
  unread.added(10);
  CHECK(unread.size() == 4106);
  CHECK(unread.room(4110).size() == 4);
  unread.assign(unread.bytes().subspan(4100));
  CHECK(unread.size() == 6);
  unread.assign({});
  CHECK(unread.empty());
}

TEST_CASE("whatever the machine asks for, no more than the limit is kept", "[connection]") {
  ConnectionLimits limits;
  limits.read_buffer = 256;
  limits.unread_limit = 10'000;
  Fixture f(limits, {.scale = 1000});
  f.client.send(std::string(1, static_cast<char>(100)) + std::string(9'000, 'x'));
  f.run();
  CHECK(f.record.closed.empty());
  CHECK(f.connection->unread_size() == 9'001);
  f.client.send(std::string(2'000, 'x'));
  f.run();
  CHECK(f.record.closed == std::vector<CloseReason>{CloseReason::limit});
}

TEST_CASE("one connection that sends without end leaves turns to others", "[connection]") {
  ConnectionLimits limits;
  limits.read_buffer = 64;
  limits.reads_per_turn = 2;
  Fixture f(limits);
  MemoryClient modest;
  f.shard.accept(modest, f.listener);
  std::string flood;
  for (int i = 0; i < 100; ++i) flood += packet("flood");
  f.client.send(flood);
  modest.send(packet("modest"));
  f.shard.turn();
  CHECK(modest.receive() == "modest");
  CHECK(f.record.packets.size() < 30);
  f.run();
  CHECK(f.record.packets.size() == 101);
}

TEST_CASE("a machine that stops by itself gets another turn", "[connection]") {
  Fixture f({}, {.one_at_a_time = true});
  f.client.send(packet("a") + packet("b") + packet("c"));
  f.shard.turn();
  CHECK(f.record.packets.size() == 1);
  f.run();
  CHECK(f.record.packets == std::vector<std::string>{"a", "b", "c"});
}

TEST_CASE("a paused connection keeps what it has and reads on after resume", "[connection]") {
  Fixture f;
  f.client.send(packet("P") + packet("later"));
  f.run();
  CHECK(f.record.packets == std::vector<std::string>{"P"});
  f.client.send(packet("last"));
  f.run();
  CHECK(f.record.packets == std::vector<std::string>{"P"});
  f.shard.turn([&] { f.connection->resume_reading(); });
  f.run();
  CHECK(f.record.packets == std::vector<std::string>{"P", "later", "last"});
}

TEST_CASE("close sends what is written, then tells the machine", "[connection]") {
  Fixture f;
  f.client.send(packet("Q") + packet("ignored"));
  f.run();
  CHECK(f.client.receive() == "quit");
  CHECK(f.client.closed_by_server());
  CHECK(f.record.packets == std::vector<std::string>{"Q"});
  CHECK(f.record.closed == std::vector<CloseReason>{CloseReason::normal});
  CHECK(f.shard.count(Counter::connections) == 0);
  CHECK(f.shard.connections().table().size() == 0);
}

TEST_CASE("the end of the stream and a reset end the connection with their own reasons", "[connection]") {
  Fixture f;
  SECTION("in order: answers still leave") {
    f.client.send(packet("hello"));
    f.client.close();
    f.run();
    CHECK(f.client.receive() == "hello");
    CHECK(f.record.closed == std::vector<CloseReason>{CloseReason::peer_closed});
  }
  SECTION("reset") {
    f.client.reset();
    f.run();
    CHECK(f.record.closed == std::vector<CloseReason>{CloseReason::transport_error});
  }
  SECTION("reset while writing") {
    f.client.pipe().broken = true;
    f.write(10);
    f.run();
    CHECK(f.record.closed == std::vector<CloseReason>{CloseReason::transport_error});
  }
  CHECK(f.client.closed_by_server());
}

TEST_CASE("a write that is taken in parts goes on when the client reads", "[connection]") {
  Fixture f;
  f.client.pipe().window = 1000;
  f.write(5000);
  std::string received;
  while (received.size() < 5000) {
    const std::string part = f.client.receive(600);
    REQUIRE(!part.empty());
    received += part;
    f.run();
  }
  CHECK(received == std::string(5000, 'x'));
  CHECK(f.connection->output().empty());
}

TEST_CASE("writable is false above the high-water mark; the machine hears when half of it is gone", "[connection]") {
  ConnectionLimits limits;
  limits.write_high_water = 1000;
  Fixture f(limits);
  f.client.pipe().window = 100;
  f.write(999);
  f.write(200);
  CHECK_FALSE(f.connection->writable());
  CHECK(f.record.writable_calls == 0);
  while (f.connection->output().size() > 500) {
    CHECK(f.record.writable_calls == 0);
    CHECK_FALSE(f.client.receive(100).empty());
    f.run();
  }
  CHECK(f.connection->writable());
  CHECK(f.record.writable_calls == 1);
}

TEST_CASE("a burst above the high-water mark that leaves at once is answered with on_writable", "[connection]") {
  ConnectionLimits limits;
  limits.write_high_water = 1000;
  Fixture f(limits);
  f.write(3000);
  CHECK(f.record.writable_calls == 1);
  CHECK(f.client.receive().size() == 3000);
}

TEST_CASE("a burst within one turn leaves as it is written, while the peer takes it", "[connection]") {
  ConnectionLimits limits;
  limits.write_high_water = 1000;
  Fixture f(limits);
  const std::vector<uint8_t> bytes(300, 'x');
  size_t written = 0;
  const auto burst = [&] {
    session::ConnectionPort& port = *f.connection;
    while (written < 30'300 && port.writable()) {
      port.output().append(port.pool(), bytes);
      port.output_added();
      written += bytes.size();
    }
  };
  SECTION("a peer that takes all") {
    f.shard.turn(burst);
    CHECK(written == 30'300);
    CHECK(f.client.receive().size() == 30'300);
    CHECK(f.record.writable_calls == 0);
  }
  SECTION("a peer that takes some") {
    f.client.pipe().window = 5'000;
    f.shard.turn(burst);
    CHECK(written >= 5'000);
    CHECK(written <= 6'500);
    const uint32_t writes = f.client.pipe().writes;
    f.shard.turn(burst);
    CHECK(f.client.pipe().writes == writes);  // asking again costs no write
    CHECK(f.record.writable_calls == 0);
    CHECK(f.client.receive().size() == 5'000);
    f.run();
    CHECK(f.record.writable_calls == 1);
  }
  SECTION("a peer that is gone") {
    f.client.pipe().broken = true;
    f.shard.turn(burst);
    CHECK(written < 2'000);
    f.run();
    CHECK(f.record.closed == std::vector<CloseReason>{CloseReason::transport_error});
  }
}

TEST_CASE("what is written at once leaves within the turn, without a copy, as far as the peer takes it",
          "[connection]") {
  Fixture f;
  const std::string first(3'000, 'a');
  const std::string second(2'000, 'b');
  const std::span<const uint8_t> pieces[] = {{reinterpret_cast<const uint8_t*>(first.data()), first.size()},
                                             {reinterpret_cast<const uint8_t*>(second.data()), second.size()}};
  session::ConnectionPort& port = *f.connection;
  SECTION("a peer that takes all") {
    f.shard.turn([&] {
      port.write_at_once(pieces);
      CHECK(f.client.receive() == first + second);
      CHECK(port.output().empty());
    });
    CHECK(f.client.pipe().writes == 1);
    CHECK(f.shard.count(Counter::bytes_sent) == 5'000);
  }
  SECTION("what is not taken follows, in order, and before what comes later") {
    f.client.pipe().window = 3'500;
    f.shard.turn([&] {
      port.write_at_once(pieces);
      CHECK(port.output().size() == 1'500);
      port.write_at_once({pieces, 1});
    });
    CHECK(port.output().size() == 4'500);
    std::string received;
    for (std::string part = f.client.receive(); !part.empty(); part = f.client.receive()) {
      received += part;
      f.run();
    }
    CHECK(received == first + second + first);
  }
  SECTION("behind what waits already") {
    f.shard.turn([&] {
      port.output().append(port.pool(), pieces[1]);
      port.write_at_once({pieces, 1});
      CHECK(f.client.pipe().writes == 0);
    });
    CHECK(f.client.receive() == second + first);
  }
  SECTION("a peer that is gone") {
    f.client.pipe().broken = true;
    f.shard.turn([&] { port.write_at_once(pieces); });
    f.run();
    CHECK(f.record.closed == std::vector<CloseReason>{CloseReason::transport_error});
  }
}

TEST_CASE("output beyond the hard limit ends the connection as a slow consumer", "[connection]") {
  ConnectionLimits limits;
  limits.write_hard_limit = 10'000;
  Fixture f(limits);
  f.client.pipe().window = 100;
  f.write(9000);
  CHECK(f.record.closed.empty());
  f.write(2000);
  f.run();
  CHECK(f.record.closed == std::vector<CloseReason>{CloseReason::slow_consumer});
  CHECK(f.shard.count(Counter::connections_closed_slow_consumer) == 1);
  CHECK(f.client.closed_by_server());
}

TEST_CASE("output without progress for the send timeout ends the connection", "[connection]") {
  Fixture f;
  f.client.pipe().window = 100;
  f.write(1000);
  f.clock.advance_ms(14'000);
  f.run();
  CHECK(f.record.closed.empty());
  SECTION("progress starts the time anew") {
    CHECK(f.client.receive(100).size() == 100);
    f.run();
    f.clock.advance_ms(14'000);
    f.run();
    CHECK(f.record.closed.empty());
    f.clock.advance_ms(1'100);
    f.run();
    CHECK(f.record.closed == std::vector<CloseReason>{CloseReason::slow_consumer});
  }
  SECTION("none") {
    f.clock.advance_ms(1'100);
    f.run();
    CHECK(f.record.closed == std::vector<CloseReason>{CloseReason::slow_consumer});
    CHECK(f.shard.count(Counter::connections_closed_slow_consumer) == 1);
  }
}

TEST_CASE("close waits for the last bytes, but not longer than the linger time", "[connection]") {
  Fixture f;
  f.client.pipe().window = 10;
  f.write(100);
  f.shard.turn([&] { f.connection->close(CloseReason::kicked); });
  f.run();
  CHECK(f.record.closed.empty());
  SECTION("the client takes them") {
    std::string received;
    while (received.size() < 100) {
      received += f.client.receive();
      f.run();
    }
    CHECK(f.record.closed == std::vector<CloseReason>{CloseReason::kicked});
  }
  SECTION("the client does not") {
    f.clock.advance_ms(2'100);
    f.run();
    CHECK(f.record.closed == std::vector<CloseReason>{CloseReason::kicked});
    CHECK(f.shard.count(Counter::connections_closed_slow_consumer) == 0);
  }
  CHECK(f.client.closed_by_server());
}

}  // namespace patchbay::connection
