#include "frame_parser.h"

#include <algorithm>
#include <charconv>

#include "header_text.h"
#include "utf8.h"

namespace patchbay::stomp {

namespace {

constexpr std::size_t kMaximumCommandLength = 32;

ParseResult malformed(std::string_view message) {
  return {ParseStatus::malformed, 0, 0, message};
}
ParseResult too_large(std::string_view message) {
  return {ParseStatus::too_large, 0, 0, message};
}

/// Line ends between frames: heart-beats. (1.2, "Heart-beating")
std::size_t line_ends(std::string_view bytes) {
  std::size_t size = 0;
  while (size < bytes.size()) {
    if (bytes[size] == '\n') {
      ++size;
    } else if (bytes.substr(size, 2) == "\r\n") {
      size += 2;
    } else {
      break;
    }
  }
  return size;
}

/// A line without its end. CR belongs to the end in 1.2; 1.1 has only LF; in 1.0, which says nothing about it, clients
/// that wrote lines by hand ended them with both.
std::string_view without_cr(std::string_view line, Version version) {
  if (version != Version::v1_1 && line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool is_command(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

/// Name and value as they stand in the line. 1.0's own examples write "login: <username>"; later versions forbid to
/// trim. (1.1, "Value Encoding")
Header split_line(std::string_view line, Version version) {
  const std::size_t colon = line.find(':');
  Header header{line.substr(0, colon), line.substr(colon + 1)};
  if (version == Version::v1_0) header = {trimmed(header.name), trimmed(header.value)};
  return header;
}

}  // namespace

ParseResult FrameParser::next(std::string_view bytes, Version version, const FrameLimits& limits, Frame& frame) {
  const std::size_t skipped = scanned_ == 0 ? line_ends(bytes) : 0;
  const std::string_view rest = bytes.substr(skipped);
  ParseResult result;
  if (!rest.empty() && rest != "\r") {
    if (head_size_ == 0) result = scan_head(rest, version, limits);
    if (head_size_ != 0 && result.status == ParseStatus::more) result = scan_body(rest, limits, frame);
  }
  if (result.status == ParseStatus::frame) {
    const std::string_view wrong = split_head(rest.substr(0, head_size_), version, frame);
    if (!wrong.empty()) result = malformed(wrong);
    *this = FrameParser();
  }
  result.consumed += skipped;
  return result;
}

ParseResult FrameParser::scan_head(std::string_view rest, Version version, const FrameLimits& limits) {
  for (;;) {
    const std::size_t end = rest.find('\n', scanned_);
    const std::string_view fresh = rest.substr(scanned_, end == std::string_view::npos ? end : end - scanned_);
    if (fresh.find('\0') != std::string_view::npos) return malformed("The frame ends within its headers");
    const std::string_view line = without_cr(rest.substr(line_begin_, scanned_ - line_begin_ + fresh.size()), version);
    const ParseResult wrong = end_line(line, version, limits);
    if (wrong.status != ParseStatus::more) return wrong;
    if (end == std::string_view::npos) {
      scanned_ = rest.size();
      return {};
    }
    if (line.empty() && lines_ != 0) {
      scanned_ = head_size_ = end + 1;
      return {};
    }
    if (lines_ == 0 && (line.empty() || !is_command(line))) return malformed("This is not a STOMP command");
    if (lines_ != 0) {
      if (line.find(':') == std::string_view::npos) return malformed("A header has no colon");
      if (lines_ > limits.maximum_headers) return too_large("The frame has more headers than frame.max_headers");
      const Header header = split_line(line, version);
      if (header.name == "content-length" && !content_length_) {
        std::uint64_t length = 0;
        const char* const last = header.value.data() + header.value.size();
        const auto read = std::from_chars(header.value.data(), last, length);
        if (read.ec != std::errc() || read.ptr != last) return malformed("content-length is not a number");
        if (length > limits.maximum_body_length) return too_large("The body is longer than frame.max_body_length");
        content_length_ = length;
      }
    }
    scanned_ = line_begin_ = end + 1;
    ++lines_;
  }
}

/// What can be said of a line before its end is there.
ParseResult FrameParser::end_line(std::string_view line, Version, const FrameLimits& limits) {
  if (lines_ == 0) {
    if (line.ends_with('\r')) line.remove_suffix(1);  // its LF may still come
    if (line.size() > kMaximumCommandLength || !is_command(line)) return malformed("This is not a STOMP command");
  } else if (line.size() > limits.maximum_header_length) {
    return too_large("A header is longer than frame.max_headers_length");
  }
  return {};
}

ParseResult FrameParser::scan_body(std::string_view rest, const FrameLimits& limits, Frame& frame) {
  std::size_t end = 0;
  if (content_length_) {
    // NULs within count as any octet; the one behind is still there. (1.2, "Header content-length")
    end = head_size_ + *content_length_;
    if (rest.size() <= end) return {ParseStatus::more, 0, end + 1, {}};
    if (rest[end] != '\0') return malformed("There is no NUL behind the body of content-length bytes");
  } else {
    end = rest.find('\0', scanned_);
    const std::size_t size = (end == std::string_view::npos ? rest.size() : end) - head_size_;
    if (size > limits.maximum_body_length) return too_large("The body is longer than frame.max_body_length");
    scanned_ = rest.size();
    if (end == std::string_view::npos) return {};
  }
  frame.body = rest.substr(head_size_, end - head_size_);
  return {ParseStatus::frame, end + 1, 0, {}};
}

/// Fills command and headers; a sentence if they are not what they should be.
std::string_view FrameParser::split_head(std::string_view head, Version version, Frame& frame) {
  frame.headers.clear();
  frame.unescaped.clear();
  frame.unescaped.reserve(head.size());  // never more than the wire's: views into it stay
  std::size_t end = head.find('\n');
  frame.command = head.substr(0, end);
  if (frame.command.ends_with('\r')) frame.command.remove_suffix(1);
  // They are read before the version is known, and have no escapes in any. (1.2, "Value Encoding")
  const bool opening = frame.command == "CONNECT" || frame.command == "STOMP" || frame.command == "CONNECTED";
  for (;;) {
    const std::size_t begin = end + 1;
    end = head.find('\n', begin);
    const std::string_view line = without_cr(head.substr(begin, end - begin), version);
    if (line.empty()) return {};
    Header header = split_line(line, version);
    for (std::string_view* text : {&header.name, &header.value}) {
      if (!is_text(*text)) return "A header is not UTF-8";
      if (opening || text->find('\\') == std::string_view::npos) continue;
      const std::size_t from = frame.unescaped.size();
      if (!append_unescaped(frame.unescaped, *text, version)) return "A header has an undefined escape sequence";
      *text = std::string_view(frame.unescaped).substr(from);
    }
    if (header.name.empty()) return "A header has no name";
    frame.headers.push_back(header);
  }
}

}  // namespace patchbay::stomp
