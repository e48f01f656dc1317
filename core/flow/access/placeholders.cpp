#include "access/placeholders.h"

namespace patchbay::access {

namespace {

constexpr std::string_view kOpen = "${";
constexpr std::string_view kAttribute = "attr.";
constexpr std::string_view kForbidden{"+#/\0", 4};

std::optional<std::string_view> value_of(std::string_view name, const PlaceholderValues& values, bool at_front) {
  std::optional<std::string_view> value;
  if (name == "clientid") {
    value = values.client_id;
  } else if (name == "username") {
    value = values.username;
  } else if (name.starts_with(kAttribute) && values.attributes != nullptr) {
    value = find_attribute(*values.attributes, name.substr(kAttribute.size()));
  }
  if (!value.has_value() || value->empty() || value->find_first_of(kForbidden) != std::string_view::npos) {
    return std::nullopt;
  }
  if (at_front && value->front() == '$') return std::nullopt;  // a client named "$SYS" gets no part of $SYS
  return value;
}

}  // namespace

Substituted substitute(std::string_view topic_filter, const PlaceholderValues& values) {
  Substituted result;
  size_t from = 0;
  for (;;) {
    const size_t open = topic_filter.find(kOpen, from);
    result.topic_filter.append(topic_filter.substr(from, open - from));
    if (open == std::string_view::npos) return result;
    const size_t name_begin = open + kOpen.size();
    const size_t close = topic_filter.find('}', name_begin);
    const auto value = close == std::string_view::npos ? std::nullopt
                                                       : value_of(topic_filter.substr(name_begin, close - name_begin),
                                                                  values, result.topic_filter.empty());
    if (!value.has_value()) {
      // A value can't hold '/', so the levels written so far are those of the filter.
      result.topic_filter.resize(result.topic_filter.rfind('/') + 1);  // npos + 1 is 0: the first level
      result.topic_filter += '#';
      result.safe = false;
      return result;
    }
    result.topic_filter.append(*value);
    from = close + 1;
  }
}

}  // namespace patchbay::access
