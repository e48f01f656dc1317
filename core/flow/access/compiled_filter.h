#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace patchbay::access {

/// A topic name that many filters are compared with: its first and last bytes in registers, looked up once. Views the
/// name. [any-thread]
class AskedTopic {
 public:
  explicit AskedTopic(std::string_view name);

 private:
  friend class CompiledFilter;
  std::string_view name_;
  uint64_t head_ = 0;  // up to eight bytes of each end; what is missing is 0, which no topic holds
  uint64_t tail_ = 0;
};

/// A valid topic filter, made ready for being compared with names: a set holds many of which nearly all are about other
/// topics, so that eight bytes, chosen where neighbours differ, decide about most. Constant once aimed. [any-thread]
class CompiledFilter {
 public:
  /// `everything`: every name, also those that begin with '$'.
  explicit CompiledFilter(std::string topic_filter, bool everything = false);

  /// Says where another filter of the same set begins to differ: `common` bytes are the same in both. The greatest
  /// counts.
  void aim(size_t common);
  [[nodiscard]] const std::string& text() const { return text_; }

  /// As topic::matches(): whether the name matches by the standard's words.
  [[nodiscard]] bool matches(const AskedTopic& topic) const {
    if (topic.name_.size() < needed_) return false;
    const uint64_t front = at_ == 0 ? topic.head_ : word_at(topic.name_.data() + at_);
    if (((front ^ front_) & front_mask_) != 0 || ((topic.tail_ ^ tail_) & tail_mask_) != 0) return false;
    return matches_whole(topic.name_);
  }

 private:
  enum class Kind : uint8_t {
    exact,
    tree,       // ends in '#', its only wildcard
    one_level,  // one '+', and nothing else
    wildcards,
    everything,
  };

  friend class AskedTopic;
  [[nodiscard]] static uint64_t word_at(const char* bytes) {
    uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    return word;
  }
  [[nodiscard]] bool matches_whole(std::string_view name) const;
  [[nodiscard]] Kind kind_of_text() const;
  [[nodiscard]] bool front_matches(std::string_view name) const;
  [[nodiscard]] bool one_level_matches(std::string_view name) const;
  [[nodiscard]] bool rest_matches(std::string_view name) const;
  void look_at(size_t begin);
  void look_at_end();

  uint64_t front_ = 0;  // eight bytes of the filter from at_ on, of which front_mask_ counts
  uint64_t front_mask_ = 0;
  uint64_t tail_ = 0;  // the last bytes of every name that matches, as far as they are the same
  uint64_t tail_mask_ = 0;
  uint32_t at_ = 0;
  uint32_t needed_ = 0;  // a name must be as long for the bytes to be there
  uint32_t fixed_ = 0;   // so many bytes are the same in the filter and in every name that matches
  uint32_t aimed_at_ = 0;
  Kind kind_ = Kind::exact;
  std::string text_;
};

}  // namespace patchbay::access
