#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace patchbay::topic {

/// Finds the topics that match a filter in an ordered set without looking at all of them: for a topic that does not
/// match, says which is the next one (by compare_topics) that could. [any-thread]
class FilterScan {
 public:
  enum class Step : uint8_t {
    match,  ///< the topic matches; go on with its successor
    seek,   ///< no topic before target() can match; go on with the first that is not below it
    end,    ///< no later topic can match
  };

  explicit FilterScan(std::string_view filter) : filter_(filter) {}

  [[nodiscard]] Step examine(std::string_view topic);
  /// After examine() returned seek; always above the topic that was examined.
  [[nodiscard]] const std::string& target() const { return target_; }

 private:
  Step seek(std::string_view prefix, std::string_view rest);
  Step seek_past(std::string_view topic, size_t plus_end);

  std::string_view filter_;
  std::string target_;
};

}  // namespace patchbay::topic
