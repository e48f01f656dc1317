#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <string>

#include <catch2/catch.hpp>

namespace patchbay::test {

/// A connection to an HTTP server on loopback. Blocks, ten seconds at most.
struct HttpTestClient {
  explicit HttpTestClient(const std::string& address) : fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    uint16_t port = 0;
    std::from_chars(address.data() + address.rfind(':') + 1, address.data() + address.size(), port);
    where.sin_port = htons(port);
    connected = ::connect(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0;
    const timeval patience{10, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  }
  ~HttpTestClient() { ::close(fd); }
  HttpTestClient(const HttpTestClient&) = delete;
  HttpTestClient& operator=(const HttpTestClient&) = delete;

  /// False: there is no connection, or none any more. Asserts nothing: for threads of a test's own.
  [[nodiscard]] bool send_request(const std::string& path) const {
    const std::string text = "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n";
    return connected && ::send(fd, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
  }
  void ask(const std::string& path) const { REQUIRE(send_request(path)); }
  /// The bodies of so many answers, one after the other.
  [[nodiscard]] std::string answers(size_t count) const {
    std::string text, bodies;
    while (count > 0) {
      const size_t end = text.find("\r\n\r\n");
      const size_t mark = text.find("Content-Length: ");
      size_t length = 0;
      if (mark != std::string::npos) std::from_chars(text.data() + mark + 16, text.data() + text.size(), length);
      if (end != std::string::npos && text.size() >= end + 4 + length) {
        bodies += text.substr(end + 4, length) + "|";
        text.erase(0, end + 4 + length);
        --count;
        continue;
      }
      std::string part(4096, '\0');
      const ssize_t size = ::recv(fd, part.data(), part.size(), 0);
      if (size <= 0) return bodies + "(ended)";
      text.append(part, 0, static_cast<size_t>(size));
    }
    return bodies;
  }

  const int fd;
  bool connected = false;
};

}  // namespace patchbay::test
