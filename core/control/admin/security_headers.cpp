#include "admin/security_headers.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace patchbay::admin {

namespace {

struct Header {
  std::string_view name;
  std::string_view value;
};

constexpr Header kHeaders[] = {
    {"X-Content-Type-Options", "nosniff"}, {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cache-Control", "no-store"},         {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
};

constexpr Header kTlsHeader{"Strict-Transport-Security", "max-age=31536000"};

void append(std::string& head, const Header& header) {
  head.append(header.name).append(": ").append(header.value).append("\r\n");
}

bool says(const ApiResponse& response, const Header& header) {
  return std::any_of(response.headers.begin(), response.headers.end(),
                     [&header](const auto& one) { return one.first == header.name; });
}

/// All of them as they are written: nearly every answer leaves them to us.
const std::string& all_headers(bool tls) {
  static const auto kTexts = [] {
    std::array<std::string, 2> texts;
    for (const Header& header : kHeaders) append(texts[0], header);
    texts[1] = texts[0];
    append(texts[1], kTlsHeader);
    return texts;
  }();
  return kTexts[tls ? 1 : 0];
}

}  // namespace

void append_security_headers(std::string& head, const ApiResponse& response, bool tls) {
  if (response.headers.empty()) {
    head.append(all_headers(tls));
    return;
  }
  for (const Header& header : kHeaders) {
    if (!says(response, header)) append(head, header);
  }
  if (tls && !says(response, kTlsHeader)) append(head, kTlsHeader);
}

}  // namespace patchbay::admin
