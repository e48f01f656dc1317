// conn.tls_psk, conn.tls_cert and what conn.detect sees of a TLS handshake, with OpenSSL's own client.

#include <catch2/catch.hpp>
#include <string>

#include "access/enhanced_authentication.h"
#include "blocking_client.h"
#include "connection/connection.h"
#include "dtls_client.h"
#include "hooks/replacements.h"
#include "net_hook_fixture.h"
#include "tls_files.h"

namespace patchbay::net {

using base::Counter;
using base::Phase;
using base::Verdict;
using hooks::ConnDetectEvent;
using hooks::ConnTlsCertEvent;
using hooks::ConnTlsPskEvent;
using patchbay::testing::PointListener;

namespace {

using Certificates = PointListener<ConnTlsCertEvent>;
using Keys = PointListener<ConnTlsPskEvent>;

struct TlsHookFixture : NetHookFixture {
  TlsHookFixture() {
    files.issue("server", "server.example");
    files.issue("device", "device-7", "", "DNS:device.example,URI:urn:device:7,IP:192.0.2.7");
  }
  ListenerOptions options(bool verify) const {
    ListenerOptions result;
    result.type = ListenerType::ssl;
    result.tls.certificate_file = files.path("server.pem");
    result.tls.key_file = files.path("server.key");
    result.tls.ca_file = files.authority();
    result.tls.verify_peer = verify;
    return result;
  }
  BlockingTlsClient::Options device() const {
    BlockingTlsClient::Options wanted;
    wanted.certificate_file = files.path("device.pem");
    wanted.key_file = files.path("device.key");
    return wanted;
  }
  TlsFiles files;
};

BlockingTlsClient::Options psk_client(std::string identity, std::string key, int version) {
  BlockingTlsClient::Options wanted;
  wanted.psk_identity = std::move(identity);
  wanted.psk_key = std::move(key);
  wanted.maximum_version = version;
  wanted.ciphers = "PSK";
  return wanted;
}

Verdict key_of(std::string_view key) {
  auto data = std::make_unique<access::AuthenticationData>();
  data->data.assign(key.begin(), key.end());
  return Verdict::allows_with(std::move(data));
}

}  // namespace

TEST_CASE("conn.tls_psk gives the key, with 1.2 and with 1.3", "[tls][hooks]") {
  TlsHookFixture f;
  Notes notes;
  const Keys keys(f.points.conn_tls_psk, f.epoch, Phase::decide, [&](ConnTlsPskEvent& event, base::Token token) {
    notes.add(std::string(event.listener_id) + " " + std::string(event.identity) + (token ? " may wait" : ""));
    return event.identity == "sensor" ? key_of("0123456789abcdef") : Verdict::proceeds();
  });
  const uint16_t port = f.start(f.options(false));
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    INFO(version);
    BlockingTlsClient client(port, psk_client("sensor", "0123456789abcdef", version));
    REQUIRE(client.shaken());
    CHECK_FALSE(client.server_has_certificate());  // the key was proof enough
    client.send("hello");
    CHECK(client.receive(5) == "hello");
  }
  for (const std::string& note : notes.all()) CHECK(note == "ssl:default sensor");
  CHECK(notes.all().size() >= 2);

  CHECK_FALSE(BlockingTlsClient(port, psk_client("sensor", "another key here", TLS1_2_VERSION)).shaken());
  CHECK_FALSE(BlockingTlsClient(port, psk_client("stranger", "0123456789abcdef", TLS1_2_VERSION)).shaken());
  CHECK(f.reaches(Counter::connections_tls_failed, 2));
}

