#include <catch2/catch.hpp>
#include <string>

#include "admin/http_head.h"

using namespace patchbay::admin;

namespace {

std::string with_headers(const std::string& headers, const std::string& line = "GET /api/v5/nodes HTTP/1.1") {
  return line + "\r\nHost: localhost\r\n" + headers + "\r\n";
}

int status_of(const std::string& head) {
  const auto parsed = parse_head(head);
  return parsed ? 200 : parsed.error().status;
}

}  // namespace

TEST_CASE("a head is read") {
  const auto head =
      parse_head("POST /api/v5/publish?a=1&b HTTP/1.1\r\nHost: h:1\r\nX-One:  two \t\r\nContent-Length: 12\r\n\r\n");
  REQUIRE(head);
  CHECK(head->method == "POST");
  CHECK(head->path == "/api/v5/publish");
  CHECK(head->query == "a=1&b");
  CHECK(head->host == "h:1");
  CHECK(head->header("x-one") == "two");
  CHECK(head->header("x-two").empty());
  CHECK(head->content_length == 12);
  CHECK(head->keep_alive);
}

TEST_CASE("a head ends with an empty line") {
  CHECK_FALSE(head_size("GET / HTTP/1.1\r\nHost: a\r\n"));
  CHECK(head_size("GET / HTTP/1.1\r\n\r\nbody") == 18);
}

TEST_CASE("where a body ends is said once, RFC 9112 6.3") {
  CHECK(status_of(with_headers("Content-Length: 3\r\n")) == 200);
  CHECK(status_of(with_headers("Content-Length: 3\r\nContent-Length: 3\r\n")) == 400);
  CHECK(status_of(with_headers("Content-Length: 3\r\nContent-Length: 4\r\n")) == 400);
  CHECK(status_of(with_headers("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n")) == 400);
  CHECK(status_of(with_headers("Transfer-Encoding: chunked\r\n")) == 411);
  CHECK(status_of(with_headers("Transfer-Encoding: identity\r\n")) == 411);
  for (const char* length : {"", "-1", "+3", "3 3", "0x3", "3,3", "three", "1.5"}) {
    INFO(length);
    CHECK(status_of(with_headers("Content-Length: " + std::string(length) + "\r\n")) == 400);
  }
  CHECK(status_of(with_headers("Content-Length: 99999999999999999999\r\n")) == 413);
}

TEST_CASE("line ends are CR and LF, RFC 9112 2.2; control characters are nothing, and no line is folded") {
  for (const char* bad : {"X: a\nY: b\r\n", "X: a\rY: b\r\n", "X: a\n\r\n", " X: folded\r\n", "X: a\r\n b\r\n",
                          "X : a\r\n", ": a\r\n", "X\r\n", "X: a\x01\r\n", "X: a\x7F\r\n"}) {
    INFO(bad);
    CHECK(status_of(with_headers(bad)) == 400);
  }
  CHECK(status_of(with_headers(std::string("X: a\0b\r\n", 8))) == 400);
}

TEST_CASE("the request line has a method, a target and a version") {
  for (const char* bad :
       {"GET / HTTP/1.1 x", "GET  / HTTP/1.1", "GET /", "/ HTTP/1.1", "G@T / HTTP/1.1", "GET a HTTP/1.1",
        "GET * HTTP/1.1", "GET /#a HTTP/1.1", "GET /\xC3\xA4 HTTP/1.1", "GET / HTTQ/1.1"}) {
    INFO(bad);
    CHECK(status_of(with_headers("", bad)) == 400);
  }
  CHECK(status_of(with_headers("", "GET / HTTP/2.0")) == 505);
  CHECK(status_of(with_headers("", "GET /" + std::string(9'000, 'a') + " HTTP/1.1")) == 414);
  CHECK(status_of(with_headers("", "OPTIONS * HTTP/1.1")) == 200);
}

TEST_CASE("an absolute target names the host, RFC 9112 3.2.2") {
  const auto head = parse_head(with_headers("", "GET http://other:80/status?format=json HTTP/1.1"));
  REQUIRE(head);
  CHECK(head->host == "other:80");
  CHECK(head->path == "/status");
  CHECK(head->query == "format=json");
}

TEST_CASE("there is one Host, RFC 9112 3.2") {
  CHECK(status_of("GET / HTTP/1.1\r\n\r\n") == 400);
  CHECK(status_of(with_headers("Host: other\r\n")) == 400);
  CHECK(status_of("GET / HTTP/1.0\r\n\r\n") == 200);
}

TEST_CASE("headers are counted") {
  std::string many;
  for (int count = 0; count < 99; ++count) many += "X: y\r\n";
  CHECK(status_of(with_headers(many)) == 200);
  CHECK(status_of(with_headers(many + "X: y\r\n")) == 431);
}

TEST_CASE("what is not taken is told") {
  CHECK(status_of(with_headers("Content-Encoding: gzip\r\nContent-Length: 1\r\n")) == 415);
  CHECK(status_of(with_headers("Content-Encoding: identity\r\n")) == 200);
  CHECK(status_of(with_headers("Expect: a miracle\r\n")) == 417);
  const auto head = parse_head(with_headers("Expect: 100-continue\r\nContent-Length: 5\r\n"));
  REQUIRE(head);
  CHECK(head->expects_continue);
}

TEST_CASE("connections stay open as long as both want it") {
  CHECK_FALSE(parse_head(with_headers("Connection: Close\r\n"))->keep_alive);
  CHECK_FALSE(parse_head("GET / HTTP/1.0\r\n\r\n")->keep_alive);
  CHECK(parse_head("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")->keep_alive);
}

TEST_CASE("a control character is found wherever it stands, and no other byte is taken for one") {
  for (size_t at = 0; at < 24; ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string value(24, 'x');
      value[at] = static_cast<char>(byte);
      const bool control = (byte < 0x20 && byte != '\t') || byte == 0x7F;
      CAPTURE(at, byte);
      CHECK(status_of(with_headers("X: " + value + "\r\n")) == (control ? 400 : 200));
    }
  }
}

TEST_CASE("what a token may consist of, RFC 9110 5.6.2") {
  const std::string_view allowed = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  for (int byte = 0x21; byte < 256; ++byte) {
    if (byte == ':') continue;  // ends the name
    const std::string name = std::string("X") + static_cast<char>(byte);
    CAPTURE(byte);
    const bool fits = allowed.find(static_cast<char>(byte)) != std::string_view::npos;
    CHECK(status_of(with_headers(name + ": a\r\n")) == (fits ? 200 : 400));
  }
}
