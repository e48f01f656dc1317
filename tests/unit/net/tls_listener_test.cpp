#include <catch2/catch.hpp>
#include <string>
#include <thread>

#include "blocking_client.h"
#include "net_fixture.h"
#include "tls_files.h"

namespace patchbay::net {

using base::Counter;

namespace {

struct TlsFixture : NetFixture {
  using NetFixture::NetFixture;

  ListenerOptions options(ListenerType type = ListenerType::ssl) {
    files.issue("server", "server.example");
    files.issue("device", "device-7");
    ListenerOptions result;
    result.type = type;
    result.tls.certificate_file = files.path("server.pem");
    result.tls.key_file = files.path("server.key");
    return result;
  }
  BlockingTlsClient::Options device() const { return {files.path("device.pem"), files.path("device.key")}; }

  TlsFiles files;
};

}  // namespace

TEST_CASE("a TLS client's bytes come back, with 1.3 and with 1.2", "[tls]") {
  TlsFixture f;
  const uint16_t port = f.start(f.options());
  for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
    BlockingTlsClient::Options wish;
    wish.maximum_version = version;
    BlockingTlsClient client(port, wish);
    REQUIRE(client.shaken());
    CHECK(client.version() == (version == TLS1_3_VERSION ? "TLSv1.3" : "TLSv1.2"));
    CHECK((client.cipher().find("GCM") != std::string::npos || client.cipher().find("CHACHA") != std::string::npos));
    client.send("hello");
    CHECK(client.receive(5) == "hello");
    client.send("W");
    CHECK(client.receive_until("\n") == "127.0.0.1|loopback|-|ssl:default\n");
    client.send("Q");
    CHECK(client.receive(1) == "Q");
    CHECK(client.ended());
  }
}

TEST_CASE("older protocols are refused and counted", "[tls]") {
  TlsFixture f;
  BlockingTlsClient::Options wish;
  SECTION("1.1 everywhere") {
    wish.maximum_version = TLS1_1_VERSION;
    const uint16_t port = f.start(f.options());
    CHECK_FALSE(BlockingTlsClient(port, wish).shaken());
  }
  SECTION("1.2 where 1.3 is the least") {
    wish.maximum_version = TLS1_2_VERSION;
    ListenerOptions options = f.options();
    options.tls.minimum_version = "tlsv1.3";
    const uint16_t port = f.start(options);
    CHECK_FALSE(BlockingTlsClient(port, wish).shaken());
  }
  CHECK(f.reaches(Counter::connections_tls_failed, 1));
}

TEST_CASE("someone who doesn't speak TLS is closed and counted", "[tls]") {
  TlsFixture f;
  BlockingClient client(f.start(f.options()));
  client.send("\x10\x0c this is MQTT in the clear");
  while (!client.receive(1).empty()) {  // an alert may come first
  }
  CHECK(f.reaches(Counter::connections_tls_failed, 1));
}

