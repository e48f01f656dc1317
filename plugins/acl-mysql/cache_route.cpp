#include "cache_route.h"

#include <patchbay/json.hpp>

namespace patchbay::acl_mysql {

namespace {

bool read_member(const std::string& name, const json::value& value, CacheCleaning& into, std::string& reason) {
  std::string* field = name == "clientid" ? &into.client_id : name == "username" ? &into.username : nullptr;
  const auto* given = value.as<std::string>();
  if (field != nullptr && given != nullptr && !given->empty()) {
    *field = *given;
    return true;
  }
  reason = field == nullptr ? "unknown member " + name : name + " is no text, or empty";
  return false;
}

}  // namespace

std::optional<CacheCleaning> read_cleaning(std::string_view body, std::string& reason) {
  CacheCleaning cleaning;
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) return cleaning;
  try {
    const json::value root = json::reader(body).read();
    const auto* members = root.as<json::object>();
    if (members == nullptr) {
      reason = "the body is no object";
      return std::nullopt;
    }
    for (const auto& [name, value] : *members) {
      if (!read_member(name, value, cleaning, reason)) return std::nullopt;
    }
    return cleaning;
  } catch (const error& e) {
    reason = e.what();
    return std::nullopt;
  }
}

}  // namespace patchbay::acl_mysql
