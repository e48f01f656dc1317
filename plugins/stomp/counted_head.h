// How MESSAGE frames begin whose messages nobody acknowledges.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace patchbay::stomp {

/// A text with a number at its end, and a line end behind that. The number is counted up in the text itself: a decimal
/// digit changes, where the whole number would be written anew for each frame.
class CountedHead {
 public:
  void begin(std::string_view text, std::uint64_t last) {
    text_ = text;
    first_digit_ = text_.size();
    text_.append(std::to_string(last)).append("\n");
  }
  /// With the next number. Good until the next call.
  [[nodiscard]] std::string_view next() {
    std::size_t at = text_.size() - 2;
    while (text_[at] == '9') {
      text_[at] = '0';
      if (at == first_digit_) return text_.insert(at, 1, '1');
      --at;
    }
    ++text_[at];
    return text_;
  }

 private:
  std::string text_;
  std::size_t first_digit_ = 0;
};

}  // namespace patchbay::stomp
