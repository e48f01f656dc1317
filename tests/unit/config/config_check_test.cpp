#include "config/config_check.h"

#include <catch2/catch.hpp>

#include "unit/config/config_loading.h"

using namespace patchbay::config;           // NOLINT: test
using namespace patchbay::config::testing;  // NOLINT: test

TEST_CASE("the defaults pass every rule") {
  CHECK(check_text("").problems.empty());
}

TEST_CASE("a bind reachable from outside without an authenticator names the line to add") {
  const Loaded result = check_text("listeners.tcp.default.bind = '0.0.0.0:1883'");
  REQUIRE(result.problems.size() == 1);
  CHECK(result.problems[0].key == "listeners.tcp.default.bind");
  CHECK(result.problems[0].where == "patchbay.toml:1");
  CHECK(result.problems[0].found.find("0.0.0.0:1883") != std::string::npos);
  CHECK(result.problems[0].allowed.find("access.allow_anonymous = true") != std::string::npos);
}

TEST_CASE(
    "such a bind is fine with an authenticator, or where anonymous clients are allowed or denied in so many words") {
  const std::string bind = "listeners.tcp.default.bind = '0.0.0.0:1883'\n";
  CHECK(check_text(bind, true).problems.empty());
  CHECK(check_text(bind + "access.allow_anonymous = true").problems.empty());
  CHECK(check_text(bind + "access.allow_anonymous = false").problems.empty());
  CHECK(check_text(bind + "access.allow_anonymous = 'auto'").problems.size() == 1);
}

TEST_CASE("each listener that is reachable from outside is named") {
  const Loaded result = check_text(
      "listeners.tcp.default.bind = '[::]:1883'\nlisteners.ws.default.bind = '10.0.0.1:8083'\n"
      "listeners.tcp.local.bind = '[::1]:1884'\n");
  CHECK(result.problems.size() == 2);
  CHECK_FALSE(result.problem_of("listeners.tcp.default.bind").found.empty());
  CHECK_FALSE(result.problem_of("listeners.ws.default.bind").found.empty());
}

TEST_CASE("malformed binds are refused") {
  const Loaded result = check_text("listeners.tcp.default.bind = 'localhost:1883'\napi.bind = '18083'\n");
  CHECK(result.problems.size() == 2);
  CHECK(result.problem_of("listeners.tcp.default.bind").found == "found \"localhost:1883\"");
  CHECK(result.problem_of("api.bind").where == "patchbay.toml:2");
}

TEST_CASE("a named listener needs a bind; the default ones may be off") {
  CHECK(check_text("[listeners.tcp.extra]\n").problem_of("listeners.tcp.extra.bind").found == "missing");
  CHECK(check_text("[listeners.tcp.extra]\nbacklog = 5\n").problem_of("listeners.tcp.extra.bind").found == "missing");
  CHECK(check_text("[listeners.tcp.extra]\nbind = ''\n").problems.empty());
  CHECK(check_text("listeners.tcp.default.bind = ''\nlisteners.ws.default.bind = ''\n").problems.empty());
}

TEST_CASE("two listeners cannot share an address and port") {
  const Loaded result = check_text("listeners.tcp.b.bind = '127.0.0.1:1883'");
  REQUIRE(result.problems.size() == 1);
  CHECK(result.problems[0].found.find("takes already") != std::string::npos);
  CHECK(check_text("api.bind = '127.0.0.1:8083'").problem_of("api.bind").found.find("listeners.ws.default.bind") !=
        std::string::npos);
  CHECK(check_text("access.allow_anonymous = true\nlisteners.tcp.b.bind = '0.0.0.0:1883'").problems.size() == 1);
  CHECK(check_text("listeners.tcp.default.bind = '127.0.0.1:0'\nlisteners.ws.default.bind = '127.0.0.1:0'")
            .problems.empty());
}

TEST_CASE("a listener with TLS needs a certificate and a key") {
  const Loaded result = check_text("listeners.ssl.default.bind = '127.0.0.1:8883'");
  CHECK(result.problems.size() == 2);
  CHECK(result.problem_of("listeners.ssl.default.ssl.certfile").found == "missing");
  CHECK(result.problem_of("listeners.ssl.default.ssl.keyfile").found == "missing");
  CHECK(check_text("[listeners.wss.default]\nssl.certfile = 'c'\nssl.keyfile = 'k'\n").problems.empty());
}

