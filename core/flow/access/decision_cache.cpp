#include "access/decision_cache.h"

#include <algorithm>
#include <cstring>

namespace patchbay::access {

namespace {

uint8_t kind_of(const AuthorizeEvent& question) {
  return static_cast<uint8_t>(static_cast<uint8_t>(question.action) | static_cast<uint8_t>(question.qos) << 2 |
                              (question.retain ? 0x10 : 0));
}

/// Mixes a text in, eight bytes at a time. Not proof against who looks for collisions, nor need it be: they cost what a
/// search through all entries costs, and a client has only its own.
uint64_t mixed(uint64_t key, std::string_view text) {
  constexpr uint64_t kOdd = 0x9E3779B97F4A7C15;
  key = (key ^ text.size()) * kOdd;
  while (!text.empty()) {
    uint64_t word = 0;
    const size_t size = std::min(text.size(), sizeof word);
    if (size == sizeof word) {
      std::memcpy(&word, text.data(), sizeof word);
    } else {
      for (size_t at = 0; at < size; ++at) word = word << 8 | static_cast<uint8_t>(text[at]);
    }
    key = (key ^ word) * kOdd;
    key ^= key >> 32;
    text.remove_prefix(size);
  }
  return key;
}

}  // namespace

uint64_t DecisionCache::key_of(const AuthorizeEvent& question) {
  return mixed(mixed(kind_of(question), question.topic), question.share_name);
}

bool DecisionCache::is_for(const Entry& entry, const AuthorizeEvent& question) {
  const std::string_view text = entry.topic;
  return entry.kind == kind_of(question) && entry.topic_size == question.topic.size() &&
         text.substr(0, entry.topic_size) == question.topic && text.substr(entry.topic_size) == question.share_name;
}

std::optional<AuthorizeResult> DecisionCache::find(const AuthorizeEvent& question, uint64_t now_ms) const {
  const uint64_t key = key_of(question);
  for (auto at = std::find(keys_.begin(), keys_.end(), key); at != keys_.end();
       at = std::find(at + 1, keys_.end(), key)) {
    const Entry& entry = entries_[static_cast<size_t>(at - keys_.begin())];
    if (!is_for(entry, question)) continue;
    if (now_ms >= entry.expires_at_ms) return std::nullopt;
    return entry.result;
  }
  return std::nullopt;
}

void DecisionCache::store(const AuthorizeEvent& question, uint64_t now_ms, uint64_t ttl_ms, size_t maximum_entries) {
  if (ttl_ms == 0 || maximum_entries == 0) return;
  auto place = std::find_if(entries_.begin(), entries_.end(), [&question, now_ms](const Entry& entry) {
    return is_for(entry, question) || now_ms >= entry.expires_at_ms;
  });
  if (place == entries_.end()) {
    if (entries_.size() < maximum_entries) {
      place = entries_.emplace(entries_.end());
      keys_.push_back(0);
    } else {
      next_ %= entries_.size();
      place = entries_.begin() + static_cast<std::ptrdiff_t>(next_++);
    }
  }
  keys_[static_cast<size_t>(place - entries_.begin())] = key_of(question);
  place->topic.assign(question.topic).append(question.share_name);
  place->topic_size = static_cast<uint32_t>(question.topic.size());
  place->kind = kind_of(question);
  place->expires_at_ms = now_ms + ttl_ms;
  place->result = question.result;
}

}  // namespace patchbay::access
