#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "wire/support/tcp_socket.h"

namespace patchbay::wire {

namespace opcode {
inline constexpr uint8_t kContinuation = 0x0;
inline constexpr uint8_t kText = 0x1;
inline constexpr uint8_t kBinary = 0x2;
inline constexpr uint8_t kClose = 0x8;
inline constexpr uint8_t kPing = 0x9;
inline constexpr uint8_t kPong = 0xA;
}  // namespace opcode

struct Frame {
  bool final = true;
  uint8_t opcode = 0;
  std::string payload;
};

/// A WebSocket client, RFC 6455, that can also do what it must not.
class Websocket {
 public:
  struct Request {
    std::string path = "/mqtt";
    std::string subprotocol = "mqtt";  ///< "": none is asked for
    std::string more_headers = {};     ///< whole lines
    std::string method = "GET";
    std::string version = "13";
  };
  /// Sends the request and reads the response's head, whatever it says.
  Websocket(uint16_t port, const Request& request);

  [[nodiscard]] const std::string& response() const { return response_; }
  [[nodiscard]] bool open() const { return response_.rfind("HTTP/1.1 101", 0) == 0; }

  void send(uint8_t opcode, std::string_view payload, bool final = true, bool masked = true);
  /// The next frame, which must not be masked.
  Frame receive();
  TcpSocket& socket() { return socket_; }

 private:
  TcpSocket socket_;
  std::string response_;
};

}  // namespace patchbay::wire
