#include "access/compiled_filter.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace patchbay::access {

namespace {

constexpr size_t kWord = sizeof(uint64_t);

/// A word of bytes of which `count` are set from `begin` on.
uint64_t mask_of(size_t begin, size_t count) {
  char bytes[kWord] = {};
  std::memset(bytes + begin, 0xFF, count);
  uint64_t word = 0;
  std::memcpy(&word, bytes, kWord);
  return word;
}

uint64_t padded(std::string_view bytes, size_t begin) {
  char word_bytes[kWord] = {};
  std::copy(bytes.begin(), bytes.end(), word_bytes + begin);
  uint64_t word = 0;
  std::memcpy(&word, word_bytes, kWord);
  return word;
}

}  // namespace

void AskedTopic::look_at_short_name() {
  head_ = padded(name_, 0);
  tail_ = padded(name_, kWord - name_.size());
}

size_t AskedTopic::look_for_level_end(size_t begin) const {
  const void* slash = std::memchr(name_.data() + begin, '/', name_.size() - begin);
  level_begin_ = begin;
  level_end_ = slash == nullptr ? name_.size() : static_cast<size_t>(static_cast<const char*>(slash) - name_.data());
  return level_end_;
}

CompiledFilter::CompiledFilter(std::string topic_filter, bool everything) : text_(std::move(topic_filter)) {
  kind_ = everything ? Kind::everything : kind_of_text();
  if (everything) return;
  const size_t wildcard = text_.find_first_of("+#");
  if (kind_ == Kind::exact) {
    fixed_ = static_cast<uint32_t>(text_.size());
  } else {
    // "a/#" matches "a" as well, so that the slash isn't a part of what every name has.
    fixed_ = static_cast<uint32_t>(text_[wildcard] == '#' && wildcard != 0 ? wildcard - 1 : wildcard);
  }
  look_at(fixed_);
  look_at_end();
}

void CompiledFilter::aim(size_t common) {
  if (kind_ == Kind::everything || common < aimed_at_) return;
  aimed_at_ = static_cast<uint32_t>(common);
  look_at(common);
}

// A name that is not as long as the bytes that are looked at can't match: they are within what is fixed.
void CompiledFilter::look_at(size_t begin) {
  const size_t last = fixed_ < kWord ? 0 : fixed_ - kWord;
  at_ = static_cast<uint32_t>(std::min(begin, last));
  const size_t count = std::min<size_t>(fixed_, kWord);
  front_ = padded(std::string_view(text_).substr(at_, count), 0);
  front_mask_ = mask_of(0, count);
  needed_ = fixed_;
  // A front without a byte begins with a wildcard, about which there is more to say.
  front_seen_ = fixed_ != 0 && fixed_ <= kWord && at_ == 0;
}

void CompiledFilter::look_at_end() {
  const size_t wildcard = text_.find_last_of("+#");
  if (wildcard != std::string::npos && text_[wildcard] == '#') return;
  const size_t same = wildcard == std::string::npos ? text_.size() : text_.size() - wildcard - 1;
  const size_t count = std::min(same, kWord);
  tail_ = padded(std::string_view(text_).substr(text_.size() - count), kWord - count);
  tail_mask_ = mask_of(kWord - count, count);
}

CompiledFilter::Kind CompiledFilter::kind_of_text() const {
  const size_t wildcard = text_.find_first_of("+#");
  if (wildcard == std::string::npos) return Kind::exact;
  if (text_[wildcard] == '#') return text_.size() > 1 ? Kind::tree : Kind::wildcards;
  const size_t next = text_.find_first_of("+#", wildcard + 1);
  if (next == std::string::npos) return Kind::one_level;
  return text_[next] == '#' ? Kind::one_level_tree : Kind::wildcards;
}

bool CompiledFilter::matches_whole(const AskedTopic& topic) const {
  switch (kind_) {
    case Kind::exact:
      return topic.name_ == text_;
    case Kind::tree:
      return tree_matches(topic.name_);
    case Kind::one_level:
      return one_level_matches(topic);
    case Kind::one_level_tree:
      return one_level_tree_matches(topic);
    case Kind::wildcards:
      return wildcards_match(topic.name_);
    case Kind::everything:
      return true;
  }
  return false;
}

// The name is no shorter than what is fixed.
inline bool CompiledFilter::front_matches(std::string_view name) const {
  if (front_seen_) return true;
  // [MQTT-4.7.2-1] A wildcard at the front does not match names that begin with '$'; nor does "/#".
  if (fixed_ == 0) return !name.starts_with('$');
  return std::memcmp(name.data(), text_.data(), fixed_) == 0;
}

bool CompiledFilter::tree_matches(std::string_view name) const {
  return front_matches(name) && (name.size() == fixed_ || name[fixed_] == '/');
}

bool CompiledFilter::one_level_matches(const AskedTopic& topic) const {
  const std::string_view name = topic.name_;
  if (!front_matches(name)) return false;
  const size_t behind = text_.size() - fixed_ - 1;  // bytes
  if (name.size() < fixed_ + behind) return false;
  const size_t level_end = name.size() - behind;
  // Up to a word of it has been looked at.
  if (behind > kWord && std::memcmp(name.data() + level_end, text_.data() + fixed_ + 1, behind) != 0) return false;
  return topic.level_end(fixed_) >= level_end;
}

bool CompiledFilter::one_level_tree_matches(const AskedTopic& topic) const {
  if (!front_matches(topic.name_)) return false;
  const size_t level_end = topic.level_end(fixed_);
  const char* rest = topic.name_.data() + level_end;
  const size_t rest_size = topic.name_.size() - level_end;
  const char* between = text_.data() + fixed_ + 1;
  const size_t between_size = text_.size() - fixed_ - 3;
  if (rest_size < between_size) return false;
  for (size_t at = 0; at < between_size; ++at) {  // mostly few: a call would cost more
    if (rest[at] != between[at]) return false;
  }
  return rest_size == between_size || rest[between_size] == '/';
}

// The filter is valid, so that a wildcard is a whole level and '#' the last one: bytes tell what levels would.
bool CompiledFilter::wildcards_match(std::string_view name) const {
  if (!front_matches(name)) return false;
  const std::string_view filter = text_;
  size_t at = fixed_;
  for (size_t wanted = fixed_; wanted < filter.size(); ++wanted) {
    if (filter[wanted] == '#') return true;
    if (filter[wanted] == '+') {
      at = std::min(name.find('/', at), name.size());
    } else if (at == name.size()) {
      return filter.substr(wanted) == "/#";  // stands for the level before it too
    } else if (name[at++] != filter[wanted]) {
      return false;
    }
  }
  return at == name.size();
}

}  // namespace patchbay::access
