#include "header_text.h"

namespace patchbay::stomp {

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
  for (const char c : text) {
    if (c == '\\') {
      out.append("\\\\");
    } else if (c == '\n') {
      out.append("\\n");
    } else if (c == ':') {
      out.append("\\c");
    } else if (c == '\r' && version == Version::v1_2) {
      out.append("\\r");
    } else {
      out += c;
    }
  }
  return true;
}

}  // namespace patchbay::stomp
