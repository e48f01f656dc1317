// Frames to bytes.
#pragma once

#include <charconv>
#include <string>
#include <string_view>

#include "header_text.h"
#include "version.h"

namespace patchbay::stomp {

/// Appends one frame to a text: command, headers, then the body and NUL by end(), or parts of them by end_head().
class FrameWriter {
 public:
  FrameWriter(std::string& out, Version version, std::string_view command) : out_(out), version_(version) {
    out_.append(command).append("\n");
  }
  /// Goes on with a frame that has been begun.
  FrameWriter(std::string& out, Version version) : out_(out), version_(version) {}

  /// False, and nothing is written: the version has no form for it.
  bool header(std::string_view name, std::string_view value) {
    const std::size_t before = out_.size();
    // A colon in a name cannot be told from the one behind it where there are no escapes.
    const bool fits = !name.empty() && (version_ != Version::v1_0 || name.find(':') == std::string_view::npos);
    if (fits && append_escaped(out_, name, version_)) {
      out_ += ':';
      if (append_escaped(out_, value, version_)) {
        out_ += '\n';
        return true;
      }
    }
    out_.resize(before);
    return false;
  }
  void number(std::string_view name, std::uint64_t value) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    out_.append(name).append(":").append(digits, static_cast<std::size_t>(end - digits)).append("\n");
  }
  void end_head() { out_ += '\n'; }
  void end(std::string_view body = {}) {
    end_head();
    out_.append(body);
    out_ += '\0';
  }

 private:
  std::string& out_;
  const Version version_;
};

}  // namespace patchbay::stomp
