#pragma once

#include <string>
#include <string_view>

namespace patchbay::support {

/// Whether this is an absolute http or https URL with a host, without user information and without white space.
[[nodiscard]] inline bool is_http_url(std::string_view url) {
  const bool known = url.starts_with("http://") || url.starts_with("https://");
  if (!known || url.find_first_of(" \t\r\n\"<>\\") != std::string_view::npos) return false;
  const size_t begin = url.find("//") + 2;
  const std::string_view authority = url.substr(begin, url.find_first_of("/?#", begin) - begin);
  return !authority.empty() && authority.find('@') == std::string_view::npos && authority.front() != ':';
}

/// The host of a URL that is_http_url(), without port; an IPv6 address keeps its brackets.
[[nodiscard]] inline std::string_view host_of_url(std::string_view url) {
  const size_t begin = url.find("//");
  if (begin == std::string_view::npos) return {};
  std::string_view authority = url.substr(begin + 2);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  if (authority.starts_with('[')) return authority.substr(0, authority.find(']') + 1);
  return authority.substr(0, authority.find(':'));
}

/// Scheme, host and port of a URL that is_http_url(), as they are written there.
[[nodiscard]] inline std::string_view origin_of_url(std::string_view url) {
  const size_t begin = url.find("//");
  if (begin == std::string_view::npos) return {};
  return url.substr(0, url.find_first_of("/?#", begin + 2));
}

/// Percent-encodes everything but unreserved characters: RFC 3986, 2.3.
[[nodiscard]] inline std::string url_encoded(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (letter || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 0xF];
    }
  }
  return out;
}

}  // namespace patchbay::support
