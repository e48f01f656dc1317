#include "admin/api_response.h"

namespace patchbay::admin {

namespace {

/// What devices and files send us need not be UTF-8; an answer always is.
std::string text_of(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

ApiResponse ApiResponse::json(const Json& value, int status) {
  return {status, "application/json", text_of(value), {}};
}

ApiResponse ApiResponse::text(std::string text, std::string content_type) {
  return {200, std::move(content_type), std::move(text), {}};
}

ApiResponse ApiResponse::no_content() {
  return {204, "", "", {}};
}

ApiResponse ApiResponse::error(int status, std::string_view code, std::string_view message) {
  const OrderedJson body = {{"code", code}, {"message", message}};
  return {status, "application/json", body.dump(-1, ' ', false, OrderedJson::error_handler_t::replace), {}};
}

}  // namespace patchbay::admin
