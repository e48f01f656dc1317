#include <catch2/catch.hpp>
#include <patchbay/plugin.hpp>
#include <patchbay/protocol.hpp>

#include "patchbay/testing/fake_host.hpp"

// Protocols: bytes in and out, what throws, who is refused, timers, back-pressure, connections handed to the next
// version.

namespace {

using namespace std::chrono_literals;
using patchbay::testing::fake_host;

struct echo;

struct echo_connection final : patchbay::protocol_connection<echo_connection, echo> {
  using protocol_connection::protocol_connection;
  bool on_open(const patchbay_connection_info& info) {
    first = info.peer_address[12];
    return first != 99;
  }
  std::size_t on_bytes(patchbay::bytes in, std::size_t& need) {
    const auto text = patchbay::as_text(in);
    if (text.starts_with("throw")) throw std::runtime_error("bad bytes");
    if (text.size() < 4) {
      need = 4;
      return 0;
    }
    ++frames;
    write(text.substr(0, 4), "|");
    return 4;
  }
  void on_timer() { write("tick"); }
  void on_writable() { write("more"); }
  patchbay::status freeze(patchbay::writer out) { return out.write(std::to_string(frames)); }
  bool thaw(const patchbay_connection_info&, patchbay::bytes in) {
    if (in.empty()) return false;
    frames = std::stoi(std::string(patchbay::as_text(in)));
    return true;
  }
  int frames = 0;
  int first = 0;
};

constexpr patchbay_str kSubprotocols[] = {{"echo", 4}};

struct echo final : patchbay::plugin<echo>, patchbay::protocol<echo, echo_connection> {
  using plugin::plugin;
  static constexpr patchbay::protocol_description description{
      .id = "echo", .name = "ECHO", .maximum_unconsumed_bytes = 1000, .websocket_subprotocols = kSubprotocols};
};

struct running {
  running() { REQUIRE(host.start(patchbay::entry_of<echo>("{}")) == PATCHBAY_OK); }
  ~running() {
    host.stop();
    host.destroy();
    CHECK(host.leaks().text() == "");
    CHECK(host.violations().empty());
  }
  fake_host host;
};

}  // namespace

TEST_CASE("a protocol describes itself") {
  running r;
  const auto* description = r.host.protocol.protocol->describe(r.host.plugin()->self);
  CHECK(patchbay::text(description->id) == "echo");
  CHECK(patchbay::text(description->name) == "ECHO");
  CHECK(description->maximum_unconsumed_bytes == 1000);
  CHECK(description->transports == (PATCHBAY_TRANSPORT_TCP | PATCHBAY_TRANSPORT_TLS));
  REQUIRE(description->websocket_subprotocol_count == 1);
  CHECK(patchbay::text(description->websocket_subprotocols[0]) == "echo");
  CHECK(description->alpn_count == 0);
}

TEST_CASE("bytes come in pieces, and what isn't consumed comes again") {
  running r;
  auto c = r.host.protocol.connect();
  c->feed("abcdef");
  CHECK(c->output() == "abcd|");
  CHECK(c->unconsumed() == 2);
  c->feed("g");
  CHECK(c->output().empty());
  c->feed_byte_by_byte("hijkl");
  CHECK(c->output() == "efgh|ijkl|");
  CHECK(c->unconsumed() == 0);
}

TEST_CASE("a connection that throws is closed, the others are not") {
  running r;
  auto bad = r.host.protocol.connect();
  auto good = r.host.protocol.connect();
  bad->feed("throw");
  CHECK(bad->closed());
  CHECK(bad->close_reason() == PATCHBAY_CLOSE_ERROR);
  CHECK(r.host.logged("it threw: bad bytes"));
  good->feed("abcd");
  CHECK(good->output() == "abcd|");
}

TEST_CASE("a connection may refuse to open") {
  running r;
  auto refused = r.host.protocol.connect(PATCHBAY_TRANSPORT_TCP, "99.1.1.1");
  CHECK_FALSE(refused->open());
  CHECK(refused->closed());
}

TEST_CASE("timers and back-pressure of a connection") {
  running r;
  auto c = r.host.protocol.connect();
  c->become_writable();
  CHECK(c->output() == "more");
  c->run_timer();
  CHECK(c->output().empty());
  c->kick(PATCHBAY_CLOSE_SHUTDOWN);
  CHECK(c->close_reason() == PATCHBAY_CLOSE_SHUTDOWN);
}

TEST_CASE("a connection is handed to the next version") {
  running r;
  auto c = r.host.protocol.connect();
  c->feed("abcdefgh");
  const auto* table = r.host.protocol.protocol;
  REQUIRE(table->freeze != nullptr);
  REQUIRE(table->thaw != nullptr);
  patchbay_connection_info info{};
  info.size = sizeof info;
  patchbay_connection* connection = c.get();
  void* thawed = table->thaw(r.host.plugin()->self, connection, &info, patchbay::testing::raw_bytes("2"));
  REQUIRE(thawed != nullptr);
  patchbay::testing::text_writer out;
  CHECK(table->freeze(thawed, &out.raw) == PATCHBAY_OK);
  CHECK(out.value == "2");
  table->on_close(thawed, PATCHBAY_CLOSE_UNLOAD);
  CHECK(table->thaw(r.host.plugin()->self, connection, &info, {}) == nullptr);
  CHECK(table->thaw(r.host.plugin()->self, connection, &info, patchbay::testing::raw_bytes("x")) == nullptr);
}
