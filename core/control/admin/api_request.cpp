#include "admin/api_request.h"

#include <charconv>

namespace patchbay::admin {

std::optional<std::string> ApiRequest::query_value(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::vector<std::string> ApiRequest::query_values(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [key, value] : query) {
    if (key == name) values.push_back(value);
  }
  return values;
}

std::optional<uint64_t> ApiRequest::query_number(std::string_view name) const {
  const auto text = query_value(name);
  if (!text) return std::nullopt;
  uint64_t number = 0;
  const char* const end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

bool ApiRequest::query_flag(std::string_view name, bool otherwise) const {
  const auto text = query_value(name);
  return text ? *text == "true" : otherwise;
}

}  // namespace patchbay::admin
