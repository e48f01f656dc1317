#include <catch2/catch.hpp>
#include <cstring>
#include <stdexcept>

#include "admin/http_answer.h"
#include "admin/http_server.h"

using namespace patchbay::admin;
using Outcome = HttpServer::Outcome;

namespace {

struct PlayedTransport final : HttpTransport {
  [[nodiscard]] size_t read_body(char* into, size_t most) override {
    const size_t count = std::min(most, body.size());
    std::memcpy(into, body.data(), count);
    body.erase(0, count);
    written_before_body = written;
    return count;
  }
  [[nodiscard]] bool write(std::string_view bytes) override {
    written += bytes;
    ++writes;
    return !broken;
  }

  std::string body;
  std::string written;
  std::string written_before_body;
  int writes = 0;
  bool broken = false;
};

struct PlayedHandler final : HttpHandler {
  [[nodiscard]] Admission admit(const HttpHead& head, std::string_view) override {
    path = head.path;
    if (path == "/throws") throw std::runtime_error("the secret is 42");
    Admission admission;
    admission.answer = refusal;
    admission.body_bytes_max = 100;
    admission.handle = [this](std::string given) {
      body = std::move(given);
      ++handled;
      return answer;
    };
    return admission;
  }

  std::optional<ApiResponse> refusal;
  ApiResponse answer = ApiResponse::json({{"ok", true}});
  std::string path;
  std::string body;
  int handled = 0;
};

struct Exchange {
  PlayedHandler handler;
  PlayedTransport transport;
  HttpServer server{handler, 60};

  Outcome serve(const std::string& method, const std::string& body = {}, bool here = true,
                const std::string& headers = {}) {
    std::string text = method + " /a%2Fb?c=d HTTP/1.1\r\nHost: localhost\r\n" + headers;
    if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    auto head = parse_head(text + "\r\n");
    REQUIRE(head);
    transport.body = body;
    transport.written.clear();
    return server.serve({std::move(*head), "127.0.0.1", here, false}, transport);
  }
  [[nodiscard]] bool has(const char* text) const { return transport.written.find(text) != std::string::npos; }
};

}  // namespace

TEST_CASE("an answer leaves in one piece, with its length and the headers that make browsers careful") {
  Exchange one;
  CHECK(one.serve("GET") == Outcome::next);
  CHECK(one.handler.path == "/a%2Fb");
  CHECK(one.transport.writes == 1);
  CHECK(one.transport.written.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(one.has("Content-Length: 11\r\n"));
  CHECK(one.has("Content-Type: application/json\r\n"));
  CHECK(one.has("X-Content-Type-Options: nosniff\r\n"));
  CHECK(one.has("Content-Security-Policy: default-src 'none'"));
  CHECK(one.transport.written.ends_with("\r\n\r\n{\"ok\":true}"));
}

TEST_CASE("bodies of every method reach the handler") {
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH", "GET", "PROPFIND"}) {
    INFO(method);
    Exchange one;
    CHECK(one.serve(method, "{\"a\": 1}") == Outcome::next);
    CHECK(one.handler.body == "{\"a\": 1}");
  }
}

TEST_CASE("HEAD has no body, and the length of what GET would have") {
  Exchange one;
  CHECK(one.serve("HEAD") == Outcome::next);
  CHECK(one.has("Content-Length: 11\r\n"));
  CHECK(one.transport.written.ends_with("\r\n\r\n"));
}

TEST_CASE("204 says nothing of a length, RFC 9110 8.6") {
  Exchange one;
  one.handler.answer = ApiResponse::no_content();
  CHECK(one.serve("DELETE") == Outcome::next);
  CHECK(one.transport.written.starts_with("HTTP/1.1 204"));
  CHECK_FALSE(one.has("Content-Length"));
  CHECK_FALSE(one.has("Content-Type:"));
}

TEST_CASE("connections end when the client wants it") {
  Exchange one;
  CHECK(one.serve("GET", "", true, "Connection: close\r\n") == Outcome::last);
  CHECK(one.has("Connection: close\r\n"));
}

TEST_CASE("a refused sender's body is read when it is here, and else ends the connection") {
  Exchange one;
  one.handler.refusal = ApiResponse::error(401, "BAD_TOKEN", "no");
  CHECK(one.serve("POST", "body", true) == Outcome::next);
  CHECK(one.transport.body.empty());
  CHECK(one.serve("POST", "body", false) == Outcome::last);
  CHECK(one.transport.body == "body");
  CHECK(one.transport.written.starts_with("HTTP/1.1 401"));
  CHECK(one.handler.handled == 0);
}

TEST_CASE("a body above the limit is not read") {
  Exchange one;
  CHECK(one.serve("POST", std::string(101, 'a'), false) == Outcome::last);
  CHECK(one.transport.written.starts_with("HTTP/1.1 413"));
  CHECK(one.transport.body.size() == 101);
}

