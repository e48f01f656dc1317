#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <map>
#include <string>

#include "key_source.h"

namespace patchbay::auth_jwt {

/// Where a key set lies, and how it is asked for.
struct JwksLocation {
  std::string url;      ///< https only
  std::string ca_file;  ///< PEM; empty: the system's authorities
  std::map<std::string, std::string> headers;
  std::chrono::milliseconds timeout{5'000};  ///< for everything, name look-up to last byte
  size_t max_bytes = 262'144;

  bool operator==(const JwksLocation&) const = default;
};

/// One GET. The server's certificate and name are verified, redirects are not followed, a body that is longer than
/// max_bytes or a status other than 200 is a failure. Blocks up to `timeout`; less when `stop` becomes true. [worker]
[[nodiscard]] KeySource::Fetched download_jwks(const JwksLocation& from, const std::atomic<bool>& stop);

/// Whether libcurl takes it for an https URL with a host and without a user in it; else `problem`. [any-thread]
[[nodiscard]] bool is_https_url(const std::string& url, std::string& problem);

}  // namespace patchbay::auth_jwt
