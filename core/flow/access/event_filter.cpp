#include "access/event_filter.h"

#include <algorithm>

#include "access/permission_set.h"

namespace patchbay::access {

namespace {

bool lists(const std::vector<std::string>& wanted, std::string_view value) {
  return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

/// Most topics differ from most filters before the first wildcard: what comes then needs no levels.
bool differs_early(std::string_view filter, std::string_view topic) {
  const auto is_wild = [](char c) { return c == '+' || c == '#'; };
  const size_t both = std::min(filter.size(), topic.size());
  for (size_t i = 0; i < both && !is_wild(filter[i]) && !is_wild(topic[i]); ++i) {
    if (filter[i] != topic[i]) return true;
  }
  return false;
}

}  // namespace

bool EventFilter::passes(std::string_view topic, std::string_view listener_id, std::string_view protocol_name) const {
  if (!lists(listener_ids, listener_id) || !lists(protocol_names, protocol_name)) return false;
  // The topic may be a filter that a client asks for: whoever cares for a part of it is asked.
  return topic_filters.empty() ||
         std::any_of(topic_filters.begin(), topic_filters.end(), [topic](const std::string& filter) {
           return !differs_early(filter, topic) && filters_overlap(filter, topic);
         });
}

PreparedFilter::PreparedFilter(EventFilter filter) : filter_(std::move(filter)) {
  for (const std::string& topic_filter : filter_.topic_filters) {
    const size_t literal = std::min(topic_filter.find_first_of("+#"), topic_filter.size());
    const size_t bytes = std::min(literal, kHeadBytes);
    Head head;
    std::memcpy(&head.bytes, topic_filter.data(), bytes);
    for (size_t i = 0; i < bytes; ++i) head.mask |= uint64_t{0xFF} << (8 * i);
    heads_.push_back(head);
  }
  heads_begin_ = heads_.data();
  heads_end_ = heads_begin_ + heads_.size();
}

}  // namespace patchbay::access