TEST_CASE("conn.tls_psk gives the key of a DTLS client", "[dtls][hooks]") {
  TlsHookFixture f;
  const Keys keys(f.points.conn_tls_psk, f.epoch, Phase::decide, [](ConnTlsPskEvent& event, base::Token) {
    return event.identity == "sensor" ? key_of("0123456789abcdef") : Verdict::denies();
  });
  ListenerOptions options = f.options(false);
  options.type = ListenerType::dtls;
  const uint16_t port = f.start(options);
  const UdpClient known(port);
  DtlsClient client(known, {"", "", "sensor", "0123456789abcdef"});
  REQUIRE(client.shake());
  CHECK(client.server_name().empty());  // the key was proof enough
  const UdpClient unknown(port);
  DtlsClient stranger(unknown, {"", "", "stranger", "0123456789abcdef"});
  CHECK_FALSE(stranger.shake());
  CHECK(f.reaches(Counter::connections_tls_failed, 1));
}

TEST_CASE("conn.tls_psk: a denied identity has no key; who has a certificate doesn't need one", "[tls][hooks]") {
  TlsHookFixture f;
  const Keys keys(f.points.conn_tls_psk, f.epoch, Phase::decide,
                  [](ConnTlsPskEvent&, base::Token) { return Verdict::denies(); });
  const uint16_t port = f.start(f.options(false));
  CHECK_FALSE(BlockingTlsClient(port, psk_client("sensor", "0123456789abcdef", TLS1_2_VERSION)).shaken());
  BlockingTlsClient client(port, {});
  REQUIRE(client.shaken());
  client.send("hello");
  CHECK(client.receive(5) == "hello");
}

TEST_CASE("conn.tls_cert sees the verified certificate", "[tls][hooks]") {
  TlsHookFixture f;
  Notes notes;
  const Certificates certificates(
      f.points.conn_tls_cert, f.epoch, Phase::decide, [&](ConnTlsCertEvent& event, base::Token) {
        std::string text(event.common_name);
        text.append("|").append(event.subject);
        for (const std::string& name : event.alternative_names) text.append("|").append(name);
        notes.add(text);
        notes.add(std::to_string(event.fingerprint_sha256.size()) + " " + (event.serial.empty() ? "-" : "serial") +
                  " " + (event.der.size() > 100 && event.der[0] == 0x30 ? "der" : "-"));
        return Verdict::allows();
      });
  const uint16_t port = f.start(f.options(true));
  BlockingTlsClient client(port, f.device());
  client.send("W");
  CHECK(client.receive_until("\n") == "127.0.0.1|loopback|device-7|ssl:default\n");
  const auto all = notes.all();
  REQUIRE(all.size() == 2);
  CHECK(all[0] == "device-7|CN=device-7|DNS:device.example|URI:urn:device:7|IP:192.0.2.7");
  CHECK(all[1] == "64 serial der");
  BlockingTlsClient nobody(port, {});
  nobody.send("hello");
  CHECK(nobody.receive(5) == "hello");
  CHECK(notes.all().size() == 2);  // without a certificate nobody is asked
}

TEST_CASE("conn.tls_cert may deny, and that is counted", "[tls][hooks]") {
  TlsHookFixture f;
  const Certificates certificates(f.points.conn_tls_cert, f.epoch, Phase::decide,
                                  [](ConnTlsCertEvent&, base::Token) { return Verdict::denies(); });
  BlockingTlsClient client(f.start(f.options(true)), f.device());
  if (client.shaken()) CHECK(client.ended());  // with 1.3 the client is done before the broker has seen it
  CHECK(f.reaches(Counter::connections_refused_hook, 1));
  CHECK(f.counts.machines <= 1);
}

