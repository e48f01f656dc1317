#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace patchbay::topic {

/// Walks the levels of a topic name or filter from left to right without allocating. A text always has at least one
/// level, which may be empty: "/a" has two, "" has one. [any-thread]
///
///   for (Levels levels(text); levels.next();) use(levels.level());
class Levels {
 public:
  explicit Levels(std::string_view text) : text_(text) {}

  /// Steps to the next level; false after the last one.
  bool next() {
    if (start_ > text_.size()) return false;
    size_t end = text_.find('/', start_);
    if (end == std::string_view::npos) end = text_.size();
    level_ = text_.substr(start_, end - start_);
    begin_ = start_;
    start_ = end + 1;
    return true;
  }
  [[nodiscard]] std::string_view level() const { return level_; }
  /// Where the current level begins in the text.
  [[nodiscard]] size_t begin() const { return begin_; }
  /// Where the current level ends in the text.
  [[nodiscard]] size_t end() const { return begin_ + level_.size(); }
  /// No level follows the current one.
  [[nodiscard]] bool at_last() const { return start_ > text_.size(); }

 private:
  std::string_view text_;
  std::string_view level_;
  size_t begin_ = 0;
  size_t start_ = 0;
};

/// How many levels `text` has; at least one. [any-thread]
[[nodiscard]] uint32_t count_levels(std::string_view text);

}  // namespace patchbay::topic
