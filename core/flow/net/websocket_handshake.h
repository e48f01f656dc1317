#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "net/listener_options.h"

namespace patchbay::net {

/// What the server answers to the bytes that a WebSocket client begins with.
struct WebSocketHandshake {
  enum class Status : uint8_t {
    incomplete,  ///< the request has not ended yet
    accepted,
    refused,  ///< `response` says why, then the connection closes
  };
  Status status = Status::incomplete;
  size_t request_size = 0;  ///< bytes of the request
  std::string target;       ///< accepted: path and query as the client asked for it
  std::string subprotocol;  ///< accepted: the selected one
  std::string response;
};

/// Answers the HTTP upgrade request at the front of `bytes` (RFC 6455, section 4.2): 101 with one of `preferred`, or of
/// the subprotocols that the listener accepts, else 400 (malformed, too large), 403 (origin), 404 (path), 405 (method)
/// or 426 (not version 13). `header_limit`: bytes of a request. Pure. [any-thread]
[[nodiscard]] WebSocketHandshake answer_websocket_request(std::string_view bytes, const WebSocketOptions& options,
                                                          size_t header_limit,
                                                          std::span<const std::string> preferred = {});

/// The value of Sec-WebSocket-Accept for a client's key. RFC 6455 4.2.2
[[nodiscard]] std::string websocket_accept_value(std::string_view key);

}  // namespace patchbay::net
