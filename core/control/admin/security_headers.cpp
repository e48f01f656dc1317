#include "admin/security_headers.h"

#include <algorithm>

namespace patchbay::admin {

namespace {

struct Header {
  const char* name;
  const char* value;
};

constexpr Header kHeaders[] = {
    {"X-Content-Type-Options", "nosniff"}, {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Cache-Control", "no-store"},         {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
};

void add_missing(ApiResponse& response, const Header& header) {
  const bool there = std::any_of(response.headers.begin(), response.headers.end(),
                                 [&header](const auto& one) { return one.first == header.name; });
  if (!there) response.headers.emplace_back(header.name, header.value);
}

}  // namespace

void add_security_headers(ApiResponse& response, bool tls) {
  for (const Header& header : kHeaders) add_missing(response, header);
  if (tls) add_missing(response, {"Strict-Transport-Security", "max-age=31536000"});
}

}  // namespace patchbay::admin
