#include "session/topic_alias_map.h"

namespace patchbay::session {

void InboundTopicAliases::set(uint16_t alias, std::string_view topic) {
  if (topics_.size() < alias) topics_.resize(alias);
  topics_[alias - 1] = topic;
}

std::optional<std::string_view> InboundTopicAliases::find(uint16_t alias) const {
  if (alias == 0 || alias > topics_.size() || topics_[alias - 1].empty()) return std::nullopt;
  return topics_[alias - 1];
}

OutboundTopicAliases::Use OutboundTopicAliases::use(std::string_view topic) {
  const auto known = aliases_.find(topic);
  if (known != aliases_.end()) return {known->second, true};
  if (aliases_.size() >= maximum_) return {};  // [MQTT-3.1.2-26] never an alias above the client's maximum
  const auto alias = static_cast<uint16_t>(aliases_.size() + 1);
  aliases_.emplace(topic, alias);
  return {alias, false};
}

void OutboundTopicAliases::take_back(std::string_view topic) {
  const auto last = aliases_.find(topic);
  if (last != aliases_.end()) aliases_.erase(last);
}

}  // namespace patchbay::session