TEST_CASE("megabytes pass through TLS both ways", "[tls]") {
  connection::ConnectionLimits limits;
  limits.write_hard_limit = 64 * 1024 * 1024;
  TlsFixture f({}, limits);
  BlockingTlsClient client(f.start(f.options()), {});
  REQUIRE(client.shaken());
  std::string sent(3 * 1024 * 1024, '\0');
  for (size_t at = 0; at < sent.size(); ++at) sent[at] = static_cast<char>('a' + (at * 11 + at / 509) % 26);
  std::string received;
  for (size_t at = 0; at < sent.size(); at += 300'000) {
    const std::string part = sent.substr(at, 300'000);
    client.send(part);
    received += client.receive(part.size());
  }
  CHECK(received == sent);
}

TEST_CASE("a goodbye over TLS is read although more had been sent than the broker ever read", "[tls]") {
  TlsFixture f;
  BlockingTlsClient client(f.start(f.options()), {});
  REQUIRE(client.shaken());
  client.send("Q");
  client.send(std::string(1'000'000, 'x'));
  CHECK(client.receive(1) == "Q");
  CHECK(client.receive(1).empty());
  CHECK(client.end_was_told());  // close_notify, and not only the end of the socket
  CHECK(f.shards.count(Counter::connections_lingered) == 1);
}

TEST_CASE("a verified client certificate is known to the protocol", "[tls]") {
  TlsFixture f;
  ListenerOptions options = f.options();
  options.tls.ca_file = f.files.authority();
  options.tls.verify_peer = true;
  SECTION("offered") {
    BlockingTlsClient client(f.start(options), f.device());
    REQUIRE(client.shaken());
    client.send("W");
    CHECK(client.receive_until("\n") == "127.0.0.1|loopback|device-7|ssl:default\n");
  }
  SECTION("not offered where it is optional") {
    BlockingTlsClient client(f.start(options), {});
    client.send("W");
    CHECK(client.receive_until("\n") == "127.0.0.1|loopback|-|ssl:default\n");
  }
  SECTION("not offered where it is required") {
    options.tls.fail_if_no_peer_cert = true;
    BlockingTlsClient client(f.start(options), {});
    CHECK(client.receive(1).empty());
    CHECK(f.reaches(Counter::connections_tls_failed, 1));
  }
  SECTION("of another authority") {
    TlsFiles foreign;
    foreign.issue("device", "device-7");
    BlockingTlsClient client(f.start(options), {foreign.path("device.pem"), foreign.path("device.key")});
    CHECK(client.receive(1).empty());
    CHECK(f.reaches(Counter::connections_tls_failed, 1));
  }
}

TEST_CASE("the server name selects the certificate", "[tls]") {
  TlsFixture f;
  ListenerOptions options = f.options();
  f.files.issue("other", "other.example");
  f.files.issue("wild", "wild");
  options.tls.server_names = {{"other.example", f.files.path("other.pem"), f.files.path("other.key")},
                              {"*.iot.example", f.files.path("wild.pem"), f.files.path("wild.key")}};
  const uint16_t port = f.start(options);
  const auto name_for = [port](const std::string& server_name) {
    BlockingTlsClient::Options wish;
    wish.server_name = server_name;
    return BlockingTlsClient(port, wish).server_common_name();
  };
  CHECK(name_for("") == "server.example");
  CHECK(name_for("other.example") == "other.example");
  CHECK(name_for("OTHER.example") == "other.example");
  CHECK(name_for("a.iot.example") == "wild");
  CHECK(name_for("a.b.iot.example") == "server.example");
  CHECK(name_for("unknown.example") == "server.example");
}

TEST_CASE("certificates are read again without a restart", "[tls]") {
  TlsFixture f;
  const uint16_t port = f.start(f.options());
  BlockingTlsClient before(port, {});
  CHECK(before.server_common_name() == "server.example");
  f.files.issue("server", "renewed.example");
  CHECK(f.listeners.reload_all_tls().empty());
  CHECK(BlockingTlsClient(port, {}).server_common_name() == "renewed.example");
  before.send("still here");
  CHECK(before.receive(10) == "still here");

  SECTION("files that are wrong leave the old ones in use") {
    f.files.write_text("server.pem", "no certificate");
    const auto errors = f.listeners.reload_all_tls();
    REQUIRE(errors.size() == 1);
    CHECK(errors[0].find("ssl:default: certificate_file " + f.files.path("server.pem")) == 0);
    CHECK(BlockingTlsClient(port, {}).server_common_name() == "renewed.example");
  }
  SECTION("a key of another certificate, too") {
    f.files.issue("unrelated", "unrelated");
    std::filesystem::copy_file(f.files.path("unrelated.key"), f.files.path("server.key"),
                               std::filesystem::copy_options::overwrite_existing);
    REQUIRE_FALSE(f.listeners.reload_tls("ssl:default"));
    CHECK(BlockingTlsClient(port, {}).server_common_name() == "renewed.example");
  }
  CHECK_FALSE(f.listeners.reload_tls("ssl:nobody"));
}

TEST_CASE("a listener with unusable TLS files does not start", "[tls]") {
  TlsFixture f;
  const auto make = [&f](IoShard&, const session::ListenerInfo&) { return std::make_unique<EchoFactory>(f.counts); };
  ListenerOptions options = f.options();
  options.bind = "127.0.0.1:0";
  options.tls.key_file = "/nowhere.key";
  auto refused = f.listeners.start(options, make);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().find("ssl:default: key_file /nowhere.key") == 0);
  options = f.options();
  options.tls.verify_peer = true;
  refused = f.listeners.start(options, make);
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == "ssl:default: verify_peer needs ca_file");
  options = f.options();
  options.tls.ciphers = "NONSENSE";
  CHECK_FALSE(f.listeners.start(options, make));
  options = f.options();
  options.tls.minimum_version = "sslv3";
  CHECK_FALSE(f.listeners.start(options, make));
  CHECK(f.listeners.status().empty());
}

