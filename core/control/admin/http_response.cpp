#include "admin/http_response.h"

#include <algorithm>

namespace patchbay::admin {

namespace {

struct Phrase {
  int status;
  std::string_view text;
};

constexpr Phrase kPhrases[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

void add_header(std::string& bytes, std::string_view name, std::string_view value) {
  bytes.append(name).append(": ");
  // A line end inside of a value would begin a header of somebody else's choice.
  for (const char byte : value) bytes += byte == '\r' || byte == '\n' || byte == '\0' ? ' ' : byte;
  bytes.append("\r\n");
}

bool has_header(const ApiResponse& response, std::string_view name) {
  return std::any_of(response.headers.begin(), response.headers.end(),
                     [name](const auto& header) { return header.first == name; });
}

}  // namespace

std::string_view reason_phrase(int status) {
  for (const Phrase& phrase : kPhrases) {
    if (phrase.status == status) return phrase.text;
  }
  return {};
}

std::string response_bytes(const ApiResponse& response, const ResponseFraming& framing) {
  std::string bytes;
  bytes.reserve(512 + (framing.head_only ? 0 : response.body.size()));
  bytes.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  bytes.append(reason_phrase(response.status)).append("\r\n");
  for (const auto& [name, value] : response.headers) add_header(bytes, name, value);
  if (!response.content_type.empty()) add_header(bytes, "Content-Type", response.content_type);
  if (response.status != 204 && response.status != 304)
    add_header(bytes, "Content-Length", std::to_string(response.body.size()));
  add_header(bytes, "Connection", framing.keep_alive ? "keep-alive" : "close");
  add_header(bytes, "X-Content-Type-Options", "nosniff");
  add_header(bytes, "X-Frame-Options", "DENY");
  add_header(bytes, "Referrer-Policy", "no-referrer");
  add_header(bytes, "Cross-Origin-Resource-Policy", "same-origin");
  if (!has_header(response, "Cache-Control")) add_header(bytes, "Cache-Control", "no-store");
  if (!has_header(response, "Content-Security-Policy"))
    add_header(bytes, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  if (framing.tls) add_header(bytes, "Strict-Transport-Security", "max-age=31536000");
  bytes.append("\r\n");
  if (!framing.head_only && response.status != 204) bytes.append(response.body);
  return bytes;
}

}  // namespace patchbay::admin
