// A frame as it was read: views into the bytes that it was read from.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::stomp {

struct Header {
  std::string_view name;
  std::string_view value;
};

struct Frame {
  std::string_view command;
  std::vector<Header> headers;
  std::string_view body;
  std::string unescaped;  ///< what headers with escape sequences mean; their views point here

  /// The first header of this name: it is the one that counts. (1.2, "Repeated Header Entries")
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const {
    for (const Header& header : headers) {
      if (header.name == name) return header.value;
    }
    return std::nullopt;
  }
  /// The same; empty where there is none.
  [[nodiscard]] std::string_view value(std::string_view name) const { return find(name).value_or(std::string_view()); }
};

}  // namespace patchbay::stomp
