#include "net/websocket_handshake.h"

#include <catch2/catch.hpp>
#include <string>

namespace patchbay::net {

namespace {

using Status = WebSocketHandshake::Status;

constexpr size_t kLimit = 8192;

struct Request {
  std::string first = "GET /mqtt HTTP/1.1";
  std::string fields =
      "Host: broker\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mqtt\r\n";
  std::string text() const { return first + "\r\n" + fields + "\r\n"; }

  Request without(const std::string& name) const {
    Request copy = *this;
    const size_t begin = copy.fields.find(name + ":");
    REQUIRE(begin != std::string::npos);
    copy.fields.erase(begin, copy.fields.find("\r\n", begin) + 2 - begin);
    return copy;
  }
  Request with(const std::string& line) const {
    Request copy = *this;
    copy.fields += line + "\r\n";
    return copy;
  }
};

WebSocketHandshake answer(const Request& request, const WebSocketOptions& options = {}) {
  return answer_websocket_request(request.text(), options, kLimit);
}

std::string refusal(const Request& request, const WebSocketOptions& options = {}) {
  const WebSocketHandshake handshake = answer(request, options);
  return handshake.status == Status::refused ? handshake.response.substr(9, 3) : "accepted";
}

}  // namespace

TEST_CASE("the accept value is that of RFC 6455, section 1.3", "[websocket]") {
  CHECK(websocket_accept_value("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST_CASE("a request in order is accepted with the subprotocol mqtt [MQTT-6.0.0-3] [MQTT-6.0.0-4]", "[websocket]") {
  const WebSocketHandshake handshake = answer_websocket_request(Request().text() + "rest", {}, kLimit);
  CHECK(handshake.status == Status::accepted);
  CHECK(handshake.request_size == Request().text().size());
  CHECK(handshake.response ==
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n");
}

TEST_CASE("field names and tokens are compared without case, lists by element", "[websocket]") {
  Request request;
  request.fields =
      "hOST:x\r\nUPGRADE: WebSocket\r\nconnection:upgrade\r\nsec-websocket-version: 13 \r\n"
      "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: chat\r\n"
      "sec-websocket-protocol: xmqtt , MQTT\r\n";
  CHECK(refusal(request) == "accepted");
  request.first = "GET /mqtt?token=1 HTTP/1.1";
  CHECK(refusal(request) == "accepted");
}

TEST_CASE("the name of MQTT 3.1 is selected where only that is offered", "[websocket]") {
  const WebSocketHandshake handshake =
      answer(Request().without("Sec-WebSocket-Protocol").with("Sec-WebSocket-Protocol: mqttv3.1"));
  CHECK(handshake.status == Status::accepted);
  CHECK(handshake.response.find("Sec-WebSocket-Protocol: mqttv3.1\r\n") != std::string::npos);
}

TEST_CASE("the listener says which names it knows", "[websocket]") {
  WebSocketOptions options;
  options.subprotocols = {"mqtt", "mqtt-v5"};
  const Request old = Request().without("Sec-WebSocket-Protocol").with("Sec-WebSocket-Protocol: mqttv3.1");
  CHECK(refusal(old, options) == "400");
  CHECK(refusal(old.with("Sec-WebSocket-Protocol: mqtt-v5"), options) == "accepted");
}

TEST_CASE("each wrong request has its own status", "[websocket]") {
  CHECK(refusal({"POST /mqtt HTTP/1.1"}) == "405");
  CHECK(refusal({"GET /other HTTP/1.1"}) == "404");
  CHECK(refusal({"GET /mqttx HTTP/1.1"}) == "404");
  CHECK(refusal({"GET /mqtt HTTP/1.0"}) == "400");
  CHECK(refusal({"GET /mqtt"}) == "400");
  CHECK(refusal({""}) == "400");
  CHECK(refusal(Request().without("Upgrade")) == "426");
  CHECK(refusal(Request().without("Connection")) == "426");
  CHECK(refusal(Request().without("Sec-WebSocket-Version")) == "426");
  CHECK(refusal(Request().without("Sec-WebSocket-Version").with("Sec-WebSocket-Version: 8")) == "426");
  CHECK(refusal(Request().without("Sec-WebSocket-Key")) == "400");
  CHECK(refusal(Request().without("Sec-WebSocket-Key").with("Sec-WebSocket-Key: short")) == "400");
  CHECK(refusal(Request().without("Host")) == "400");
  CHECK(refusal(Request().without("Sec-WebSocket-Protocol")) == "400");
  CHECK(refusal(Request().without("Sec-WebSocket-Protocol").with("Sec-WebSocket-Protocol: chat")) == "400");
  CHECK(refusal(Request().with("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")) == "400");  // twice
  CHECK(refusal(Request().with("Host: other")) == "400");
  CHECK(refusal(Request().with("no colon here")) == "400");
  CHECK(refusal(Request().with("bad name: x")) == "400");
  CHECK(refusal(Request().with(" folded: x")) == "400");
}

TEST_CASE("version 13 is named where another was asked for", "[websocket]") {
  const WebSocketHandshake handshake =
      answer(Request().without("Sec-WebSocket-Version").with("Sec-WebSocket-Version: 8"));
  CHECK(handshake.response.find("Sec-WebSocket-Version: 13\r\n") != std::string::npos);
}

TEST_CASE("origins are checked only where the listener says so", "[websocket]") {
  WebSocketOptions options;
  const Request foreign = Request().with("Origin: https://evil.example");
  CHECK(refusal(foreign, options) == "accepted");
  options.check_origin = true;
  options.origins = {"https://panel.example"};
  CHECK(refusal(foreign, options) == "403");
  CHECK(refusal(Request(), options) == "403");
  CHECK(refusal(Request().with("Origin: https://Panel.example"), options) == "accepted");
  CHECK(refusal(Request().with("Origin: https://panel.example.evil"), options) == "403");
}

TEST_CASE("no subprotocol is accepted where the listener allows it, a wrong one never", "[websocket]") {
  WebSocketOptions options;
  options.fail_if_no_subprotocol = false;
  const WebSocketHandshake handshake = answer(Request().without("Sec-WebSocket-Protocol"), options);
  CHECK(handshake.status == Status::accepted);
  CHECK(handshake.response.find("Sec-WebSocket-Protocol") == std::string::npos);
  CHECK(refusal(Request().without("Sec-WebSocket-Protocol").with("Sec-WebSocket-Protocol: chat"), options) == "400");
}

TEST_CASE("names that are preferred are agreed to before the listener's, which still are", "[websocket]") {
  const std::vector<std::string> preferred = {"v12.stomp", "v11.stomp"};
  const auto agreed = [&](const std::string& offered) {
    const std::string request =
        Request().without("Sec-WebSocket-Protocol").with("Sec-WebSocket-Protocol: " + offered).text();
    const WebSocketHandshake handshake = answer_websocket_request(request, {}, kLimit, preferred);
    return handshake.status == Status::accepted ? handshake.subprotocol : handshake.response.substr(9, 3);
  };
  CHECK(agreed("v11.stomp") == "v11.stomp");
  CHECK(agreed("mqtt, v11.stomp, v12.stomp") == "v12.stomp");
  CHECK(agreed("mqtt") == "mqtt");
  CHECK(agreed("v10.stomp") == "400");
  CHECK(answer_websocket_request(
            Request().without("Sec-WebSocket-Protocol").with("Sec-WebSocket-Protocol: v12.stomp").text(), {}, kLimit)
            .status == Status::refused);
}

TEST_CASE("a request may come in parts but not grow without bound", "[websocket]") {
  const std::string text = Request().text();
  for (size_t size = 0; size < text.size(); ++size) {
    REQUIRE(answer_websocket_request(text.substr(0, size), {}, kLimit).status == Status::incomplete);
  }
  const std::string long_request = Request().with("X: " + std::string(kLimit, 'x')).text();
  CHECK(answer_websocket_request(long_request.substr(0, kLimit - 1), {}, kLimit).status == Status::incomplete);
  const WebSocketHandshake handshake = answer_websocket_request(long_request, {}, kLimit);
  CHECK(handshake.status == Status::refused);
  CHECK(handshake.response.substr(9, 3) == "400");
}

}  // namespace patchbay::net
