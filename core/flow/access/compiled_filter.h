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
  explicit AskedTopic(std::string_view name) : name_(name) {
    if (name.size() < sizeof head_) {
      look_at_short_name();
      return;
    }
    std::memcpy(&head_, name.data(), sizeof head_);
    std::memcpy(&tail_, name.data() + name.size() - sizeof tail_, sizeof tail_);
  }

  /// Eight bytes from `at` on; of a name that ends before them 0, or what it has from 0 on.
  [[nodiscard]] uint64_t front(size_t at) const {
    if (at == 0) return head_;
    uint64_t word = 0;
    if (name_.size() >= at + sizeof word) std::memcpy(&word, name_.data() + at, sizeof word);
    return word;
  }
  [[nodiscard]] uint64_t tail() const { return tail_; }

 private:
  friend class CompiledFilter;
  /// Where the level that begins at `begin` ends. Filters of one set mostly ask the same.
  [[nodiscard]] size_t level_end(size_t begin) const {
    return begin == level_begin_ ? level_end_ : look_for_level_end(begin);
  }
  [[nodiscard]] size_t look_for_level_end(size_t begin) const;
  void look_at_short_name();

  std::string_view name_;
  uint64_t head_ = 0;  // up to eight bytes of each end; what is missing is 0, which no topic holds
  uint64_t tail_ = 0;
  mutable size_t level_begin_ = std::string_view::npos;
  mutable size_t level_end_ = 0;
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
  /// The bytes that decide about most names, for whoever looks at many filters at once.
  struct Look {
    uint64_t front = 0;
    uint64_t front_mask = 0;  // 0: any front will do
    uint64_t tail = 0;
    uint64_t tail_mask = 0;
    uint32_t front_at = 0;  // where in the name the front is
  };
  [[nodiscard]] Look look() const { return {front_, front_mask_, tail_, tail_mask_, at_}; }
  /// Looks no further in than `at`, so that a whole set looks at one place.
  void look_no_further(size_t at) {
    if (front_mask_ != 0 && at_ > at) look_at(at);
  }

  /// As topic::matches(): whether the name matches by the standard's words.
  [[nodiscard]] bool matches(const AskedTopic& topic) const {
    if (topic.name_.size() < needed_) return false;
    const uint64_t front = at_ == 0 ? topic.head_ : word_at(topic.name_.data() + at_);
    if (((front ^ front_) & front_mask_) != 0 || ((topic.tail_ ^ tail_) & tail_mask_) != 0) return false;
    return matches_whole(topic);
  }
  /// The same where what look() tells has been found to fit.
  [[nodiscard]] bool matches_looked_at(const AskedTopic& topic) const {
    return topic.name_.size() >= needed_ && matches_whole(topic);
  }

 private:
  enum class Kind : uint8_t {
    exact,
    tree,            // ends in '#', its only wildcard
    one_level,       // one '+', and nothing else
    one_level_tree,  // one '+', and '#' at the end
    wildcards,
    everything,
  };

  friend class AskedTopic;
  [[nodiscard]] static uint64_t word_at(const char* bytes) {
    uint64_t word = 0;
    std::memcpy(&word, bytes, sizeof word);
    return word;
  }
  [[nodiscard]] bool matches_whole(const AskedTopic& topic) const;
  [[nodiscard]] Kind kind_of_text() const;
  [[nodiscard]] bool front_matches(std::string_view name) const;
  // Apart, so that each of them has only its own registers to save.
  [[nodiscard, gnu::noinline]] bool tree_matches(std::string_view name) const;
  [[nodiscard, gnu::noinline]] bool one_level_matches(const AskedTopic& topic) const;
  [[nodiscard, gnu::noinline]] bool one_level_tree_matches(const AskedTopic& topic) const;
  [[nodiscard, gnu::noinline]] bool wildcards_match(std::string_view name) const;
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
  bool front_seen_ = false;  // the eight bytes are all that is fixed
  Kind kind_ = Kind::exact;
  std::string text_;
};

}  // namespace patchbay::access
