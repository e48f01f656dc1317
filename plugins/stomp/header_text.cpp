#include "header_text.h"

#include <array>

namespace patchbay::stomp {

namespace {

/// Which bytes must be escaped: 1.2 has one more.
constexpr std::array<bool, 256> marks_of(std::string_view special) {
  std::array<bool, 256> marks{};
  for (const char each : special) marks[static_cast<unsigned char>(each)] = true;
  return marks;
}
constexpr std::array<bool, 256> kEscapedIn11 = marks_of("\\\n:");
constexpr std::array<bool, 256> kEscapedIn12 = marks_of("\\\n:\r");

}  // namespace

bool append_unescaped(std::string& out, std::string_view wire, Version version) {
  if (version == Version::v1_0) {
    out.append(wire);
    return true;
  }
  for (;;) {
    const std::size_t mark = wire.find('\\');
    out.append(wire.substr(0, mark));
    if (mark == std::string_view::npos) return true;
    const char kind = mark + 1 < wire.size() ? wire[mark + 1] : '\0';
    if (kind == '\\') {
      out += '\\';
    } else if (kind == 'n') {
      out += '\n';
    } else if (kind == 'c') {
      out += ':';
    } else if (kind == 'r' && version == Version::v1_2) {
      out += '\r';
    } else {
      return false;
    }
    wire.remove_prefix(mark + 2);
  }
}

bool append_escaped(std::string& out, std::string_view text, Version version) {
  if (version == Version::v1_0) {
    // Without escapes a line end would begin another header: nobody may write those in a publisher's name.
    if (text.find_first_of("\r\n") != std::string_view::npos) return false;
    out.append(text);
    return true;
  }
  const std::array<bool, 256>& special = version == Version::v1_2 ? kEscapedIn12 : kEscapedIn11;
  for (;;) {
    std::size_t plain = 0;
    while (plain < text.size() && !special[static_cast<unsigned char>(text[plain])]) ++plain;
    out.append(text.substr(0, plain));
    if (plain == text.size()) return true;
    out += '\\';
    out += text[plain] == '\n' ? 'n' : text[plain] == ':' ? 'c' : text[plain] == '\r' ? 'r' : '\\';
    text.remove_prefix(plain + 1);
  }
}

}  // namespace patchbay::stomp