TEST_CASE("a body that stays away is a timeout") {
  Exchange one;
  auto head = parse_head("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n");
  REQUIRE(head);
  one.transport.body = "half";
  CHECK(one.server.serve({std::move(*head), "127.0.0.1", false, false}, one.transport) == Outcome::last);
  CHECK(one.transport.written.starts_with("HTTP/1.1 408"));
  CHECK(one.handler.handled == 0);
}

TEST_CASE("who waits for 100 Continue gets it before the body is read, RFC 9110 10.1.1") {
  Exchange one;
  CHECK(one.serve("POST", "body", false, "Expect: 100-continue\r\n") == Outcome::next);
  CHECK(one.transport.written_before_body.starts_with("HTTP/1.1 100"));
  CHECK(one.handler.body == "body");
}

TEST_CASE("a line end in a header is no header of somebody else's") {
  Exchange one;
  one.handler.answer.headers.emplace_back("X-Name", "a\r\nSet-Cookie: b");
  static_cast<void>(one.serve("GET"));
  CHECK_FALSE(one.has("\r\nSet-Cookie"));
}

TEST_CASE("a peer that is gone is noticed, and what is no request gets its answer") {
  Exchange one;
  one.transport.broken = true;
  CHECK(one.serve("GET") == Outcome::broken);
  Exchange other;
  CHECK(other.server.refuse(ApiResponse::error(400, "BAD_REQUEST", "no"), other.transport, true) == Outcome::last);
  CHECK(other.transport.written.starts_with("HTTP/1.1 400"));
  CHECK(other.has("Strict-Transport-Security"));
}

TEST_CASE("a handler that throws costs its request only, and tells nothing") {
  Exchange one;
  auto head = parse_head("GET /throws HTTP/1.1\r\nHost: a\r\n\r\n");
  REQUIRE(head);
  CHECK(one.server.serve({std::move(*head), "127.0.0.1", true, false}, one.transport) == Outcome::next);
  CHECK(one.transport.written.starts_with("HTTP/1.1 500"));
  CHECK_FALSE(one.has("42"));
  CHECK(one.serve("GET") == Outcome::next);
  CHECK(one.transport.written.starts_with("HTTP/1.1 200"));
}

TEST_CASE("an answer as it is sent") {
  CHECK(answer_text(ApiResponse::json({{"a", 1}}), {}) ==
        "HTTP/1.1 200 OK\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "X-Frame-Options: DENY\r\n"
        "Referrer-Policy: no-referrer\r\n"
        "Cross-Origin-Resource-Policy: same-origin\r\n"
        "Cache-Control: no-store\r\n"
        "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
        "Content-Type: application/json\r\n"
        "Content-Length: 7\r\n"
        "Keep-Alive: timeout=60, max=1000000\r\n"
        "\r\n"
        "{\"a\":1}");
}

TEST_CASE("a handler's own headers come first, and stand instead of ours") {
  ApiResponse response = ApiResponse::no_content();
  response.headers = {{"Cache-Control", "max-age=1"}, {"Retry-After", "3"}};
  CHECK(answer_text(response, {.tls = true, .keep_alive = false}) ==
        "HTTP/1.1 204 No Content\r\n"
        "Cache-Control: max-age=1\r\n"
        "Retry-After: 3\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "X-Frame-Options: DENY\r\n"
        "Referrer-Policy: no-referrer\r\n"
        "Cross-Origin-Resource-Policy: same-origin\r\n"
        "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
        "Strict-Transport-Security: max-age=31536000\r\n"
        "Connection: close\r\n"
        "\r\n");
}

TEST_CASE("over TLS browsers are told to stay there, once") {
  const std::string header = "\r\nStrict-Transport-Security: max-age=31536000\r\n";
  const std::string with = answer_text(ApiResponse::text("x"), {.tls = true});
  CHECK(with.find(header) != std::string::npos);
  CHECK(with.find(header, with.find(header) + 1) == std::string::npos);
  CHECK(answer_text(ApiResponse::text("x"), {.tls = false}).find("Strict-Transport") == std::string::npos);
}

TEST_CASE("a header with a line end in it is left out, and ours does not come instead") {
  ApiResponse response = ApiResponse::text("x");
  response.headers = {{"X-Own", "a\r\nSet-Cookie: b"}, {"X-Frame-Options", "SAME\nORIGIN"}};
  response.content_type = "text/plain\r\nX: y";
  const std::string text = answer_text(response, {});
  CHECK(text.find("Set-Cookie") == std::string::npos);
  CHECK(text.find("X-Frame-Options") == std::string::npos);
  CHECK(text.find("Content-Type:") == std::string::npos);
  CHECK(text.find("X-Content-Type-Options: nosniff") != std::string::npos);
}
