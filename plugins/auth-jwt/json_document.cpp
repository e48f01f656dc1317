#include "json_document.h"

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

namespace patchbay::auth_jwt {

namespace {

/// Watches the parser: refuses what is too deep or has a member twice.
class Watch {
 public:
  bool operator()(int depth, Json::parse_event_t event, Json& parsed) {
    if (depth > kMaximumJsonDepth) refused_ = true;
    if (event == Json::parse_event_t::object_start) {
      names_.emplace_back();
    } else if (event == Json::parse_event_t::object_end) {
      if (!names_.empty()) names_.pop_back();
    } else if (event == Json::parse_event_t::key && !refused_) {
      refused_ = !names_.back().insert(parsed.get_ref<const std::string&>()).second;
    }
    return !refused_;  // what is refused is not kept: the parser goes on without building anything
  }
  [[nodiscard]] bool refused() const { return refused_; }

 private:
  std::vector<std::set<std::string>> names_;
  bool refused_ = false;
};

}  // namespace

std::optional<Json> parse_object(std::string_view text) {
  Watch watch;
  const auto callback = [&watch](int depth, Json::parse_event_t event, Json& parsed) {
    return watch(depth, event, parsed);
  };
  Json parsed = Json::parse(text.begin(), text.end(), callback, /*allow_exceptions=*/false);
  if (watch.refused() || !parsed.is_object()) return std::nullopt;
  return parsed;
}

const Json* member(const Json& object, std::string_view name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

std::optional<std::string_view> text_member(const Json& object, std::string_view name) {
  const Json* found = member(object, name);
  if (found == nullptr || !found->is_string()) return std::nullopt;
  return std::string_view(found->get_ref<const std::string&>());
}

}  // namespace patchbay::auth_jwt
