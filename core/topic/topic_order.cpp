#include "topic/topic_order.h"

#include <algorithm>

namespace patchbay::topic {

int compare_topics(std::string_view left, std::string_view right) {
  const size_t common = std::min(left.size(), right.size());
  size_t i = 0;
  while (i < common && left[i] == right[i]) ++i;
  if (i == common) return left.size() < right.size() ? -1 : (left.size() > right.size() ? 1 : 0);
  // No topic contains NUL [MQTT-4.7.3-2], so that 0 is below all other bytes.
  const int left_byte = left[i] == '/' ? 0 : static_cast<unsigned char>(left[i]);
  const int right_byte = right[i] == '/' ? 0 : static_cast<unsigned char>(right[i]);
  return left_byte - right_byte;
}

}  // namespace patchbay::topic
