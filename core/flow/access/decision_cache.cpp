#include "access/decision_cache.h"

#include <algorithm>

namespace patchbay::access {

namespace {

uint8_t kind_of(const AuthorizeEvent& question) {
  return static_cast<uint8_t>(static_cast<uint8_t>(question.action) | static_cast<uint8_t>(question.qos) << 2 |
                              (question.retain ? 0x10 : 0));
}

}  // namespace

bool DecisionCache::is_for(const Entry& entry, const AuthorizeEvent& question) {
  const std::string_view text = entry.topic;
  return entry.kind == kind_of(question) && entry.topic_size == question.topic.size() &&
         text.substr(0, entry.topic_size) == question.topic && text.substr(entry.topic_size) == question.share_name;
}

std::optional<AuthorizeResult> DecisionCache::find(const AuthorizeEvent& question, uint64_t now_ms) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&question](const Entry& entry) { return is_for(entry, question); });
  if (found == entries_.end() || now_ms >= found->expires_at_ms) return std::nullopt;
  return found->result;
}

void DecisionCache::store(const AuthorizeEvent& question, uint64_t now_ms, uint64_t ttl_ms, size_t maximum_entries) {
  if (ttl_ms == 0 || maximum_entries == 0) return;
  auto place = std::find_if(entries_.begin(), entries_.end(), [&question, now_ms](const Entry& entry) {
    return is_for(entry, question) || now_ms >= entry.expires_at_ms;
  });
  if (place == entries_.end()) {
    if (entries_.size() < maximum_entries) {
      place = entries_.emplace(entries_.end());
    } else {
      next_ %= entries_.size();
      place = entries_.begin() + static_cast<std::ptrdiff_t>(next_++);
    }
  }
  place->topic.assign(question.topic).append(question.share_name);
  place->topic_size = static_cast<uint32_t>(question.topic.size());
  place->kind = kind_of(question);
  place->expires_at_ms = now_ms + ttl_ms;
  place->result = question.result;
}

}  // namespace patchbay::access
