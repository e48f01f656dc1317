#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace patchbay::package {

/// A semantic version, https://semver.org 2.0.0: "1.4.0", "2.0.0-rc.1+build.7".
struct Version {
  uint64_t major = 0;
  uint64_t minor = 0;
  uint64_t patch = 0;
  std::string pre_release;  ///< dot-separated, without the '-'; "": a release
  std::string build;        ///< without the '+'; shown, never compared

  /// Nothing when the text isn't a semantic version. [any-thread]
  [[nodiscard]] static std::optional<Version> parse(std::string_view text);

  [[nodiscard]] std::string text() const;

  /// Precedence of the standard: a pre-release is below its release, numbers are below words, build counts for nothing.
  [[nodiscard]] std::weak_ordering operator<=>(const Version& other) const;
  [[nodiscard]] bool operator==(const Version& other) const { return (*this <=> other) == 0; }
};

}  // namespace patchbay::package
