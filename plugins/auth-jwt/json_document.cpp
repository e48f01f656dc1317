#include "json_document.h"

#include <nlohmann/json.hpp>
#include <string>

namespace patchbay::auth_jwt {

namespace {

/// Reads without keeping anything: how deep it is, and how many members there are written.
class Survey final : public nlohmann::json_sax<Json> {
 public:
  [[nodiscard]] size_t members() const { return members_; }

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(size_t) override { return ++depth_ <= kMaximumJsonDepth; }
  bool key(string_t&) override {
    ++members_;
    return true;
  }
  bool end_object() override { return leave(); }
  bool start_array(size_t) override { return ++depth_ <= kMaximumJsonDepth; }
  bool end_array() override { return leave(); }
  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

 private:
  bool leave() {
    --depth_;
    return true;
  }
  int depth_ = 0;
  size_t members_ = 0;
};

size_t count_members(const Json& value) {
  size_t count = value.is_object() ? value.size() : 0;
  if (!value.is_structured()) return 0;
  for (const Json& each : value) count += count_members(each);
  return count;
}

}  // namespace

std::optional<Json> parse_object(std::string_view text) {
  Survey survey;
  if (!Json::sax_parse(text.begin(), text.end(), &survey)) return std::nullopt;
  Json parsed = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  // A member that is written twice is kept once.
  if (!parsed.is_object() || count_members(parsed) != survey.members()) return std::nullopt;
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