TEST_CASE("an encrypted key file needs its password", "[tls]") {
  TlsFixture f;
  ListenerOptions options = f.options();
  f.files.issue("locked", "locked.example", "open sesame");
  options.tls.certificate_file = f.files.path("locked.pem");
  options.tls.key_file = f.files.path("locked.key");
  const auto make = [&f](IoShard&, const session::ListenerInfo&) { return std::make_unique<EchoFactory>(f.counts); };
  SECTION("right") {
    options.tls.key_password = "open sesame";
    BlockingTlsClient client(f.start(options), {});
    CHECK(client.server_common_name() == "locked.example");
  }
  SECTION("wrong") {
    options.tls.key_password = "guess";
    CHECK_FALSE(f.listeners.start(options, make));
  }
  SECTION("none") {
    CHECK_FALSE(f.listeners.start(options, make));
  }
}

TEST_CASE("a revoked certificate is refused, and a list that cannot be read stops the listener", "[tls]") {
  TlsFixture f;
  ListenerOptions options = f.options();
  options.tls.ca_file = f.files.authority();
  options.tls.verify_peer = true;
  options.tls.crl_file = f.files.path("crl.pem");
  f.files.issue("good", "good device");
  SECTION("revoked") {
    f.files.revoke("device", "crl.pem");
    const uint16_t port = f.start(options);
    CHECK(BlockingTlsClient(port, f.device()).receive(1).empty());
    CHECK(f.reaches(Counter::connections_tls_failed, 1));
    BlockingTlsClient good(port, {f.files.path("good.pem"), f.files.path("good.key")});
    good.send("W");
    CHECK(good.receive_until("\n") == "127.0.0.1|loopback|good device|ssl:default\n");
  }
  SECTION("no list") {
    const auto refused = f.listeners.start(
        options, [&f](IoShard&, const session::ListenerInfo&) { return std::make_unique<EchoFactory>(f.counts); });
    REQUIRE_FALSE(refused);
    CHECK(refused.error().find("ssl:default: crl_file ") == 0);
  }
}

TEST_CASE("TLS connections move between shards", "[tls]") {
  TlsFixture f;
  BlockingTlsClient client(f.start(f.options()), {});
  for (int turn = 0; turn < 10; ++turn) {
    const std::string order = ">" + std::to_string(turn % 2) + "tls";
    client.send(order);
    REQUIRE(client.receive(order.size()) == order);
  }
  CHECK(f.shards.count(Counter::connections_moved) >= 9);
}

TEST_CASE("a handshake that takes too long is ended", "[tls]") {
  TlsFixture f;
  ListenerOptions options = f.options();
  options.tls.handshake_timeout_s = 1;
  BlockingClient client(f.start(options));
  client.send("\x16\x03");
  CHECK(client.ended());
  CHECK(f.shards.count(Counter::connections_tls_failed) == 1);
}

}  // namespace patchbay::net