TEST_CASE("certificate files that cannot be read are named") {
  const Loaded result = check_text(R"([listeners.ssl.default.ssl]
certfile = "missing.pem"
keyfile = "missing.key"
cacertfile = "missing.ca"
sni = [ { hostname = "a", certfile = "missing.a", keyfile = "a.key" } ]
)");
  CHECK(result.problems.size() == 4);
  CHECK(result.problem_of("listeners.ssl.default.ssl.certfile").where == "patchbay.toml:2");
  CHECK(result.problem_of("listeners.ssl.default.ssl.sni").found == "found \"missing.a\", which cannot be read");
}

TEST_CASE("files of a listener that is off do not matter") {
  CHECK(check_text("[listeners.ssl.default]\nbind = ''\nssl.certfile = 'missing'\n").problems.empty());
}

TEST_CASE("client certificates count only when they are verified") {
  const std::string tls = "[listeners.ssl.default]\nssl.certfile = 'c'\nssl.keyfile = 'k'\n";
  CHECK(check_text(tls + "peer_cert_as_username = 'cn'\n")
            .problem_of("listeners.ssl.default.peer_cert_as_username")
            .allowed == "only with listeners.ssl.default.ssl.verify = \"peer\"");
  CHECK(check_text(tls + "peer_cert_as_clientid = 'dn'\n").problems.size() == 1);
  CHECK(check_text(tls + "ssl.fail_if_no_peer_cert = true\n").problems.size() == 1);
  CHECK(check_text(tls + "ssl.verify = 'peer'\n").problem_of("listeners.ssl.default.ssl.cacertfile").found ==
        "missing");
  CHECK(check_text(tls + "ssl.verify = 'peer'\nssl.cacertfile = 'a'\npeer_cert_as_username = 'cn'\n").problems.empty());
}

TEST_CASE("WebSocket settings fit together") {
  CHECK(check_text("listeners.ws.default.websocket.path = 'mqtt'").problems.size() == 1);
  CHECK(check_text("listeners.ws.default.websocket.check_origin = true").problems.size() == 1);
  CHECK(check_text("listeners.ws.default.websocket.subprotocols = []").problems.size() == 1);
  CHECK(check_text("[listeners.ws.default.websocket]\nsubprotocols = []\nfail_if_no_subprotocol = false\n")
            .problems.empty());
}

TEST_CASE("a limit above the limit that bounds it is refused, where it was given") {
  const Loaded result = check_text(R"([mqtt]
max_packet_size = "32KiB"
session_expiry_interval_s = 1000000
server_keepalive_s = 5000
max_qos_allowed = 1
[connection]
write_high_water = "2MiB"
[[auto_subscribe]]
topic = "a"
qos = 2
)");
  CHECK(result.problems.size() == 5);
  CHECK(result.problem_of("mqtt.max_connect_packet_size").where == "patchbay.toml:2");
  CHECK(result.problem_of("mqtt.max_connect_packet_size").allowed == "at most mqtt.max_packet_size, which is 32768");
  CHECK(result.problem_of("mqtt.session_expiry_interval_s").where == "patchbay.toml:3");
  CHECK(result.problem_of("mqtt.server_keepalive_s").found == "found 5000");
  CHECK(result.problem_of("connection.write_high_water").found == "found 2097152");
  CHECK(result.problem_of("auto_subscribe[0].qos").where == "patchbay.toml:8");
}

TEST_CASE("0 as mqtt.max_keepalive_s bounds nothing") {
  CHECK(check_text("mqtt.max_keepalive_s = 0\nmqtt.server_keepalive_s = 60000\n").problems.empty());
}

TEST_CASE("the node's name must be one topic level") {
  for (const char* name : {"a/b", "a+", "#", "a b", "a\\u0001"}) {
    INFO(name);
    CHECK(check_text("node.name = \"" + std::string(name) + '"').problem_of("node.name").allowed ==
          "no /, +, #, blanks or control characters");
  }
}

