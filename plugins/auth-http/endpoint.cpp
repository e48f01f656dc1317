#include "endpoint.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "support/http_url.h"

namespace patchbay::auth_http {

namespace {

TextTemplate parsed(const std::string& text, bool authorization) {
  std::string ignored;  // the settings have been checked
  auto out = TextTemplate::parse(text, authorization, ignored);
  return out ? *out : *TextTemplate::parse("", authorization, ignored);
}

std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

/// RFC 9110, 5.5: no control characters but the tab.
bool is_field_value(const std::string& value) {
  return std::none_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7F;
  });
}

}  // namespace

Endpoint::Endpoint(const EndpointSettings& settings, bool authorization,
                   std::shared_ptr<const support::HttpOptions> options)
    : url_(parsed(settings.url, authorization)),
      authorization_(settings.authorization),
      form_(settings.method == "get" ? Form::query : Form::json),
      options_(std::move(options)) {
  bool has_type = false;
  for (const auto& [name, value] : settings.headers) {
    if (lower(name) == "content-type") {
      has_type = true;
      if (form_ == Form::json && value.starts_with("application/x-www-form-urlencoded")) form_ = Form::form;
    }
    headers_.emplace_back(name, parsed(value, authorization));
  }
  if (!has_type && form_ == Form::json)
    headers_.emplace_back("Content-Type", parsed("application/json", authorization));
  for (const auto& [name, value] : settings.body) body_.emplace_back(name, parsed(value, authorization));
}

std::string Endpoint::pairs(const Subject& subject) const {
  std::string out;
  for (const auto& [name, value] : body_) {
    if (!out.empty()) out += '&';
    out += support::url_encoded(name) + "=" + support::url_encoded(value.filled(subject, nullptr));
  }
  return out;
}

/// Nothing where a value, such as a password, is no UTF-8: two of them must not become the same.
std::optional<std::string> Endpoint::json(const Subject& subject) const {
  nlohmann::json out = nlohmann::json::object();
  for (const auto& [name, value] : body_) out[name] = value.filled(subject, nullptr);
  try {
    return out.dump();
  } catch (const nlohmann::json::type_error&) {
    return {};
  }
}

std::optional<support::HttpRequest> Endpoint::request_for(const Subject& subject) const {
  support::HttpRequest out;
  out.options = options_;
  out.url = url_.filled(subject, &support::url_encoded);
  for (const auto& [name, value] : headers_) {
    const std::string text = value.filled(subject, nullptr);
    if (!is_field_value(text)) return {};
    out.headers.push_back(name + ": " + text);
  }
  if (!authorization_.empty()) out.headers.push_back("Authorization: " + authorization_);
  if (form_ == Form::query) {
    out.method = "GET";
    if (!body_.empty()) out.url += (out.url.find('?') == std::string::npos ? '?' : '&') + pairs(subject);
    return out;
  }
  out.method = "POST";
  std::optional<std::string> body = form_ == Form::form ? pairs(subject) : json(subject);
  if (!body) return {};
  out.body = std::move(*body);
  return out;
}

}  // namespace patchbay::auth_http
