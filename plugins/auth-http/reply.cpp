#include "reply.h"

#include <nlohmann/json.hpp>

#include "acl_rules.h"

namespace patchbay::auth_http {

namespace {

using nlohmann::json;

constexpr size_t kAttributesMax = 100;
constexpr uint64_t kSecondsMax = 253'402'300'799;  // the end of the year 9999

Reply failed(std::string trouble) {
  Reply out;
  out.trouble = std::move(trouble);
  return out;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto digit = [&](size_t at) {
      const char c = at < text.size() ? text[at] : 'x';
      return c >= '0' && c <= '9'   ? c - '0'
             : c >= 'a' && c <= 'f' ? c - 'a' + 10
             : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                    : -1;
    };
    if (text[i] == '%' && digit(i + 1) >= 0 && digit(i + 2) >= 0) {
      out += static_cast<char>(digit(i + 1) * 16 + digit(i + 2));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

/// "result=allow&is_superuser=true" as an object of texts.
json form_of(std::string_view body) {
  json out = json::object();
  while (!body.empty()) {
    const size_t end = body.find('&');
    const std::string_view pair = body.substr(0, end);
    const size_t equal = pair.find('=');
    out[decoded(pair.substr(0, equal))] = equal == std::string_view::npos ? "" : decoded(pair.substr(equal + 1));
    body = end == std::string_view::npos ? std::string_view() : body.substr(end + 1);
  }
  return out;
}

/// true, 1, "true", "1" and their opposites; nothing: something else.
std::optional<bool> flag_of(const json& value) {
  const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  if (text == "true" || text == "1") return true;
  if (text == "false" || text == "0" || text == "null" || text.empty()) return false;
  return {};
}

bool read_attributes(const json& value, Reply& reply) {
  if (!value.is_object() || value.size() > kAttributesMax) return false;
  for (const auto& [name, each] : value.items()) {
    if (name.empty()) return false;
    if (each.is_string()) reply.attributes.emplace_back(name, each.get<std::string>());
    if (each.is_number_integer() || each.is_boolean()) reply.attributes.emplace_back(name, each.dump());
  }
  return true;
}

bool read_expiry(const json& value, Reply& reply) {
  if (!value.is_number_unsigned() || value.get<uint64_t>() > kSecondsMax) return false;
  reply.expires_at_unix_ms = value.get<uint64_t>() * 1'000;
  return true;
}

/// What a log-in may bring along. The name of the member that can't be understood; "": all can.
std::string read_grant(const json& from, Reply& reply) {
  if (from.contains("is_superuser")) {
    const auto flag = flag_of(from["is_superuser"]);
    if (!flag) return "is_superuser";
    reply.is_superuser = *flag;
  }
  const auto present = [&](const char* name) { return from.contains(name) && !from[name].is_null(); };
  if (present("client_attrs") && !read_attributes(from["client_attrs"], reply)) return "client_attrs";
  if (present("expire_at") && !read_expiry(from["expire_at"], reply)) return "expire_at";
  if (!present("acl")) return "";
  auto rules = read_acl(from["acl"]);
  if (!rules) return "acl";
  reply.has_acl = true;
  reply.acl = std::move(*rules);
  return "";
}

Reply read_body(const json& from, bool authorization) {
  Reply out;
  const std::string result = from.contains("result") && from["result"].is_string() ? from["result"] : "";
  if (result == "deny") {
    out.answer = Answer::deny;
  } else if (result == "ignore") {
    out.answer = Answer::ignore;
  } else if (result != "allow") {
    return failed("the reply has no result that is allow, deny or ignore");
  } else {
    const std::string trouble = authorization ? "" : read_grant(from, out);
    if (!trouble.empty()) return failed("the reply's " + trouble + " can't be understood");
    out.answer = Answer::allow;
  }
  return out;
}

}  // namespace

Reply read_reply(const support::HttpResponse& response, bool authorization) {
  if (response.error != support::HttpError::none)
    return failed(std::string(support::http_error_name(response.error)) + ": " + response.error_text);
  if (response.status == 204) {
    Reply out;
    out.answer = Answer::allow;
    return out;
  }
  if (response.status != 200) return failed("status " + std::to_string(response.status));
  if (response.content_type.starts_with("application/x-www-form-urlencoded"))
    return read_body(form_of(response.body), authorization);
  const json body = json::parse(response.body, nullptr, false);
  if (!body.is_object()) return failed("the reply is no JSON object");
  return read_body(body, authorization);
}

}  // namespace patchbay::auth_http
