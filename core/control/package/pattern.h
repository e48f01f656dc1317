#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace patchbay::package {

/// Why the text is not a regular expression that `pattern` of a schema may hold; nothing when it is one. Matching takes
/// time in proportion to the text, whatever the expression, so a schema cannot hang the broker; what would make that
/// impossible (look-around, references to groups) is not part of the syntax. [any-thread]
[[nodiscard]] std::optional<std::string> pattern_problem(std::string_view pattern);

/// Whether the pattern is found anywhere in the text, as JSON Schema has it; '^' and '$' anchor it. [any-thread]
[[nodiscard]] bool pattern_is_found(std::string_view pattern, std::string_view text);

/// A pattern that many texts are held against: compiled once, when the first text comes. [any-thread]
class Pattern {
 public:
  /// `text` must outlive this, and is one that pattern_problem() has nothing against.
  explicit Pattern(const std::string& text);
  ~Pattern();
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;

  /// As pattern_is_found().
  [[nodiscard]] bool is_found_in(std::string_view text) const;
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  const std::string& text_;
  mutable std::once_flag compiled_once_;
  mutable std::unique_ptr<const re2::RE2> compiled_;  // written once, by whoever is first
};

}  // namespace patchbay::package
