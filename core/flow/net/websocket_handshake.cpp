#include "net/websocket_handshake.h"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <optional>

namespace patchbay::net {

namespace {

using Status = WebSocketHandshake::Status;

constexpr std::string_view kMagic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";  // RFC 6455 1.3
constexpr size_t kKeySize = 24;                                              // base64 of 16 bytes

/// The lines of a request that matter here. A line that may not occur twice but does makes the request malformed.
struct Request {
  std::string_view method;
  std::string_view target;
  std::string_view version;
  std::string_view host;
  std::string_view upgrade;
  std::string_view connection;
  std::string_view key;
  std::string_view websocket_version;
  std::string_view origin;
  std::string subprotocols;  // several lines are one list
  bool malformed = false;
};

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

std::string_view trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::string_view take_until(std::string_view& text, std::string_view separator) {
  const size_t end = std::min(text.find(separator), text.size());
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(std::min(end + separator.size(), text.size()));
  return taken;
}

/// Whether the comma-separated `list` names `token`.
bool lists(std::string_view list, std::string_view token) {
  while (!list.empty()) {
    if (equal_ignoring_case(trim(take_until(list, ",")), token)) return true;
  }
  return false;
}

bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [kMarks](char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9') || kMarks.find(c) != std::string_view::npos;
  });
}

void set_once(Request& request, std::string_view& field, std::string_view value) {
  request.malformed = request.malformed || !field.empty();
  field = value;
}

void add_to_list(std::string& list, std::string_view value) {
  if (!list.empty()) list += ',';
  list += value;
}

void read_field(Request& request, std::string_view name, std::string_view value) {
  if (equal_ignoring_case(name, "Host")) set_once(request, request.host, value);
  if (equal_ignoring_case(name, "Upgrade")) set_once(request, request.upgrade, value);
  if (equal_ignoring_case(name, "Connection")) set_once(request, request.connection, value);
  if (equal_ignoring_case(name, "Sec-WebSocket-Key")) set_once(request, request.key, value);
  if (equal_ignoring_case(name, "Sec-WebSocket-Version")) set_once(request, request.websocket_version, value);
  if (equal_ignoring_case(name, "Origin")) set_once(request, request.origin, value);
  if (equal_ignoring_case(name, "Sec-WebSocket-Protocol")) add_to_list(request.subprotocols, value);
}

Request parse(std::string_view head) {
  Request request;
  std::string_view line = take_until(head, "\r\n");
  request.method = take_until(line, " ");
  request.target = take_until(line, " ");
  request.version = line;
  while (!head.empty()) {
    line = take_until(head, "\r\n");
    const size_t colon = line.find(':');
    // A line that goes on from the one before (it begins with a space) is refused as a name that is no token.
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
      request.malformed = true;
      break;
    }
    read_field(request, line.substr(0, colon), trim(line.substr(colon + 1)));
  }
  return request;
}

std::string_view select_subprotocol(std::string_view offered, std::span<const std::string> preferred,
                                    const WebSocketOptions& options) {
  for (const std::span<const std::string> names : {preferred, std::span<const std::string>(options.subprotocols)}) {
    for (const std::string& known : names) {
      if (lists(offered, known)) return known;
    }
  }
  return {};
}

bool origin_allowed(const Request& request, const WebSocketOptions& options) {
  if (!options.check_origin) return true;
  return std::any_of(options.origins.begin(), options.origins.end(),
                     [&request](const std::string& origin) { return equal_ignoring_case(origin, request.origin); });
}

std::string refusal(std::string_view status, std::string_view extra_fields = {}) {
  std::string text = "HTTP/1.1 ";
  text.append(status).append("\r\nConnection: close\r\nContent-Length: 0\r\n").append(extra_fields).append("\r\n");
  return text;
}

/// The refusal, or nothing where the request is in order. RFC 6455 4.2.1
std::optional<std::string> check(const Request& request, std::string_view subprotocol,
                                 const WebSocketOptions& options) {
  if (request.malformed || request.version != "HTTP/1.1" || !is_token(request.method)) {
    return refusal("400 Bad Request");
  }
  if (request.method != "GET") return refusal("405 Method Not Allowed", "Allow: GET\r\n");
  if (request.target.substr(0, request.target.find('?')) != options.path) return refusal("404 Not Found");
  if (!equal_ignoring_case(request.upgrade, "websocket") || !lists(request.connection, "upgrade")) {
    return refusal("426 Upgrade Required", "Upgrade: websocket\r\n");
  }
  if (request.websocket_version != "13") {
    return refusal("426 Upgrade Required", "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
  }
  if (request.host.empty() || request.key.size() != kKeySize) return refusal("400 Bad Request");
  if (!origin_allowed(request, options)) return refusal("403 Forbidden");
  // [MQTT-6.0.0-3] the client offers "mqtt"; some very old clients offer nothing, which an option allows.
  const bool none_offered = request.subprotocols.empty() && !options.fail_if_no_subprotocol;
  if (!none_offered && subprotocol.empty()) return refusal("400 Bad Request");
  return std::nullopt;
}

std::string acceptance(const Request& request, std::string_view subprotocol) {
  std::string text = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
  text.append("Sec-WebSocket-Accept: ").append(websocket_accept_value(request.key)).append("\r\n");
  // [MQTT-6.0.0-4] the server answers with the name that it selected.
  if (!subprotocol.empty()) text.append("Sec-WebSocket-Protocol: ").append(subprotocol).append("\r\n");
  return text.append("\r\n");
}

}  // namespace

std::string websocket_accept_value(std::string_view key) {
  std::string text(key);
  text += kMagic;
  std::array<uint8_t, SHA_DIGEST_LENGTH> digest;
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  std::array<uint8_t, 4 * ((SHA_DIGEST_LENGTH + 2) / 3) + 1> encoded;
  const int length = EVP_EncodeBlock(encoded.data(), digest.data(), SHA_DIGEST_LENGTH);
  return {reinterpret_cast<const char*>(encoded.data()), static_cast<size_t>(length)};
}

WebSocketHandshake answer_websocket_request(std::string_view bytes, const WebSocketOptions& options,
                                            size_t header_limit, std::span<const std::string> preferred) {
  WebSocketHandshake answer;
  const size_t end = bytes.substr(0, header_limit).find("\r\n\r\n");
  if (end == std::string_view::npos) {
    if (bytes.size() < header_limit) return answer;
    answer.status = Status::refused;
    answer.request_size = bytes.size();
    answer.response = refusal("400 Bad Request");
    return answer;
  }
  answer.request_size = end + 4;
  const Request request = parse(bytes.substr(0, end));
  answer.subprotocol = select_subprotocol(request.subprotocols, preferred, options);
  auto refused = check(request, answer.subprotocol, options);
  answer.status = refused ? Status::refused : Status::accepted;
  answer.response = refused ? std::move(*refused) : acceptance(request, answer.subprotocol);
  answer.target = request.target;
  return answer;
}

}  // namespace patchbay::net
