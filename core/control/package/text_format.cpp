#include "package/text_format.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "package/duration_text.h"
#include "package/pattern.h"
#include "package/version.h"
#include "topic/topic_filter.h"
#include "topic/topic_name.h"

namespace patchbay::package {

namespace {

bool is_letter_or_digit(char byte) {
  return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

bool is_ip(int family, std::string_view text) {
  std::array<uint8_t, 16> address{};
  return inet_pton(family, std::string(text).c_str(), address.data()) == 1;
}

bool is_host_label(std::string_view label) {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(), [](char byte) { return is_letter_or_digit(byte) || byte == '-'; });
}

bool is_hostname(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  for (;;) {
    const size_t dot = text.find('.');
    if (!is_host_label(text.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool is_port(std::string_view text) {
  uint32_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  return error == std::errc() && stop == end && port >= 1 && port <= 65'535;
}

bool is_ipv4(std::string_view text) {
  return is_ip(AF_INET, text);
}

bool is_ipv6(std::string_view text) {
  return is_ip(AF_INET6, text);
}

bool is_host_port(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || !is_port(text.substr(colon + 1))) return false;
  const std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) return is_ipv6(host.substr(1, host.size() - 2));
  return is_hostname(host);
}

bool is_uri(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return false;
  const std::string_view scheme = text.substr(0, colon);
  if (!is_letter_or_digit(scheme[0]) || (scheme[0] >= '0' && scheme[0] <= '9')) return false;
  const bool scheme_ok = std::all_of(scheme.begin(), scheme.end(), [](char byte) {
    return is_letter_or_digit(byte) || byte == '+' || byte == '-' || byte == '.';
  });
  // RFC 3986: no spaces, controls, quotes, angle brackets, backslashes; others come percent-encoded.
  const bool rest_ok = std::all_of(text.begin(), text.end(), [](char byte) {
    return byte > ' ' && byte < 0x7F && std::string_view("\"<>\\^`{|}").find(byte) == std::string_view::npos;
  });
  const std::string_view rest = text.substr(colon + 1);
  return scheme_ok && rest_ok && rest != "//";
}

bool is_email(std::string_view text) {
  const size_t at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at > 64) return false;
  const std::string_view local = text.substr(0, at);
  const bool local_ok = std::all_of(local.begin(), local.end(), [](char byte) {
    return is_letter_or_digit(byte) || std::string_view("!#$%&'*+/=?^_`{|}~.-").find(byte) != std::string_view::npos;
  });
  return local_ok && local.front() != '.' && local.back() != '.' && local.find("..") == std::string_view::npos &&
         is_hostname(text.substr(at + 1));
}

bool is_date_time(std::string_view text) {
  static constexpr std::string_view kForm =
      R"(^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$)";
  return pattern_is_found(kForm, text);
}

bool is_size(std::string_view text) {
  return pattern_is_found("^[0-9]{1,15}(B|KiB|MiB|GiB)?$", text);
}

/// "com.example.auth-http": words of small letters, digits and '-', of which the first begins with a letter.
bool is_plugin_id(std::string_view text) {
  return pattern_is_found("^[a-z][a-z0-9-]*(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$", text);
}

bool is_plugin_reference(std::string_view text) {
  return text.starts_with("role:") ? pattern_is_found("^role:[a-z][a-z0-9_-]*$", text) : is_plugin_id(text);
}

bool is_interface_id(std::string_view text) {
  return pattern_is_found("^[a-z][a-z0-9_-]*(\\.[a-z0-9][a-z0-9_-]*)+/[1-9][0-9]{0,4}$", text);
}

bool is_semantic_version(std::string_view text) {
  return Version::parse(text).has_value();
}

bool is_topic_filter(std::string_view text) {
  return topic::is_valid_filter(text);
}

bool is_topic_name(std::string_view text) {
  return topic::is_valid_topic_name(text);
}

bool is_duration(std::string_view text) {
  return parse_duration_ms(text).has_value();
}

bool is_regex(std::string_view text) {
  return !pattern_problem(text).has_value();
}

struct Format {
  std::string_view name;
  std::string_view example;
  bool (*accepts)(std::string_view);
};

constexpr Format kFormats[] = {
    {"date-time", R"(a time such as "2026-11-26T14:58:03Z")", is_date_time},
    {"duration", R"(a duration such as "250ms", "3s", "5m", "12h" or "7d")", is_duration},
    {"email", R"(an address such as "ops@example.org")", is_email},
    {"host-port", R"(a host and port such as "db.example.org:5432" or "[::1]:5432")", is_host_port},
    {"hostname", R"(a host name such as "db.example.org")", is_hostname},
    {"interface-id", R"(an interface such as "patchbay.publish/1" or "com.example.lookup/2")", is_interface_id},
    {"ipv4", R"(an IPv4 address such as "192.0.2.1")", is_ipv4},
    {"ipv6", R"(an IPv6 address such as "2001:db8::1")", is_ipv6},
    {"plugin-id", R"(an id in reverse domain form such as "com.example.auth-http")", is_plugin_id},
    {"plugin-reference", R"(a plugin's id such as "com.example.auth-http" or a role such as "role:authn")",
     is_plugin_reference},
    {"regex", R"(a regular expression in RE2's syntax)", is_regex},
    {"semantic-version", R"(a semantic version such as "1.4.0" or "2.0.0-rc.1")", is_semantic_version},
    {"size", R"(a size such as "512B", "64KiB" or "1MiB")", is_size},
    {"topic-filter", R"(an MQTT topic filter such as "factory/+/state")", is_topic_filter},
    {"topic-name", R"(an MQTT topic name such as "factory/7/state")", is_topic_name},
    {"uri", R"(a URI such as "https://example.org/path")", is_uri},
};

const Format* find_format(std::string_view name) {
  const auto* const found =
      std::find_if(std::begin(kFormats), std::end(kFormats), [&](const Format& format) { return format.name == name; });
  return found == std::end(kFormats) ? nullptr : found;
}

}  // namespace

std::span<const std::string_view> format_names() {
  static const auto names = [] {
    std::array<std::string_view, std::size(kFormats)> all;
    std::transform(std::begin(kFormats), std::end(kFormats), all.begin(),
                   [](const Format& format) { return format.name; });
    return all;
  }();
  return names;
}

bool is_format(std::string_view name) {
  return find_format(name) != nullptr;
}

std::optional<std::string> format_problem(std::string_view format, std::string_view text) {
  const Format* const found = find_format(format);
  if (found == nullptr || found->accepts(text)) return std::nullopt;
  return std::string(found->example);
}

}  // namespace patchbay::package
