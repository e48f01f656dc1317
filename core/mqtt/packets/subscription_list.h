#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "mqtt/qos.h"

namespace patchbay::mqtt {

enum class RetainHandling : uint8_t { send = 0, send_if_new = 1, do_not_send = 2 };

/// The options byte of one subscription, section 3.8.3.1. Before 5.0 only the QoS exists.
struct SubscriptionOptions {
  Qos maximum_qos = Qos::at_most_once;
  bool no_local = false;
  bool retain_as_published = false;
  RetainHandling retain_handling = RetainHandling::send;

  static SubscriptionOptions from_byte(uint8_t byte);
  uint8_t to_byte() const;
  bool operator==(const SubscriptionOptions&) const = default;
};

struct SubscriptionRequest {
  std::string_view topic_filter;
  SubscriptionOptions options;
};

/// True for "$share/{name}/{filter}". Such a filter with no_local is a protocol error [MQTT-3.8.3-4].
bool is_shared_filter(std::string_view topic_filter);

/// The payload of SUBSCRIBE as it stands in the packet, read lazily, so that decoding allocates nothing:
///   for (SubscriptionReader reader = list.read(); reader.next(request);) ...
class SubscriptionReader {
 public:
  explicit SubscriptionReader(std::span<const uint8_t> bytes) : rest_(bytes) {}
  bool next(SubscriptionRequest& request);

 private:
  std::span<const uint8_t> rest_;
};

struct SubscriptionList {
  std::span<const uint8_t> bytes;  // Checked by the decoder or made by append_subscription.
  uint32_t count = 0;

  SubscriptionReader read() const { return SubscriptionReader(bytes); }
};

/// The payload of UNSUBSCRIBE, in the same manner.
class TopicFilterReader {
 public:
  explicit TopicFilterReader(std::span<const uint8_t> bytes) : rest_(bytes) {}
  bool next(std::string_view& topic_filter);

 private:
  std::span<const uint8_t> rest_;
};

struct TopicFilterList {
  std::span<const uint8_t> bytes;
  uint32_t count = 0;

  TopicFilterReader read() const { return TopicFilterReader(bytes); }
};

/// For clients, tools and tests: append one entry to a payload under construction.
void append_subscription(std::vector<uint8_t>& bytes, const SubscriptionRequest& request);
void append_topic_filter(std::vector<uint8_t>& bytes, std::string_view topic_filter);

}  // namespace patchbay::mqtt
