#include "admin/http_head.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "admin/error_codes.h"
#include "admin/text_case.h"

namespace patchbay::admin {

namespace {

using Problem = std::optional<ApiResponse>;

constexpr size_t kUsualHeaders = 12;  // room for them is made at once

ApiResponse refusal(int status, std::string_view sentence) {
  const std::string_view name = status == 413   ? code::kPayloadTooLarge
                                : status == 411 ? code::kLengthRequired
                                : status == 415 ? code::kUnsupportedMediaType
                                                : code::kBadRequest;
  return ApiResponse::error(status, name, sentence);
}

constexpr std::array<bool, 256> kTokenBytes = [] {
  std::array<bool, 256> bytes{};
  for (const char mark : std::string_view("!#$%&'*+-.^_`|~")) bytes[static_cast<uint8_t>(mark)] = true;
  for (char byte = '0'; byte <= '9'; ++byte) bytes[static_cast<uint8_t>(byte)] = true;
  for (char byte = 'a'; byte <= 'z'; ++byte) bytes[static_cast<uint8_t>(byte)] = true;
  for (char byte = 'A'; byte <= 'Z'; ++byte) bytes[static_cast<uint8_t>(byte)] = true;
  return bytes;
}();

/// RFC 9110 5.6.2
bool is_token(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char byte) { return kTokenBytes[static_cast<uint8_t>(byte)]; });
}

bool is_control(char byte) {
  return (byte >= 0 && byte < 0x20) || byte == 0x7F;
}

/// Whether one of eight bytes is a control character: all are compared at once, by subtracting and looking for what has
/// borrowed.
bool has_control(const char* eight_bytes) {
  constexpr uint64_t kEach = 0x0101010101010101;
  constexpr uint64_t kHighBits = kEach * 0x80;
  uint64_t bytes = 0;
  std::memcpy(&bytes, eight_bytes, sizeof bytes);
  const uint64_t not_del = bytes ^ (kEach * 0x7F);
  const uint64_t below = (bytes - kEach * 0x20) & ~bytes;
  const uint64_t zero = (not_del - kEach) & ~not_del;
  return ((below | zero) & kHighBits) != 0;
}

/// Where the first control character from `index` on is; the text's size: nowhere.
size_t next_control(std::string_view text, size_t index) {
  while (index + sizeof(uint64_t) <= text.size() && !has_control(text.data() + index)) index += sizeof(uint64_t);
  while (index < text.size() && !is_control(text[index])) ++index;
  return index;
}

class HeadReader {
 public:
  explicit HeadReader(std::string_view text) : text_(text) {}

  base::Result<HttpHead, ApiResponse> read() {
    if (Problem problem = check_bytes()) return base::fail(std::move(*problem));
    head_.headers.reserve(kUsualHeaders);
    if (Problem problem = read_request_line(next_line())) return base::fail(std::move(*problem));
    for (std::string_view line = next_line(); !line.empty(); line = next_line()) {
      if (Problem problem = read_header(line)) return base::fail(std::move(*problem));
    }
    for (const auto step : {&HeadReader::check_host, &HeadReader::check_framing, &HeadReader::check_rest}) {
      if (Problem problem = (this->*step)()) return base::fail(std::move(*problem));
    }
    return std::move(head_);
  }

 private:
  /// RFC 9112 2.2: a bare CR, or a bare LF, is a line end to some readers and none to others.
  Problem check_bytes() const {
    for (size_t index = next_control(text_, 0); index < text_.size(); index = next_control(text_, index + 1)) {
      if (is_stray_control(index)) return refusal(400, "the head of the request contains a control character");
    }
    return std::nullopt;
  }

  /// Of a control character.
  [[nodiscard]] bool is_stray_control(size_t index) const {
    const char byte = text_[index];
    const bool line_end = byte == '\r'   ? index + 1 < text_.size() && text_[index + 1] == '\n'
                          : byte == '\n' ? index > 0 && text_[index - 1] == '\r'
                                         : false;
    return byte != '\t' && !line_end;
  }

  std::string_view next_line() {
    const size_t end = std::min(text_.find("\r\n"), text_.size());
    const std::string_view line = text_.substr(0, end);
    text_.remove_prefix(std::min(end + 2, text_.size()));
    return line;
  }