TEST_CASE("log.to = file needs a file") {
  CHECK(check_text("log.to = 'file'").problem_of("log.file").found == "missing");
  CHECK(check_text("log.to = 'file'\nlog.file = 'a.log'").problems.empty());
}

TEST_CASE("entries of lists stand once") {
  CHECK(check_text("mqtt.mqueue_priorities = [{topic='a'}, {topic='a'}]").problems.size() == 1);
  CHECK(check_text("mqtt.shared_subscription_group = [{name='a'}, {name='a'}]").problems.size() == 1);
  CHECK(check_text("mqtt.shared_subscription_group = [{name='a/b'}]").problems.size() == 1);
  CHECK(check_text("mqtt.shared_subscription_group = [{name='a', strategy='sticky'}, {name='b'}]").problems.empty());
}

TEST_CASE("problems of single keys and across keys come together") {
  CHECK(check_text("mqtt.max_inflight = 0\nlog.to = 'file'\nlisteners.tcp.default.bind = 'x'\n").problems.size() == 3);
}

TEST_CASE("a UDP listener speaks a plugin's protocol, on ports of its own, without the keys of streams") {
  const std::string bind = "listeners.udp.s.bind = '127.0.0.1:1883'\n";  // listeners.tcp.default has it, for TCP
  CHECK(check_text(bind + "listeners.udp.s.protocol = 'sensor'\nlisteners.udp.s.idle_timeout_s = 60").problems.empty());
  CHECK(check_text(bind).problem_of("listeners.udp.s.protocol").found == "found \"mqtt\"");
  CHECK_FALSE(check_text(bind + "listeners.udp.s.protocol = 'sensor'\nlisteners.udp.s.backlog = 5").problems.empty());
  CHECK_FALSE(check_text("listeners.tcp.default.idle_timeout_s = 60").problems.empty());
  CHECK(check_text(bind + "listeners.udp.s.protocol = 'a'\nlisteners.udp.t.bind = '127.0.0.1:1883'\n"
                          "listeners.udp.t.protocol = 'b'")
            .problems.size() == 1);
  CHECK(check_text("listeners.tcp.default.protocol = 'stomp'").problems.empty());
}

TEST_CASE("a DTLS listener has the keys of TLS and of datagrams, and no version 1.3") {
  const std::string files = "listeners.dtls.s.ssl.certfile = 'c'\nlisteners.dtls.s.ssl.keyfile = 'k'\n";
  const std::string bind = "listeners.dtls.s.bind = '127.0.0.1:5684'\nlisteners.dtls.s.protocol = 'coap'\n";
  CHECK(check_text(bind + files + "listeners.dtls.s.idle_timeout_s = 60\nlisteners.dtls.s.mtu = 500").problems.empty());
  CHECK(check_text(bind).problem_of("listeners.dtls.s.ssl.certfile").found == "missing");
  CHECK(check_text(bind + files + "listeners.dtls.s.ssl.min_version = '1.3'")
            .problem_of("listeners.dtls.s.ssl.min_version")
            .allowed == "\"1.2\", since OpenSSL's DTLS ends there");
  CHECK_FALSE(check_text(bind + files + "listeners.dtls.s.mtu = 100").problems.empty());
  CHECK_FALSE(check_text(bind + files + "listeners.dtls.s.backlog = 5").problems.empty());
  CHECK_FALSE(check_text("listeners.udp.default.mtu = 500").problems.empty());
  CHECK(
      check_text("listeners.dtls.s.bind = '127.0.0.1:5684'\n" + files).problem_of("listeners.dtls.s.protocol").found ==
      "found \"mqtt\"");
}

TEST_CASE("a listener that is configured and not enabled is checked for its form only") {
  CHECK(check_text("[listeners.tcp.extra]\nenable = false\nbind = \"0.0.0.0:1999\"").problems.empty());
  CHECK(check_text("[listeners.ssl.extra]\nenable = false\nbind = \"127.0.0.1:8883\"").problems.empty());
  CHECK(check_text("[listeners.tcp.extra]\nenable = false\nbind = \"127.0.0.1:1883\"").problems.empty());
  CHECK(check_text("[listeners.tcp.extra]\nenable = false\nbind = \"nowhere\"").problems.size() == 1);
}
