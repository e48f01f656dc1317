#pragma once

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "wire/support/tcp_socket.h"

namespace patchbay::wire {

using Json = nlohmann::json;

struct RestAnswer {
  int status = 0;
  std::string head;
  std::string body;

  [[nodiscard]] Json json() const { return Json::parse(body); }
};

/// An operator's scripts: one request for each connection, HTTP/1.1, on 127.0.0.1, as the user who has logged in.
class RestClient {
 public:
  explicit RestClient(uint16_t port) : port_(port) {}

  void log_in(const std::string& username, const std::string& password) {
    const RestAnswer answer = call("POST", "/login", Json{{"username", username}, {"password", password}});
    if (answer.status != 200) throw std::runtime_error("cannot log in: " + answer.body);
    token_ = answer.json().at("token").get<std::string>();
  }

  /// That of `patchbay ctl`, from the data directory.
  void use_token(std::string token) { token_ = std::move(token); }

  RestAnswer call(const std::string& method, const std::string& path, const Json& body = nullptr,
                  const std::string& more_headers = {}) const {
    std::string text = body.is_null() ? std::string() : body.dump();
    std::string request = method + " /api/v5" + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n";
    if (!token_.empty()) request += "Authorization: Bearer " + token_ + "\r\n";
    if (!body.is_null()) request += "Content-Type: application/json\r\n";
    if (!body.is_null() || method != "GET") request += "Content-Length: " + std::to_string(text.size()) + "\r\n";
    request += more_headers + "\r\n" + text;
    TcpSocket socket(port_);
    socket.send(request);
    std::string answer;
    for (std::string part = socket.receive_some(); !part.empty(); part = socket.receive_some()) {
      answer += part;
      if (is_whole(answer)) break;
    }
    return taken_apart(answer);
  }
  /// The body of an answer that must be this one.
  Json get(const std::string& path) const {
    const RestAnswer answer = call("GET", path);
    if (answer.status != 200) throw std::runtime_error("GET " + path + ": " + answer.head + answer.body);
    return answer.json();
  }

 private:
  static size_t content_length(const std::string& head) {
    std::string lower = head;
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
    const size_t at = lower.find("content-length:");
    return at == std::string::npos ? std::string::npos : std::strtoul(lower.c_str() + at + 15, nullptr, 10);
  }
  static bool is_whole(const std::string& answer) {
    const size_t end = answer.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    const size_t length = content_length(answer.substr(0, end));
    return length != std::string::npos && answer.size() >= end + 4 + length;
  }
  static RestAnswer taken_apart(const std::string& text) {
    const size_t end = text.find("\r\n\r\n");
    if (end == std::string::npos || !text.starts_with("HTTP/1.1 "))
      throw std::runtime_error("no answer of HTTP: " + text.substr(0, 200));
    return {std::atoi(text.c_str() + 9), text.substr(0, end), text.substr(end + 4)};
  }

  uint16_t port_;
  std::string token_;
};

}  // namespace patchbay::wire
