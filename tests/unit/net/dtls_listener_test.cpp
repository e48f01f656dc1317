// DTLS listeners, with OpenSSL's own client on real sockets.

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "dtls_client.h"
#include "net/dtls_stream.h"
#include "tls_files.h"
#include "udp_fixture.h"

namespace patchbay::net {

namespace {

constexpr uint8_t kHandshake = 22;
constexpr uint8_t kHelloVerifyRequest = 3;
constexpr uint8_t kServerHello = 2;
constexpr size_t kRecordHead = 13;

struct DtlsFixture : UdpFixture {
  DtlsFixture() {
    files.issue("server", "server.example");
    files.issue("device", "device-7");
  }
  ListenerOptions options() const {
    ListenerOptions result;
    result.type = ListenerType::dtls;
    result.tls.certificate_file = files.path("server.pem");
    result.tls.key_file = files.path("server.key");
    result.tls.ca_file = files.authority();
    return result;
  }
  DtlsClient::Options device() const { return {files.path("device.pem"), files.path("device.key"), "", ""}; }
  uint32_t connections() const { return static_cast<uint32_t>(listeners.status().at(0).connections); }
  bool closed(uint32_t count) const {
    const uint64_t end_ms = clock.steady_ms() + 10'000;
    while (counts.closed < count && clock.steady_ms() < end_ms) std::this_thread::yield();
    return counts.closed == count;
  }
  TlsFiles files;
};

/// The client's side of a handshake, datagram by datagram, so that a test can lose some.
class SlowClient {
 public:
  SlowClient() : context_(SSL_CTX_new(DTLS_client_method())), ssl_(SSL_new(context_.get())) {
    BIO* in = BIO_new(BIO_s_mem());
    BIO* out = BIO_new(BIO_s_mem());
    BIO_set_mem_eof_return(in, -1);
    SSL_set_bio(ssl_.get(), in, out);
    SSL_set_options(ssl_.get(), SSL_OP_NO_QUERY_MTU);
    SSL_set_mtu(ssl_.get(), 1'400);
    SSL_set_connect_state(ssl_.get());
  }
  /// What it has to say after this datagram (none at first): one record, the hello.
  std::string next(std::string_view datagram = {}) {
    if (!datagram.empty()) BIO_write(SSL_get_rbio(ssl_.get()), datagram.data(), static_cast<int>(datagram.size()));
    SSL_do_handshake(ssl_.get());
    std::string said(4'000, '\0');
    const int size = BIO_read(SSL_get_wbio(ssl_.get()), said.data(), static_cast<int>(said.size()));
    said.resize(size > 0 ? static_cast<size_t>(size) : 0);
    return said;
  }

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  std::unique_ptr<SSL_CTX, Free> context_;
  std::unique_ptr<SSL, Free> ssl_;
};

/// The type of the handshake message in front of a datagram; 0: something else.
uint8_t message_type(const std::string& datagram) {
  if (datagram.size() <= kRecordHead || static_cast<uint8_t>(datagram[0]) != kHandshake) return 0;
  return static_cast<uint8_t>(datagram[kRecordHead]);
}

}  // namespace

TEST_CASE("datagrams inside of DTLS are a connection: each comes whole, and so do the answers", "[dtls]") {
  DtlsFixture f;
  const UdpClient socket(f.start_datagrams(f.options()));
  DtlsClient client(socket, {});
  REQUIRE(client.shake());
  CHECK(client.version() == "DTLSv1.2");
  CHECK(client.server_name() == "server.example");
  CHECK(client.ask("hello") == "hello");
  CHECK(client.ask("W") == "127.0.0.1|dtls:default");
  CHECK(client.ask("C") == "none");
  client.send("one");
  client.send("two");
  CHECK(client.receive() == "one");
  CHECK(client.receive() == "two");
  const std::string large(9'000, 'x');
  CHECK(client.ask(large) == large);
  CHECK(f.counts.machines == 1);
  CHECK(f.shards.count(base::Counter::connections) == 1);
}

TEST_CASE("a hello without the cookie is answered with one, and costs nothing [RFC 6347 4.2.1]", "[dtls]") {
  DtlsFixture f;
  const uint16_t port = f.start_datagrams(f.options());
  const UdpClient socket(port);
  SlowClient client;
  const std::string hello = client.next();
  for (int i = 0; i < 20; ++i) {
    const std::string answer = socket.ask(hello);
    CHECK(message_type(answer) == kHelloVerifyRequest);
    CHECK(answer.size() < hello.size());
  }
  CHECK(f.connections() == 0);
  CHECK(f.counts.machines == 0);

  const std::string with_cookie = client.next(socket.ask(hello));
  UdpClient elsewhere(port);  // the cookie is no other address's
  CHECK(message_type(elsewhere.ask(with_cookie)) == kHelloVerifyRequest);
  CHECK(f.connections() == 0);
  CHECK(message_type(socket.ask(with_cookie)) == kServerHello);
  CHECK(f.connections() == 1);
}

TEST_CASE("what is no hello is dropped in silence", "[dtls]") {
  DtlsFixture f;
  UdpClient socket(f.start_datagrams(f.options()));
  const std::string hello = SlowClient().next();
  socket.set_patience(50);
  CHECK(socket.ask("hello").empty());
  CHECK(socket.ask(hello.substr(0, 13)).empty());
  CHECK(socket.ask(hello.substr(0, 20)).empty());
  CHECK(socket.ask(hello.substr(0, hello.size() - 5)).empty());
  std::string later_epoch = hello;
  later_epoch[4] = 1;
  CHECK(socket.ask(later_epoch).empty());
  CHECK(f.connections() == 0);
  socket.set_patience(10'000);
  DtlsClient client(socket, {});
  CHECK(client.shake());
}

TEST_CASE("a client certificate is verified, and names the peer", "[dtls]") {
  DtlsFixture f;
  ListenerOptions options = f.options();
  options.tls.verify_peer = true;
  options.tls.fail_if_no_peer_cert = true;
  const uint16_t port = f.start_datagrams(options);
  const UdpClient socket(port);
  DtlsClient client(socket, f.device());
  REQUIRE(client.shake());
  CHECK(client.ask("C") == "device-7");

  UdpClient other(port);
  DtlsClient nobody(other, {});
  static_cast<void>(nobody.shake());  // the client's side may be done before it is refused
  CHECK(nobody.receive().empty());
  CHECK(f.reaches(base::Counter::connections_tls_failed, 1));
  CHECK(client.ask("still here") == "still here");
}

TEST_CASE("a peer that has lost its keys begins anew at the same address [RFC 6347 4.2.8]", "[dtls]") {
  DtlsFixture f;
  const UdpClient socket(f.start_datagrams(f.options()));
  DtlsClient before(socket, {});
  REQUIRE(before.shake());
  CHECK(before.ask("hello") == "hello");

  // Anybody can send a hello in its name; the association stays until the cookie has come back.
  const UdpClient& same_address = socket;
  SlowClient stranger;
  CHECK(message_type(same_address.ask(stranger.next())) == kHelloVerifyRequest);
  CHECK(before.ask("still here") == "still here");

  DtlsClient after(socket, {});
  REQUIRE(after.shake());
  CHECK(f.closed(1));
  CHECK(after.ask("again") == "again");
  CHECK(f.counts.machines == 2);
  CHECK(f.connections() == 1);
}

TEST_CASE("a flight that gets no answer is sent again [RFC 6347 4.2.4]", "[dtls]") {
  DtlsFixture f;
  const UdpClient socket(f.start_datagrams(f.options()));
  SlowClient client;
  const std::string with_cookie = client.next(socket.ask(client.next()));
  socket.send(with_cookie);
  int hellos = 0;
  while (hellos < 2) {
    const std::string datagram = socket.receive();  // the second flight comes after a second, unasked for
    REQUIRE_FALSE(datagram.empty());
    if (message_type(datagram) == kServerHello) ++hellos;
  }
  CHECK(f.connections() == 1);
}

TEST_CASE("a handshake that takes too long is over", "[dtls]") {
  DtlsFixture f;
  ListenerOptions options = f.options();
  options.tls.handshake_timeout_s = 1;
  const UdpClient socket(f.start_datagrams(options));
  SlowClient client;
  socket.send(client.next(socket.ask(client.next())));
  CHECK(f.reaches(base::Counter::connections_tls_failed, 1));
  CHECK(f.closed(1));
  CHECK(f.connections() == 0);
}

TEST_CASE("the handshake's datagrams keep to the mtu", "[dtls]") {
  DtlsFixture f;
  ListenerOptions options = f.options();
  options.datagram.mtu_bytes = 400;
  const uint16_t port = f.start_datagrams(options);
  const UdpClient socket(port);
  SlowClient slow;
  const std::string first = socket.ask(slow.next(socket.ask(slow.next())));
  CHECK(message_type(first) == kServerHello);
  CHECK(first.size() <= 400 - 28);
  const UdpClient other(port);
  DtlsClient client(other, {});
  REQUIRE(client.shake());
  CHECK(client.ask("hello") == "hello");
}

TEST_CASE("goodbyes go both ways", "[dtls]") {
  DtlsFixture f;
  const uint16_t port = f.start_datagrams(f.options());
  {
    const UdpClient socket(port);
    DtlsClient client(socket, {});
    REQUIRE(client.shake());
    CHECK(client.ask("hello") == "hello");
    client.say_goodbye();
    CHECK(f.closed(1));
  }
  const UdpClient socket(port);
  DtlsClient client(socket, {});
  REQUIRE(client.shake());
  CHECK(client.ask("Q") == "Q");
  CHECK(client.receive().empty());
  CHECK(client.told_goodbye());
  CHECK(f.closed(2));
  CHECK(f.connections() == 0);
}

TEST_CASE("an association with DTLS moves between running shards", "[dtls]") {
  DtlsFixture f;
  const UdpClient socket(f.start_datagrams(f.options()));
  DtlsClient client(socket, {});
  REQUIRE(client.shake());
  CHECK(client.ask("hello") == "hello");
  // The machine of the shard that it comes from consumes nothing: the new one gets the datagram again.
  for (const char* order : {">0", ">1", ">0", ">1"}) {
    CHECK(client.ask(order) == order);
    CHECK(client.ask("still here") == "still here");
  }
}

TEST_CASE("certificates of a DTLS listener are read again without a restart", "[dtls]") {
  DtlsFixture f;
  const uint16_t port = f.start_datagrams(f.options());
  const UdpClient socket(port);
  DtlsClient before(socket, {});
  REQUIRE(before.shake());
  f.files.issue("server", "renewed.example");
  REQUIRE(f.listeners.reload_tls("dtls:default"));
  const UdpClient other(port);
  DtlsClient after(other, {});
  REQUIRE(after.shake());
  CHECK(after.server_name() == "renewed.example");
  CHECK(before.ask("still here") == "still here");
}

TEST_CASE("DTLS 1.3 and missing files are refused with a sentence", "[dtls]") {
  DtlsFixture f;
  const auto start = [&f](const ListenerOptions& options) {
    ListenerOptions local = options;
    local.bind = "127.0.0.1:0";
    const auto started = f.listeners.start(local, [&f](IoShard&, const session::ListenerInfo&) {
      return std::make_unique<DatagramEchoFactory>(f.counts);
    });
    REQUIRE_FALSE(started);
    return started.error();
  };
  ListenerOptions options = f.options();
  options.tls.minimum_version = "tlsv1.3";
  CHECK(start(options) == "dtls:default: minimum_version tlsv1.3: OpenSSL's DTLS ends at 1.2");
  options = f.options();
  options.tls.key_file = f.files.path("absent.key");
  CHECK(start(options).find("dtls:default: key_file " + f.files.path("absent.key")) == 0);
}

}  // namespace patchbay::net
