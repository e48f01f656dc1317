// conn.opened, conn.closed, conn.detect, conn.limits, proto.opened, proto.closed and proto.error.

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "base/deferral.h"
#include "connection_fixture.h"
#include "hooks/replacements.h"
#include "support/point_listener.h"

namespace patchbay::connection::testing {

using base::Counter;
using base::Phase;
using base::Verdict;
using hooks::ConnDetectEvent;
using hooks::ConnectionEvent;
using hooks::ConnLimitsEvent;
using patchbay::testing::observer;
using patchbay::testing::PointListener;

namespace {

struct Told {
  std::string what;
  std::string protocol;
  std::string reason;
  uint64_t bytes_received;
  uint64_t bytes_sent;
  uint64_t duration_ms;
};

/// A fixture whose shards have hook points, and clients that come when the test wants.
struct HookFixture : Fixture {
  HookFixture() : HookFixture(ConnectionLimits{}) {}
  explicit HookFixture(const ConnectionLimits& limits) : Fixture(limits) {
    listener.id = "tcp:default";
    for (TestShard* each : {&shard, &other}) {
      each->connections().use_extensions(extensions);
    }
    shard.services().deferrals = &deferrals;
    other.services().deferrals = &other_deferrals;
  }
  ~HookFixture() {
    shard.turn([this] { shard.connections().destroy_all(); });
    other.turn([this] { other.connections().destroy_all(); });
  }
  Connection& accept(MemoryClient& newcomer) {
    Connection* accepted = nullptr;
    shard.turn([&] { accepted = &shard.accept(newcomer, listener); });
    return *accepted;
  }
  void wait_ms(uint64_t duration_ms) {
    for (uint64_t passed = 0; passed < duration_ms; passed += 10) {
      clock.advance_ms(10);
      run();
    }
  }
  auto watch(base::ChainPoint<ConnectionEvent>& point, std::string what) {
    return observer(point, epoch, [this, what](const ConnectionEvent& event) {
      told.push_back({what, std::string(event.protocol_name), std::string(event.reason), event.bytes_received,
                      event.bytes_sent, event.duration_ms});
    });
  }
  void add_stomp() {
    LengthMachine::Options options;
    protocols.add({"STOMP", {}, {}, {}, std::make_shared<LengthFactory>(stomp, options)}, epoch);
  }

