#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace patchbay::operations {

/// A regular expression of a ban, compiled once; matching takes time in proportion to the name. [any-thread]
class BanPattern {
 public:
  /// Of an expression that has no problem.
  explicit BanPattern(const std::string& expression);
  ~BanPattern();
  BanPattern(const BanPattern&) = delete;
  BanPattern& operator=(const BanPattern&) = delete;

  /// Why the text is no such expression; nothing when it is one.
  [[nodiscard]] static std::optional<std::string> problem(const std::string& expression);
  /// Whether it is found anywhere in the name; '^' and '$' anchor it.
  [[nodiscard]] bool is_found_in(std::string_view name) const;

 private:
  std::unique_ptr<const re2::RE2> expression_;
};

}  // namespace patchbay::operations
