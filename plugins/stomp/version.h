// The versions of STOMP, and which one two sides speak.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace patchbay::stomp {

/// The number is what the broker shows as the client's protocol version.
enum class Version : std::uint8_t { v1_0 = 10, v1_1 = 11, v1_2 = 12 };

inline constexpr std::string_view kVersionList = "1.0,1.1,1.2";

inline std::string_view version_text(Version version) {
  return version == Version::v1_0 ? "1.0" : version == Version::v1_1 ? "1.1" : "1.2";
}

/// The highest version of an accept-version header that is spoken here; nothing: none of them. (1.2, "Protocol
/// Negotiation")
inline std::optional<Version> highest_version(std::string_view accept_version) {
  std::optional<Version> best;
  while (!accept_version.empty()) {
    const std::size_t end = accept_version.find(',');
    std::string_view one = accept_version.substr(0, end);
    accept_version = end == std::string_view::npos ? std::string_view() : accept_version.substr(end + 1);
    while (one.starts_with(' ')) one.remove_prefix(1);
    while (one.ends_with(' ')) one.remove_suffix(1);
    for (const Version known : {Version::v1_0, Version::v1_1, Version::v1_2}) {
      if (one == version_text(known) && (!best || known > *best)) best = known;
    }
  }
  return best;
}

}  // namespace patchbay::stomp