  hooks::HookPoints points;
  ProtocolDirectory protocols;
  ConnectionExtensions extensions{points, protocols};
  base::Deferrals deferrals{shard.services(), 10};
  base::Deferrals other_deferrals{other.services(), 10};
  Record stomp;
  std::vector<Told> told;
};

Verdict names(std::string protocol) {
  return Verdict::allows_with(std::make_unique<hooks::ReplacementText>(std::move(protocol)));
}

Verdict limits_to(const access::ConnectionAllowance& allowance) {
  return Verdict::allows_with(std::make_unique<hooks::ConnectionLimits>(allowance));
}

using Detect = PointListener<ConnDetectEvent>;
using Limits = PointListener<ConnLimitsEvent>;

}  // namespace

TEST_CASE("conn.opened and conn.closed tell one connection's life with its real sizes", "[hooks]") {
  HookFixture f;
  const auto opened = f.watch(f.points.conn_opened, "opened");
  const auto closed = f.watch(f.points.conn_closed, "closed");
  MemoryClient client;
  f.accept(client);
  REQUIRE(f.told.size() == 1);
  CHECK(f.told[0].what == "opened");
  client.send(packet("hello"));
  f.run();
  f.wait_ms(500);
  client.close();
  f.run();
  REQUIRE(f.told.size() == 2);
  CHECK(f.told[1].what == "closed");
  CHECK(f.told[1].reason == "peer_closed");
  CHECK(f.told[1].protocol == "MQTT");
  CHECK(f.told[1].bytes_received == 6);
  CHECK(f.told[1].bytes_sent == 5);
  CHECK(f.told[1].duration_ms >= 490);
}

TEST_CASE("a connection that moves is opened and closed once, and its sizes are those of its whole life", "[hooks]") {
  HookFixture f;
  const auto opened = f.watch(f.points.conn_opened, "opened");
  const auto closed = f.watch(f.points.conn_closed, "closed");
  MemoryClient client;
  f.accept(client);
  client.send(packet("here"));
  f.run();
  client.send(packet("M1") + packet("there"));
  f.run();
  CHECK(f.other_record.packets.back() == "there");
  client.close();
  f.run();
  REQUIRE(f.told.size() == 2);
  CHECK(f.told[1].bytes_received == 5 + 3 + 6);
  CHECK(f.told[1].bytes_sent == 4 + 2 + 5);
}

TEST_CASE("conn.detect: what nobody knows, and who says nothing in time, is the listener's own protocol", "[hooks]") {
  HookFixture f;
  const Detect detect(f.points.conn_detect, f.epoch, Phase::decide,
                      [](ConnDetectEvent&, base::Token) { return Verdict::proceeds(); });
  const uint32_t machines = f.record.machines;
  MemoryClient client;
  f.accept(client);
  f.run();
  CHECK(f.record.machines == machines);  // not known yet
  client.send(packet("hello"));
  f.run();
  CHECK(f.record.machines == machines + 1);
  CHECK(f.record.packets.back() == "hello");
  CHECK(client.receive() == "hello");
  CHECK(f.record.port->transfers().reads == 1);  // the one that was there before the machine

  MemoryClient silent;
  f.accept(silent);
  f.wait_ms(ConnectionLimits{}.detect_timeout_ms - 100);
  CHECK(f.record.machines == machines + 1);
  f.wait_ms(200);
  CHECK(f.record.machines == machines + 2);
}

TEST_CASE("conn.detect names a protocol of the directory by the first bytes", "[hooks]") {
  HookFixture f;
  f.add_stomp();
  const auto proto_opened = f.watch(f.points.proto_opened, "proto opened");
  const auto proto_closed = f.watch(f.points.proto_closed, "proto closed");
  const auto proto_error = f.watch(f.points.proto_error, "proto error");
  std::string seen;
  std::string listener_id;
  const Detect detect(f.points.conn_detect, f.epoch, Phase::decide, [&](ConnDetectEvent& event, base::Token) {
    seen.assign(event.first_bytes.begin(), event.first_bytes.end());
    listener_id = event.listener_id;
    return event.first_bytes[0] == 7 ? names("STOMP") : Verdict::proceeds();
  });
  MemoryClient stomp;
  f.accept(stomp);
  stomp.send(packet("CONNECT"));
  f.run();
  CHECK(seen == packet("CONNECT"));
  CHECK(listener_id == "tcp:default");
  CHECK(f.stomp.packets == std::vector<std::string>{"CONNECT"});
  REQUIRE(f.told.size() == 1);
  CHECK(f.told[0].what == "proto opened");
  CHECK(f.told[0].protocol == "STOMP");
  stomp.close();
  f.run();
  REQUIRE(f.told.size() == 2);
  CHECK(f.told[1].what == "proto closed");
  CHECK(f.told[1].reason == "peer_closed");

  MemoryClient mqtt;
  f.accept(mqtt);
  mqtt.send(packet("hello"));
  f.run();
  CHECK(f.record.packets.back() == "hello");
  mqtt.close();
  f.run();
  CHECK(f.told.size() == 2);  // MQTT is told by conn.opened and conn.closed only
}

TEST_CASE("proto.error tells that another protocol's connection ended for an error of the protocol", "[hooks]") {
  HookFixture f;
  f.add_stomp();
  const auto proto_closed = f.watch(f.points.proto_closed, "proto closed");
  const auto proto_error = f.watch(f.points.proto_error, "proto error");
  const Detect detect(f.points.conn_detect, f.epoch, Phase::decide,
                      [](ConnDetectEvent&, base::Token) { return names("STOMP"); });
  MemoryClient client;
  f.accept(client);
  client.send(packet("x"));
  f.run();
  f.shard.turn([&] { f.stomp.port->close(session::CloseReason::protocol_error); });
  f.run();
  REQUIRE(f.told.size() == 2);
  CHECK(f.told[0].what == "proto error");
  CHECK(f.told[1].what == "proto closed");
  CHECK(f.told[0].reason == "protocol_error");
}

TEST_CASE("conn.detect may ask for more bytes, up to a limit, and is asked again", "[hooks]") {
  ConnectionLimits limits;
  limits.detect_bytes = 8;
  HookFixture f(limits);
  std::vector<size_t> sizes;
  const Detect detect(f.points.conn_detect, f.epoch, Phase::decide, [&](ConnDetectEvent& event, base::Token) {
    sizes.push_back(event.first_bytes.size());
    return Verdict::drops();
  });
  MemoryClient client;
  f.accept(client);
  const std::string bytes = packet("0123456789");
  for (const char byte : bytes) {
    client.send(std::string(1, byte));
    f.run();
  }
  CHECK(sizes == std::vector<size_t>{1, 2, 3, 4, 5, 6, 7, 8});
  CHECK(f.record.packets.back() == "0123456789");  // nothing was lost meanwhile
}

TEST_CASE("conn.detect may refuse, and that is counted", "[hooks]") {
  HookFixture f;
  const Detect detect(f.points.conn_detect, f.epoch, Phase::decide,
                      [](ConnDetectEvent&, base::Token) { return Verdict::denies(); });
  const uint32_t machines = f.record.machines;
  MemoryClient client;
  f.accept(client);
  client.send("GET / HTTP/1.1\r\n");
  f.run();
  CHECK(client.closed_by_server());
  CHECK(f.record.machines == machines);
  CHECK(f.shard.count(Counter::connections_refused_hook) == 1);
}

TEST_CASE("a protocol that is not there is the listener's own; one that was removed stays with who speaks it",
          "[hooks]") {
  HookFixture f;
  f.add_stomp();
  const Detect detect(f.points.conn_detect, f.epoch, Phase::decide,
                      [](ConnDetectEvent&, base::Token) { return names("STOMP"); });
  MemoryClient early;
  f.accept(early);
  early.send(packet("a"));
  f.run();
  const ProtocolRef removed = f.protocols.remove("STOMP", f.epoch);
  f.epoch.reclaim();
  CHECK(removed.use_count() == 2);
  MemoryClient late;
  f.accept(late);
  late.send(packet("b"));
  f.run();
  CHECK(f.stomp.packets == std::vector<std::string>{"a"});
  CHECK(f.record.packets.back() == "b");
  early.send(packet("c"));
  f.run();
  CHECK(f.stomp.packets.back() == "c");
  f.shard.turn([&] { f.shard.connections().kick_protocol(session::CloseReason::kicked, removed); });
  f.run();
  CHECK(early.closed_by_server());
  CHECK_FALSE(late.closed_by_server());
  CHECK(removed.use_count() == 1);
}

TEST_CASE("two kicks at a time end those that they name and nobody else", "[hooks]") {
  HookFixture f;
  session::ListenerInfo second;
  second.id = "tcp:second";
  session::ListenerInfo third;
  third.id = "tcp:third";
  for (session::ListenerInfo* info : {&second, &third}) {
    f.shard.connections().add_protocol(*info, std::make_unique<LengthFactory>(f.record, LengthMachine::Options{}));
  }
  MemoryClient in_first;
  MemoryClient in_second;
  MemoryClient in_third;
  f.accept(in_first);
  f.shard.turn([&] {
    f.shard.accept(in_second, second);
    f.shard.accept(in_third, third);
    f.shard.connections().kick_all(session::CloseReason::kicked, &second);
    f.shard.connections().kick_all(session::CloseReason::kicked, &third);
  });
  f.run();
  CHECK_FALSE(in_first.closed_by_server());
  CHECK(in_second.closed_by_server());
  CHECK(in_third.closed_by_server());
}

TEST_CASE("conn.limits: above its bytes per second reading pauses; nothing is lost", "[hooks]") {
  HookFixture f;
  uint16_t asked = 0;
  const Limits limits(f.points.conn_limits, f.epoch, Phase::decide, [&](ConnLimitsEvent& event, base::Token) {
    CHECK(event.listener_id == "tcp:default");
    ++asked;
    return limits_to({100, 0, 0});
  });
  MemoryClient client;
  f.accept(client);
  CHECK(asked == 1);
  std::string bytes;
  for (int i = 0; i < 30; ++i) bytes += packet("123456789");
  const size_t before = f.record.packets.size();
  client.send(bytes);
  f.run();
  CHECK(f.record.packets.size() == before + 10);  // a second's worth at once
  CHECK(f.shard.count(Counter::reads_paused_rate) >= 1);
  f.wait_ms(1'000);
  const size_t after_one_second = f.record.packets.size() - before;
  CHECK(after_one_second >= 18);
  CHECK(after_one_second <= 21);
  f.wait_ms(1'500);
  CHECK(f.record.packets.size() == before + 30);
  CHECK(client.pipe().to_server.empty());
}

TEST_CASE("conn.limits: messages per second hold the machine back after each", "[hooks]") {
  HookFixture f;
  const Limits limits(f.points.conn_limits, f.epoch, Phase::decide, [](ConnLimitsEvent&, base::Token) {
    return limits_to({0, 5, 0});
  });
  MemoryClient client;
  Connection& connection = f.accept(client);
  session::ConnectionPort& port = connection;
  uint32_t taken = 0;
  f.shard.turn([&] {
    while (port.take_message()) ++taken;
  });
  CHECK(taken == 4);  // the fifth is taken, and says that it was the last for now
  CHECK(port.throttled());
  client.send(packet("later"));
  f.run();
  CHECK((f.record.packets.empty() || f.record.packets.back() != "later"));
  f.wait_ms(300);
  CHECK_FALSE(port.throttled());
  CHECK(f.record.packets.back() == "later");
}

TEST_CASE("conn.limits goes along when the connection moves, and gives way to what the client may", "[hooks]") {
  HookFixture f;
  const Limits limits(f.points.conn_limits, f.epoch, Phase::decide, [](ConnLimitsEvent&, base::Token) {
    return limits_to({0, 0, 512});
  });
  MemoryClient client;
  CHECK(f.accept(client).packet_limit(1'000) == 512);
  client.send(packet("M1") + packet("x"));
  f.run();
  REQUIRE(f.other_record.port != nullptr);
  CHECK(f.other_record.port->packet_limit(1'000) == 512);
  f.other.turn([&] { f.other_record.port->set_allowance({0, 0, 2'000}); });
  CHECK(f.other_record.port->packet_limit(1'000) == 2'000);
  f.other.turn([&] { f.other_record.port->set_allowance({10, 0, 0}); });
  CHECK(f.other_record.port->packet_limit(1'000) == 2'000);  // what isn't named stays
}

TEST_CASE("a listener that names a protocol speaks it, and nothing is detected there") {
  HookFixture f;
  f.add_stomp();
  int asked = 0;
  const Detect detect(f.points.conn_detect, f.epoch, Phase::decide, [&](ConnDetectEvent&, base::Token) {
    ++asked;
    return Verdict::proceeds();
  });
  f.listener.protocol = "STOMP";
  const uint32_t machines = f.record.machines;
  MemoryClient client;
  const Connection& connection = f.accept(client);
  client.send(packet("CONNECT"));
  f.run();
  CHECK(asked == 0);
  CHECK(f.record.machines == machines);
  CHECK(f.stomp.packets == std::vector<std::string>{"CONNECT"});
  REQUIRE(connection.protocol() != nullptr);
  CHECK(connection.protocol()->id == "STOMP");
}

TEST_CASE("a listener closes its connections while nobody provides its protocol") {
  HookFixture f;
  f.listener.protocol = "STOMP";
  const auto closed = f.watch(f.points.conn_closed, "closed");
  MemoryClient client;
  f.accept(client);
  client.send(packet("CONNECT"));
  f.run();
  REQUIRE(f.told.size() == 1);
  CHECK(f.told[0].reason == "server_shutdown");
  CHECK(f.record.packets.empty());
}

}  // namespace patchbay::connection::testing