TEST_CASE("conn.tls_cert may answer later: the connection waits, and nobody else does", "[tls][hooks]") {
  TlsHookFixture f;
  std::atomic<uint64_t> open{0};
  const Certificates certificates(f.points.conn_tls_cert, f.epoch, Phase::decide,
                                  [&](ConnTlsCertEvent&, base::Token token) {
                                    open = token.value;
                                    return Verdict::defers();
                                  });
  const uint16_t port = f.start(f.options(true));
  BlockingTlsClient client(port, f.device());
  REQUIRE(client.shaken());
  client.send("hello");
  while (open == 0) std::this_thread::yield();
  BlockingTlsClient other(port, {});
  other.send("other");
  CHECK(other.receive(5) == "other");
  SECTION("allowed") {
    CHECK(f.completions.complete({open}, Verdict::allows()) == base::CompletionStatus::accepted);
    CHECK(client.receive(5) == "hello");
  }
  SECTION("denied") {
    CHECK(f.completions.complete({open}, Verdict::denies()) == base::CompletionStatus::accepted);
    CHECK(client.ended());
    CHECK(f.reaches(Counter::connections_refused_hook, 1));
  }
  SECTION("the connection goes away before") {
    f.shards.run_on_each([](IoShard& shard) { shard.connections().kick_all(session::CloseReason::kicked); });
    CHECK(client.ended());
    // Its question went with it: the answer comes too late and does no harm.
    CHECK(f.completions.complete({open}, Verdict::allows()) == base::CompletionStatus::stale);
  }
}

TEST_CASE("what conn.tls_cert says a certificate stands for is the connection's", "[tls][hooks]") {
  TlsHookFixture f;
  const Certificates certificates(f.points.conn_tls_cert, f.epoch, Phase::decide,
                                  [](ConnTlsCertEvent& event, base::Token) {
                                    auto identity = std::make_unique<hooks::CertificateIdentity>();
                                    identity->username = "user of " + std::string(event.common_name);
                                    identity->client_id = "id of " + std::string(event.common_name);
                                    return Verdict::allows_with(std::move(identity));
                                  });
  Notes notes;
  const PointListener<ConnDetectEvent> detect(f.points.conn_detect, f.epoch, Phase::decide,
                                              [](ConnDetectEvent&, base::Token) { return Verdict::proceeds(); });
  BlockingTlsClient client(f.start(f.options(true)), f.device());
  client.send("hello");
  CHECK(client.receive(5) == "hello");
  f.shards.run_on_each([&](IoShard& shard) {
    for (connection::Connection* each : shard.connections().table().all()) {
      const session::PeerCertificate* certificate = each->peer().certificate;
      REQUIRE(certificate != nullptr);
      notes.add(certificate->named_username + "|" + certificate->named_client_id);
    }
  });
  CHECK(notes.all() == std::vector<std::string>{"user of device-7|id of device-7"});
}

TEST_CASE("ALPN names of protocols that are spoken here are agreed to, and conn.detect sees them", "[tls][hooks]") {
  TlsHookFixture f;
  Notes notes;
  EchoCounts stomp;
  f.protocols.add({"STOMP", {}, {"stomp"}, {}, std::make_shared<EchoFactory>(stomp)}, f.epoch);
  const PointListener<ConnDetectEvent> detect(
      f.points.conn_detect, f.epoch, Phase::decide, [&](ConnDetectEvent& event, base::Token) {
        notes.add(std::string(event.alpn) + " " + std::string(event.server_name));
        if (event.alpn != "stomp") return Verdict::proceeds();
        return Verdict::allows_with(std::make_unique<hooks::ReplacementText>("STOMP"));
      });
  const uint16_t port = f.start(f.options(false));
  const auto talk = [port](std::string alpn) {
    BlockingTlsClient::Options wanted;
    wanted.alpn = std::move(alpn);
    wanted.server_name = "broker.example";
    BlockingTlsClient client(port, wanted);
    client.send("hello");
    CHECK(client.receive(5) == "hello");
    return client.alpn();
  };
  CHECK(talk("\x02h2\x05stomp") == "stomp");
  CHECK(talk("\x02h2\x04mqtt") == "mqtt");
  CHECK(talk("\x02h2").empty());  // not known here, and no reason to refuse
  CHECK(notes.all() == std::vector<std::string>{"stomp broker.example", "mqtt broker.example", " broker.example"});
  CHECK(stomp.machines == 1);
  CHECK(f.counts.machines == 2);
}

}  // namespace patchbay::net
