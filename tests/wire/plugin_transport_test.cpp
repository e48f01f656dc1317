// Outgoing connections of a plugin, from one broker to the listeners of another.
#include <catch2/catch.hpp>
#include <string>

#include "wire/plugin_broker.h"
#include "wire/support/broker.h"
#include "wire/support/certificates.h"

using namespace patchbay::wire;  // NOLINT: test

namespace {

/// A broker with TCP and TLS listeners, and another one whose plugin calls it.
struct Dialling {
  Dialling() {
    const Certificate server = authority.issue("localhost");
    other = std::make_unique<Broker>(std::vector<std::string>{
        Broker::bind("ssl", tls_port), "listeners.ssl.default.ssl.certfile=\"" + server.certificate_file + "\"",
        "listeners.ssl.default.ssl.keyfile=\"" + server.key_file + "\""});
    caller.put("dialer", "dialer.so");
  }
  /// What the plugin's log says at the end, of one call with these settings.
  [[nodiscard]] bool call(const std::string& settings, const std::string& says,
                          const std::string& permissions = "permissions = [\"transport.outgoing\"]\n") {
    caller.configure("enabled = [\"dialer\"]\n[plugin.dialer]\n" + permissions + "settings = { " + settings + " }\n");
    caller.start();
    const bool said = caller.process().wait_for(says);
    if (!said) UNSCOPED_INFO(caller.process().error());
    return said;
  }

  TemporaryFolder folder;
  CertificateAuthority authority{folder};
  uint16_t tls_port = free_port();
  std::unique_ptr<Broker> other;
  PluginBroker caller;
};

std::string port_is(uint16_t port) {
  return "port = " + std::to_string(port);
}

}  // namespace

TEST_CASE("transport: a plugin connects over TCP, talks, and closes") {
  Dialling dialling;
  CHECK(dialling.call(port_is(dialling.other->tcp_port()), "dialer: closed: closed by the plugin"));
  CHECK(dialling.caller.says("dialer: connected"));
  CHECK(dialling.caller.says("dialer: packet 2 code 0"));
  CHECK(dialling.caller.stop() == 0);
}

TEST_CASE("transport: TLS is verified against the given authority and name") {
  Dialling dialling;
  const std::string ca = ", tls = true, ca_file = \"" + dialling.authority.certificate_file() + "\"";
  SECTION("by name") {
    CHECK(dialling.call(port_is(dialling.tls_port) + ca + ", host = \"localhost\"", "dialer: packet 2 code 0"));
    CHECK(dialling.caller.process().wait_for("dialer: closed: closed by the plugin"));
  }
  SECTION("by address, which stands in the certificate too") {
    CHECK(dialling.call(port_is(dialling.tls_port) + ca, "dialer: packet 2 code 0"));
  }
  SECTION("another name than the certificate's") {
    CHECK(dialling.call(port_is(dialling.tls_port) + ca + ", server_name = \"elsewhere.example\"",
                        "dialer: closed: 127.0.0.1 port " + std::to_string(dialling.tls_port) +
                            ": the certificate is refused: hostname mismatch"));
    CHECK_FALSE(dialling.caller.says("dialer: connected"));
  }
  SECTION("an authority that nobody trusts") {
    CHECK(dialling.call(port_is(dialling.tls_port) + ", tls = true", "the certificate is refused: "));
    CHECK_FALSE(dialling.caller.says("dialer: connected"));
  }
  SECTION("an authority's file that is not there") {
    CHECK(dialling.call(port_is(dialling.tls_port) + ", tls = true, ca_file = \"/nowhere.pem\"",
                        "dialer: closed: ca_file /nowhere.pem: "));
  }
  CHECK(dialling.caller.stop() == 0);
}

TEST_CASE("transport: what cannot be reached is told, and so is a plugin that may not") {
  Dialling dialling;
  const uint16_t nobody = free_port();
  SECTION("nobody listens") {
    CHECK(dialling.call(port_is(nobody),
                        "dialer: closed: 127.0.0.1 port " + std::to_string(nobody) + ": Connection refused"));
  }
  SECTION("a name that does not exist") {
    CHECK(dialling.call(port_is(nobody) + ", host = \"nowhere.invalid\"", "dialer: closed: nowhere.invalid: "));
  }
  SECTION("no permission") {
    CHECK(dialling.call(port_is(nobody), "transport.outgoing", ""));
    CHECK_FALSE(dialling.caller.says("dialer: c"));
  }
  CHECK(dialling.caller.stop() == 0);
}

TEST_CASE("transport: a connection that is open when the plugin goes is closed, and its code is unmapped") {
  Dialling dialling;
  CHECK(dialling.call(port_is(dialling.other->tcp_port()) + ", stay = true", "dialer: packet 2 code 0"));
  dialling.caller.configure("");
  dialling.caller.reload_until("after=unloaded");
  CHECK(dialling.caller.says("dialer: closed: the plugin stops"));
  CHECK(dialling.caller.stop() == 0);
}
