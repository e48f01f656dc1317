#include "topic/levels.h"

#include <algorithm>

namespace patchbay::topic {

uint32_t count_levels(std::string_view text) {
  return static_cast<uint32_t>(std::count(text.begin(), text.end(), '/')) + 1;
}

}  // namespace patchbay::topic
