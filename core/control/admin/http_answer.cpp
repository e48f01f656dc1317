#include "admin/http_answer.h"

#include <string_view>

#include "admin/security_headers.h"

namespace patchbay::admin {

namespace {

constexpr size_t kReadyAnswers = 1'000'000;  // on one connection; told to clients, which may then open another
constexpr size_t kHeadBytes = 512;           // of most answers
constexpr int kNoContent = 204;

struct Phrase {
  int status;
  std::string_view text;
};

/// RFC 9110 15, RFC 6585. The words are for people; of a status that is not here there are none.
constexpr Phrase kPhrases[] = {
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
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
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

std::string_view phrase_of(int status) {
  for (const Phrase& phrase : kPhrases) {
    if (phrase.status == status) return phrase.text;
  }
  return {};
}

bool has_line_end(std::string_view text) {
  return text.find('\r') != std::string_view::npos || text.find('\n') != std::string_view::npos;
}

void append_own(std::string& text, std::string_view name, std::string_view value) {
  text.append(name).append(": ").append(value).append("\r\n");
}

/// Of a handler, that may have it from anywhere.
void append_header(std::string& text, std::string_view name, std::string_view value) {
  if (!has_line_end(name) && !has_line_end(value)) append_own(text, name, value);
}

}  // namespace

std::string answer_text(const ApiResponse& response, const HttpAnswerForm& form) {
  std::string text;
  text.reserve(kHeadBytes + response.body.size());
  text.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  text.append(phrase_of(response.status)).append("\r\n");
  for (const auto& [name, value] : response.headers) append_header(text, name, value);
  append_security_headers(text, response, form.tls);
  // RFC 9110 8.6: an answer without content says nothing of its length.
  const bool has_content = response.status != kNoContent;
  if (has_content && !response.content_type.empty()) append_header(text, "Content-Type", response.content_type);
  if (has_content) append_own(text, "Content-Length", std::to_string(response.body.size()));
  if (form.keep_alive) {
    append_own(text, "Keep-Alive",
               "timeout=" + std::to_string(form.idle_timeout_s) + ", max=" + std::to_string(kReadyAnswers));
  } else {
    append_own(text, "Connection", "close");
  }
  text.append("\r\n");
  if (has_content && !form.head_only) text.append(response.body);
  return text;
}

}  // namespace patchbay::admin