  /// RFC 9112 3
  Problem read_request_line(std::string_view line) {
    const size_t first = line.find(' ');
    const size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) return refusal(400, "the request line is not one");
    const std::string_view version = line.substr(last + 1);
    std::string_view target = line.substr(first + 1, last - first - 1);
    head_.method = line.substr(0, first);
    if (!is_token(head_.method)) return refusal(400, "the method is not one");
    if (version != "HTTP/1.1" && version != "HTTP/1.0") {
      return version.starts_with("HTTP/") ? refusal(505, "the version of HTTP is not 1.1 or 1.0")
                                          : refusal(400, "the request line is not one");
    }
    old_version_ = version == "HTTP/1.0";
    head_.keep_alive = !old_version_;
    if (target.size() > kTargetBytesMax) return refusal(414, "the target of the request is too long");
    return read_target(target);
  }

  /// RFC 9112 3.2: origin-form, absolute-form, or the asterisk of OPTIONS
  Problem read_target(std::string_view target) {
    const bool is_text = std::all_of(target.begin(), target.end(), [](char byte) { return byte > 0x20; });
    if (!is_text) return refusal(400, "the target of the request contains bytes that must be escaped");
    for (const std::string_view scheme : {"http://", "https://"}) {
      if (target.starts_with('/')) break;
      if (!in_small_letters(target.substr(0, scheme.size())).starts_with(scheme)) continue;
      target.remove_prefix(scheme.size());
      const size_t end = std::min(target.find_first_of("/?"), target.size());
      head_.host = target.substr(0, end);
      target.remove_prefix(end);
      if (target.empty() || target.front() != '/') return refusal(400, "the target of the request has no path");
    }
    const size_t mark = std::min(target.find('?'), target.size());
    head_.path = target.substr(0, mark);
    head_.query = target.substr(std::min(mark + 1, target.size()));
    const bool asterisk = head_.path == "*" && head_.method == "OPTIONS";
    if (!asterisk && !head_.path.starts_with('/')) return refusal(400, "the target of the request is not a path");
    if (target.find('#') != std::string_view::npos) return refusal(400, "the target of the request has a fragment");
    return std::nullopt;
  }

  /// RFC 9112 5: no blank before the colon, no folded lines
  Problem read_header(std::string_view line) {
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
      return refusal(400, "a header of the request is not one");
    if (head_.headers.size() == kHeadersMax) return refusal(431, "the request has too many headers");
    head_.headers.emplace_back(in_small_letters(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
    return std::nullopt;
  }

  /// RFC 9112 3.2: exactly one Host
  Problem check_host() {
    const size_t count = head_.header_count("host");
    if (count > 1 || (count == 0 && !old_version_)) return refusal(400, "the request needs exactly one header Host");
    if (head_.host.empty()) head_.host = head_.header("host");
    return std::nullopt;
  }

  /// RFC 9112 6.3: where a body ends must be said once
  Problem check_framing() {
    const size_t lengths = head_.header_count("content-length");
    const size_t codings = head_.header_count("transfer-encoding");
    if (lengths > 1) return refusal(400, "the request has more than one Content-Length");
    if (codings > 0 && lengths > 0) return refusal(400, "the request has a Transfer-Encoding and a Content-Length");
    if (codings > 0) return refusal(411, "the request needs a Content-Length; a Transfer-Encoding is not taken");
    return lengths == 1 ? read_length(head_.header("content-length")) : std::nullopt;
  }

  Problem read_length(std::string_view text) {
    uint64_t length = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, length);
    if (text.empty() || stop != end || error == std::errc::invalid_argument)
      return refusal(400, "Content-Length is not a number");
    if (error != std::errc()) return refusal(413, "the body is larger than is allowed");
    head_.content_length = length;
    return std::nullopt;
  }

  Problem check_rest() {
    const std::string coding = in_small_letters(head_.header("content-encoding"));
    if (!coding.empty() && coding != "identity") return refusal(415, "bodies are not taken compressed");
    const std::string expectation = in_small_letters(head_.header("expect"));
    if (!expectation.empty() && expectation != "100-continue")
      return refusal(417, "the only expectation is 100-continue");
    head_.expects_continue = !expectation.empty() && !old_version_ && head_.has_body();
    for (const auto& [name, value] : head_.headers) {
      if (name != "connection") continue;
      const std::string options = in_small_letters(value);
      if (options.find("close") != std::string::npos) head_.keep_alive = false;
      if (old_version_ && options.find("keep-alive") != std::string::npos) head_.keep_alive = true;
    }
    return std::nullopt;
  }

  std::string_view text_;
  HttpHead head_;
  bool old_version_ = false;
};

}  // namespace

std::string_view HttpHead::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

size_t HttpHead::header_count(std::string_view name) const {
  return static_cast<size_t>(
      std::count_if(headers.begin(), headers.end(), [name](const auto& header) { return header.first == name; }));
}

std::optional<size_t> head_size(std::string_view received) {
  const size_t end = received.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  return end + 4;
}

base::Result<HttpHead, ApiResponse> parse_head(std::string_view head) {
  return HeadReader(head).read();
}

}  // namespace patchbay::admin
