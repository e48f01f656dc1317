// TLS with certificates that openssl makes: clients of Debian, client certificates, SNI, reload.
#include <signal.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "wire/support/broker.h"
#include "wire/support/certificates.h"
#include "wire/support/mqtt_client.h"

namespace patchbay::wire {
namespace {

using Words = std::vector<std::string>;

std::string setting(const std::string& key, const std::string& text) {
  return "listeners.ssl.default." + key + "=\"" + text + "\"";
}

/// A broker with a TLS listener; the certificate lies where the test may replace it.
struct SecureBroker {
  explicit SecureBroker(const Words& more = {}) {
    install(authority.issue("localhost"));
    Words settings = {Broker::bind("ssl", port), setting("ssl.certfile", certificate_file),
                      setting("ssl.keyfile", key_file)};
    settings.insert(settings.end(), more.begin(), more.end());
    broker = std::make_unique<Broker>(settings);
  }
  void install(const Certificate& certificate) const {
    const auto over = std::filesystem::copy_options::overwrite_existing;
    std::filesystem::copy_file(certificate.certificate_file, certificate_file, over);
    std::filesystem::copy_file(certificate.key_file, key_file, over);
    std::filesystem::permissions(key_file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  }
  [[nodiscard]] Words client(const std::string& program, const Words& more) const {
    // Its output would wait in its buffer until it ends, without the help of stdbuf.
    Words words = {"stdbuf", "-oL", program, "-h", "localhost", "-p", std::to_string(port), "-V", "mqttv5", "--cafile"};
    words.push_back(authority.certificate_file());
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  /// What `openssl s_client` says of the connection.
  [[nodiscard]] std::string handshake(const Words& more) const {
    Words words = {"openssl",  "s_client",
                   "-connect", "127.0.0.1:" + std::to_string(port),
                   "-CAfile",  authority.certificate_file()};
    words.insert(words.end(), more.begin(), more.end());
    const Finished done = run(words);
    return done.output + done.error;
  }

  TemporaryFolder folder;
  CertificateAuthority authority{folder};
  uint16_t port = free_port();
  std::string certificate_file = folder.path("server.pem");
  std::string key_file = folder.path("server.key");
  std::unique_ptr<Broker> broker;
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("TLS: mosquitto clients talk through it, and reach those on plain TCP") {
  const SecureBroker secure;
  Process watching(secure.client("mosquitto_sub", {"-t", "tls/#", "-q", "2", "-d", "-F", "<%t|%q|%p>"}));
  REQUIRE(watching.wait_for("Subscribed (mid"));
  for (const std::string& qos : Words{"0", "1", "2"}) {
    const Finished done = run(secure.client("mosquitto_pub", {"-t", "tls/" + qos, "-q", qos, "-m", "secret"}));
    CHECK(done.exit_code == 0);
    CHECK(watching.wait_for("<tls/" + qos + "|" + qos + "|secret>"));
  }
  MqttClient plain = MqttClient::connected(secure.broker->tcp_port(), {.client_id = "plain"});
  plain.publish("tls/plain", std::string(200'000, 'p'), 1);
  CHECK(watching.wait_for("<tls/plain|1|ppp"));
}

TEST_CASE("TLS: versions below 1.2 are refused, 1.2 and 1.3 are not") {
  const SecureBroker secure;
  CHECK(contains(secure.handshake({"-tls1_3"}), "Verify return code: 0"));
  CHECK(contains(secure.handshake({"-tls1_2"}), "Verify return code: 0"));
  CHECK(contains(secure.handshake({"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"}), "alert"));
}

TEST_CASE("TLS: bytes that are no handshake close the connection and harm nobody") {
  const SecureBroker secure;
  MqttClient other = MqttClient::connected(secure.broker->tcp_port(), {.client_id = "other"});
  TcpSocket plain(secure.port);
  plain.send(connect_packet({.client_id = "no TLS"}));
  CHECK(plain.closed_by_peer());
  other.ping();
}

TEST_CASE("TLS: a client certificate is verified, and may give the user name") {
  TemporaryFolder folder;
  const CertificateAuthority clients(folder, "clients");
  const SecureBroker secure({setting("ssl.cacertfile", clients.certificate_file()), setting("ssl.verify", "peer"),
                             "listeners.ssl.default.ssl.fail_if_no_peer_cert=true",
                             setting("peer_cert_as_username", "cn"), setting("peer_cert_as_clientid", "cn")});
  const Certificate sensor = clients.issue("sensor-17");
  const Words with_certificate = {"--cert", sensor.certificate_file, "--key", sensor.key_file};

  SECTION("one of ours gets in, under the name that the certificate gives") {
    Words subscribe = {"-t", "a", "-d", "-F", "<%p>"};
    subscribe.insert(subscribe.end(), with_certificate.begin(), with_certificate.end());
    Process first(secure.client("mosquitto_sub", subscribe));
    REQUIRE(first.wait_for("Subscribed (mid"));
    // The same certificate again is the same client: it takes the session over.
    Process second(secure.client("mosquitto_sub", subscribe));
    REQUIRE(second.wait_for("Subscribed (mid"));
    CHECK(first.wait_for("Received DISCONNECT (142)"));
  }
  SECTION("none is no entry") {
    const Finished done = run(secure.client("mosquitto_pub", {"-t", "a", "-m", "a"}));
    CHECK(done.exit_code != 0);
  }
  SECTION("one of another authority is no entry") {
    const Certificate stranger = secure.authority.issue("sensor-17");
    const Finished done = run(secure.client(
        "mosquitto_pub", {"-t", "a", "-m", "a", "--cert", stranger.certificate_file, "--key", stranger.key_file}));
    CHECK(done.exit_code != 0);
  }
}

TEST_CASE("TLS: the host name that a client asks for chooses the certificate") {
  TemporaryFolder folder;
  const CertificateAuthority other(folder, "other");
  const Certificate named = other.issue("named.example");
  const SecureBroker secure({"listeners.ssl.default.ssl.sni=[{hostname=\"named.example\", certfile=\"" +
                             named.certificate_file + "\", keyfile=\"" + named.key_file + "\"}]"});
  CHECK(contains(secure.handshake({"-servername", "named.example"}), "CN = named.example"));
  CHECK(contains(secure.handshake({"-servername", "localhost"}), "CN = localhost"));
  CHECK(contains(secure.handshake({"-noservername"}), "CN = localhost"));
}

TEST_CASE("TLS: SIGHUP serves a new certificate to new connections and keeps the old ones") {
  const SecureBroker secure;
  Process watching(secure.client("mosquitto_sub", {"-t", "reload", "-q", "1", "-d", "-F", "<%p>"}));
  REQUIRE(watching.wait_for("Subscribed (mid"));
  REQUIRE(contains(secure.handshake({}), "CN = localhost"));

  secure.install(secure.authority.issue("renewed.example"));
  secure.broker->signal(SIGHUP);
  const Deadline deadline(kPatience);
  while (!contains(secure.handshake({}), "CN = renewed.example") && !deadline.passed()) {
  }
  CHECK_FALSE(deadline.passed());
  MqttClient plain = MqttClient::connected(secure.broker->tcp_port(), {.client_id = "plain"});
  plain.publish("reload", "still connected", 1);
  CHECK(watching.wait_for("<still connected>"));
}

TEST_CASE("TLS: SIGHUP with a certificate that cannot be read keeps the last good one, and says so") {
  const SecureBroker secure;
  const size_t mark = secure.broker->process().error_mark();
  TemporaryFolder folder;
  std::filesystem::copy_file(folder.write("bad", "no certificate"), secure.certificate_file,
                             std::filesystem::copy_options::overwrite_existing);
  secure.broker->signal(SIGHUP);
  CHECK(secure.broker->process().wait_for_error(secure.certificate_file, mark));
  CHECK(contains(secure.handshake({}), "CN = localhost"));
}

}  // namespace patchbay::wire
