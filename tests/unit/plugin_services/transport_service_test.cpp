#include "plugin_services/transport_service.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <functional>
#include <string>

#include "net/readiness.h"
#include "patchbay/protocol.h"
#include "unit/plugin_services/services_fixture.h"

using namespace patchbay;
using namespace patchbay::plugin_services;
using patchbay::test::ServicesFixture;
using plugin_bridge::Held;

namespace {

/// A socket of the other end, on a port of 127.0.0.1 that the system chooses. Nothing of it blocks.
class Peer {
 public:
  explicit Peer(int type = SOCK_STREAM, bool listens = true) : fd_(socket(AF_INET, type | SOCK_NONBLOCK, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    REQUIRE(bind(fd_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port = ntohs(address.sin_port);
    if (type == SOCK_STREAM && listens) REQUIRE(listen(fd_, 4) == 0);
  }
  ~Peer() {
    close(fd_);
    if (connection >= 0) close(connection);
  }
  bool accepted() {
    if (connection < 0) connection = accept4(fd_, nullptr, nullptr, SOCK_NONBLOCK);
    return connection >= 0;
  }
  [[nodiscard]] std::string received() const {
    std::string text(1 << 20, '\0');
    const ssize_t size = recv(connection, text.data(), text.size(), 0);
    return size > 0 ? text.substr(0, static_cast<size_t>(size)) : std::string();
  }
  void send(std::string_view text) const {
    REQUIRE(::send(connection, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()));
  }
  [[nodiscard]] int fd() const { return fd_; }

  uint16_t port = 0;
  int connection = -1;

 private:
  int fd_;
};

/// One stream as its plugin sees it.
struct Seen {
  static patchbay_stream_events events() {
    return {sizeof(patchbay_stream_events),
            0,
            [](void* self, patchbay_stream* stream) {
              auto& seen = *static_cast<Seen*>(self);
              seen.stream = stream;
              seen.on_shard = base::current_shard();
              if (seen.then) seen.then();
            },
            [](void* self, patchbay_bytes bytes, size_t* need) {
              auto& seen = *static_cast<Seen*>(self);
              ++seen.calls;
              *need = seen.wants;
              const size_t takes = std::min(seen.takes, bytes.len);
              seen.input.append(reinterpret_cast<const char*>(bytes.ptr), takes);
              return takes;
            },
            [](void* self) { ++static_cast<Seen*>(self)->writable; },
            [](void* self, patchbay_str text) {
              auto& seen = *static_cast<Seen*>(self);
              seen.stream = nullptr;
              seen.closed = std::string(text.ptr, text.len);
            }};
  }
  patchbay_stream* stream = nullptr;
  base::ShardId on_shard = base::kNoShard;
  std::function<void()> then;
  std::string input;
  size_t takes = 1 << 20;
  size_t wants = 0;
  int calls = 0;
  int writable = 0;
  std::string closed;
};

struct Streams : ServicesFixture {
  explicit Streams(ServiceLimits given = {}) : ServicesFixture(given) {}
  ~Streams() {
    for (base::ShardId shard = 0; shard < 2; ++shard) on(shard, [&] { service.stop_on_shard(); });
  }
  void on(base::ShardId shard, const std::function<void()>& work) {
    const net::Readiness::Scope scope(shard == 0 ? first : second);
    flow.turn(shard, work);
  }
  void turns(int count = 4) {
    for (int i = 0; i < count; ++i) {
      for (base::ShardId shard = 0; shard < 2; ++shard) {
        on(shard, [&] {
          net::Readiness& readiness = shard == 0 ? first : second;
          flow.environment(shard).shard.mailbox->drain();
          readiness.wait(0);
          readiness.dispatch();
        });
      }
      static_cast<void>(workers.run_pending());
    }
  }
  patchbay_status open(Seen& seen, uint16_t port, uint32_t transport = PATCHBAY_TRANSPORT_TCP,
                       const std::string& host = "127.0.0.1", uint32_t timeout_ms = 0) {
    patchbay_stream_target target{};
    target.size = sizeof(target);
    target.transport = transport;
    target.host = {host.data(), host.size()};
    target.port = port;
    target.connect_timeout_ms = timeout_ms;
    const patchbay_stream_events events = Seen::events();
    return service.open(1, target, events, &seen);
  }
  static OutgoingStream& stream_of(const Seen& seen) { return *reinterpret_cast<OutgoingStream*>(seen.stream); }
  patchbay_status write(const Seen& seen, std::string_view text) {
    patchbay_status status = PATCHBAY_OK;
    const patchbay_bytes span{reinterpret_cast<const uint8_t*>(text.data()), text.size()};
    on(1, [&] { status = stream_of(seen).write(&span, 1); });
    return status;
  }
  [[nodiscard]] uint64_t held() const { return instance.holds(Held::streams); }

  net::Readiness first{flow.environment(0).shard};
  net::Readiness second{flow.environment(1).shard};
  TransportService service{account, shards, workers};
};

}  // namespace

TEST_CASE("a stream connects on its shard, writes, reads, and is closed by the plugin with all that was queued") {
  Streams streams;
  Peer peer;
  Seen seen;
  REQUIRE(streams.open(seen, peer.port) == PATCHBAY_OK);
  CHECK(streams.held() == 1);
  CHECK(seen.stream == nullptr);  // never from within open()
  streams.turns();
  REQUIRE(seen.stream != nullptr);
  CHECK(seen.on_shard == 1);
  REQUIRE(peer.accepted());
  CHECK(streams.write(seen, "hello") == PATCHBAY_OK);
  streams.turns();
  CHECK(peer.received() == "hello");
  peer.send("and you");
  streams.turns();
  CHECK(seen.input == "and you");
  CHECK(streams.write(seen, "bye") == PATCHBAY_OK);
  streams.on(1, [&] {
    CHECK(Streams::stream_of(seen).close() == PATCHBAY_OK);
    CHECK(Streams::stream_of(seen).close() == PATCHBAY_CLOSED);
    CHECK(seen.closed.empty());  // never from within close()
  });
  streams.turns();
  CHECK(seen.closed == "closed by the plugin");
  CHECK(peer.received() == "bye");
  CHECK(streams.held() == 0);
}

TEST_CASE("bytes that on_bytes leaves come again with what is new, and not before as many are there as it needs") {
  Streams streams;
  Peer peer;
  Seen seen;
  REQUIRE(streams.open(seen, peer.port) == PATCHBAY_OK);
  streams.turns();
  REQUIRE(peer.accepted());
  seen.takes = 0;
  seen.wants = 6;
  peer.send("abc");
  streams.turns();
  CHECK(seen.calls == 1);
  peer.send("de");
  streams.turns();
  CHECK(seen.calls == 1);
  seen.takes = 6;
  seen.wants = 0;
  peer.send("f");
  streams.turns();
  CHECK(seen.calls == 2);
  CHECK(seen.input == "abcdef");
}

TEST_CASE("a plugin that takes nothing is bounded, and one that writes too much is told BUSY, then cut off") {
  Streams streams;
  Peer peer;
  Seen seen;
  REQUIRE(streams.open(seen, peer.port) == PATCHBAY_OK);
  streams.turns();
  REQUIRE(peer.accepted());
  const std::string much(200'000, 'x');
  SECTION("input") {
    seen.takes = 0;
    for (int i = 0; i < 100 && seen.closed.empty(); ++i) {
      static_cast<void>(::send(peer.connection, much.data(), much.size(), MSG_NOSIGNAL));
      streams.turns();
    }
    CHECK(seen.closed == "more than 1048576 bytes wait for on_bytes() to take them");
  }
  SECTION("output") {
    patchbay_status status = PATCHBAY_OK;
    while ((status = streams.write(seen, much)) == PATCHBAY_OK) {
    }
    CHECK(status == PATCHBAY_BUSY);
    for (int i = 0; i < 1'000 && seen.writable == 0; ++i) {
      static_cast<void>(peer.received());
      streams.turns(1);
    }
    CHECK(seen.writable == 1);
    while ((status = streams.write(seen, much)) != PATCHBAY_TOO_LARGE) REQUIRE(status != PATCHBAY_CLOSED);
    streams.turns();
    CHECK(seen.closed == "more than 16777216 bytes of output wait");
  }
  CHECK(streams.held() == 0);
}

TEST_CASE("the other end's end, its refusal, and silence are told with the reason") {
  Streams streams;
  Seen seen;
  SECTION("end") {
    Peer peer;
    REQUIRE(streams.open(seen, peer.port) == PATCHBAY_OK);
    streams.turns();
    REQUIRE(peer.accepted());
    peer.send("last words");
    shutdown(peer.connection, SHUT_WR);
    streams.turns();
    CHECK(seen.input == "last words");
    CHECK(seen.closed == "closed by the other end");
  }
  SECTION("refusal") {
    const Peer deaf(SOCK_STREAM, false);
    REQUIRE(streams.open(seen, deaf.port) == PATCHBAY_OK);
    streams.turns();
    CHECK(seen.closed == "127.0.0.1 port " + std::to_string(deaf.port) + ": Connection refused");
  }
  SECTION("silence: TLS with somebody who doesn't answer") {
    Peer silent;
    REQUIRE(streams.open(seen, silent.port, PATCHBAY_TRANSPORT_TLS, "127.0.0.1", 500) == PATCHBAY_OK);
    streams.turns();
    REQUIRE(silent.accepted());
    CHECK_FALSE(silent.received().empty());  // the ClientHello
    CHECK(seen.closed.empty());
    streams.flow.clock.advance_ms(600);
    for (base::ShardId shard = 0; shard < 2; ++shard) {
      streams.on(shard, [&] { streams.flow.environment(shard).shard.timers->advance(streams.flow.clock.steady_ms()); });
    }
    CHECK(seen.closed == "127.0.0.1 port " + std::to_string(silent.port) + ": not connected within 500 ms");
  }
  SECTION("TLS with somebody who speaks something else") {
    Peer peer;
    REQUIRE(streams.open(seen, peer.port, PATCHBAY_TRANSPORT_TLS) == PATCHBAY_OK);
    streams.turns();
    REQUIRE(peer.accepted());
    peer.send("220 mail.example ESMTP\r\n");
    streams.turns();
    CHECK(seen.closed.starts_with("127.0.0.1 port " + std::to_string(peer.port) + ": TLS: "));
  }
  CHECK(seen.stream == nullptr);
  CHECK(streams.held() == 0);
}

TEST_CASE("datagrams go one for one") {
  Streams streams;
  Peer peer(SOCK_DGRAM);
  Seen seen;
  REQUIRE(streams.open(seen, peer.port, PATCHBAY_TRANSPORT_UDP) == PATCHBAY_OK);
  streams.turns();
  REQUIRE(seen.stream != nullptr);
  CHECK(streams.write(seen, "one") == PATCHBAY_OK);
  CHECK(streams.write(seen, "two") == PATCHBAY_OK);
  CHECK(streams.write(seen, std::string(70'000, 'x')) == PATCHBAY_TOO_LARGE);
  char datagram[64];
  sockaddr_in from = {};
  socklen_t size = sizeof(from);
  CHECK(recvfrom(peer.fd(), datagram, sizeof(datagram), 0, reinterpret_cast<sockaddr*>(&from), &size) == 3);
  CHECK(recv(peer.fd(), datagram, sizeof(datagram), 0) == 3);
  CHECK(std::string(datagram, 3) == "two");
  CHECK(sendto(peer.fd(), "three", 5, 0, reinterpret_cast<sockaddr*>(&from), size) == 5);
  CHECK(sendto(peer.fd(), "four", 4, 0, reinterpret_cast<sockaddr*>(&from), size) == 4);
  streams.turns();
  CHECK(seen.calls == 2);
  CHECK(seen.input == "threefour");
}

TEST_CASE("streams that cannot be are refused, plugins.max_streams is a bound, a draining instance opens none") {
  ServiceLimits limits;
  limits.max_streams = 1;
  Streams streams(limits);
  Peer peer;
  Seen seen;
  Seen second;
  CHECK(streams.open(seen, 0) == PATCHBAY_INVALID);
  CHECK(streams.open(seen, peer.port, PATCHBAY_TRANSPORT_WS) == PATCHBAY_INVALID);
  CHECK(streams.open(seen, peer.port, PATCHBAY_TRANSPORT_TCP, "") == PATCHBAY_INVALID);
  CHECK(streams.open(seen, peer.port, PATCHBAY_TRANSPORT_TCP, "two words") == PATCHBAY_INVALID);
  CHECK(streams.open(seen, peer.port) == PATCHBAY_OK);
  CHECK(streams.open(second, peer.port) == PATCHBAY_BUSY);
  CHECK(streams.account.refusals.value(Refusal::streams) == 1);
  streams.turns();
  streams.on(1, [&] { streams.service.stop_on_shard(); });
  CHECK(seen.closed == "the plugin stops");
  CHECK(streams.held() == 0);
  streams.instance.gate.move_to(plugin_bridge::GateState::draining);
  CHECK(streams.open(second, peer.port) == PATCHBAY_CLOSED);
}

TEST_CASE("a stream that is stopped while its name is looked up never connects") {
  Streams streams;
  Peer peer;
  Seen seen;
  REQUIRE(streams.open(seen, peer.port, PATCHBAY_TRANSPORT_TCP, "localhost") == PATCHBAY_OK);
  streams.on(1, [&] { streams.service.stop_on_shard(); });
  CHECK(seen.closed == "the plugin stops");
  streams.turns();
  CHECK(seen.stream == nullptr);
  CHECK_FALSE(peer.accepted());
}
