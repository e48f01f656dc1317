#include "mqtt/packets/subscription_list.h"

#include "base/assert.h"
#include "base/byte_reader.h"

namespace patchbay::mqtt {
namespace {

std::string_view take_prefixed(std::span<const uint8_t>& rest) {
  base::ByteReader reader(rest);
  std::string_view text;
  const bool is_whole = reader.read_prefixed(text);
  PATCHBAY_ASSERT(is_whole);
  rest = reader.rest();
  return text;
}

void append_prefixed(std::vector<uint8_t>& bytes, std::string_view text) {
  PATCHBAY_ASSERT(text.size() <= 0xFFFF);
  bytes.push_back(static_cast<uint8_t>(text.size() >> 8));
  bytes.push_back(static_cast<uint8_t>(text.size()));
  bytes.insert(bytes.end(), text.begin(), text.end());
}

}  // namespace

SubscriptionOptions SubscriptionOptions::from_byte(uint8_t byte) {
  SubscriptionOptions options;
  options.maximum_qos = static_cast<Qos>(byte & 0x03);
  options.no_local = (byte & 0x04) != 0;
  options.retain_as_published = (byte & 0x08) != 0;
  options.retain_handling = static_cast<RetainHandling>(byte >> 4 & 0x03);
  return options;
}

uint8_t SubscriptionOptions::to_byte() const {
  return static_cast<uint8_t>(static_cast<uint8_t>(maximum_qos) | (no_local ? 0x04 : 0) |
                              (retain_as_published ? 0x08 : 0) | static_cast<uint8_t>(retain_handling) << 4);
}

bool is_shared_filter(std::string_view topic_filter) {
  return topic_filter.starts_with("$share/");
}

bool SubscriptionReader::next(SubscriptionRequest& request) {
  if (rest_.empty()) return false;
  request.topic_filter = take_prefixed(rest_);
  PATCHBAY_ASSERT(!rest_.empty());
  request.options = SubscriptionOptions::from_byte(rest_.front());
  rest_ = rest_.subspan(1);
  return true;
}

bool TopicFilterReader::next(std::string_view& topic_filter) {
  if (rest_.empty()) return false;
  topic_filter = take_prefixed(rest_);
  return true;
}

void append_subscription(std::vector<uint8_t>& bytes, const SubscriptionRequest& request) {
  append_prefixed(bytes, request.topic_filter);
  bytes.push_back(request.options.to_byte());
}

void append_topic_filter(std::vector<uint8_t>& bytes, std::string_view topic_filter) {
  append_prefixed(bytes, topic_filter);
}

}  // namespace patchbay::mqtt
