#include "claims.h"

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

namespace patchbay::auth_jwt {

namespace {

constexpr double kLatestMs = 253'402'300'799'000.0;  // the end of the year 9999

std::optional<int64_t> as_ms(double seconds) {
  if (!std::isfinite(seconds)) return std::nullopt;
  const double ms = seconds * 1000.0;
  if (ms <= 0) return 0;
  return static_cast<int64_t>(ms < kLatestMs ? ms : kLatestMs);
}

bool same_text(const Json& value, std::string_view expected) {
  if (value.is_string()) return value.get_ref<const std::string&>() == expected;
  if (value.is_number_integer() || value.is_boolean()) return value.dump() == expected;
  return false;
}

}  // namespace

std::optional<ClaimTemplate> ClaimTemplate::parse(std::string_view text, std::string& problem) {
  ClaimTemplate made;
  while (!text.empty()) {
    const size_t open = text.find("${");
    if (open != 0) made.pieces_.push_back({Kind::text, std::string(text.substr(0, open))});
    if (open == std::string_view::npos) break;
    const size_t close = text.find('}', open);
    const auto name = close == std::string_view::npos ? text.substr(open) : text.substr(open, close + 1 - open);
    if (name != "${clientid}" && name != "${username}") {
      problem = "only ${clientid} and ${username} stand for something, not " + std::string(name);
      return std::nullopt;
    }
    made.pieces_.push_back({name == "${clientid}" ? Kind::client_id : Kind::username, {}});
    text.remove_prefix(close + 1);
  }
  return made;
}

std::optional<std::string> ClaimTemplate::fill(const Bearer& bearer) const {
  std::string out;
  for (const Piece& piece : pieces_) {
    if (piece.kind == Kind::text) {
      out += piece.text;
      continue;
    }
    const std::string_view value = piece.kind == Kind::client_id ? bearer.client_id
                                   : bearer.username_is_token    ? std::string_view()
                                                                 : bearer.username;
    if (value.empty()) return std::nullopt;
    out += value;
  }
  return out;
}

bool ClaimTemplate::uses_username() const {
  for (const Piece& piece : pieces_) {
    if (piece.kind == Kind::username) return true;
  }
  return false;
}

std::optional<int64_t> numeric_date_ms(const Json& value) {
  if (value.is_number()) return as_ms(value.get<double>());
  if (!value.is_string()) return std::nullopt;
  const auto& text = value.get_ref<const std::string&>();
  double seconds = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return as_ms(seconds);
}

Refusal check_times(const Json& claims, int64_t now_unix_ms, int64_t leeway_ms) {
  if (const Json* exp = member(claims, "exp"); exp != nullptr) {
    const auto end = numeric_date_ms(*exp);
    if (!end) return Refusal::malformed;
    // RFC 7519, 4.1.4: "on or after which the JWT MUST NOT be accepted".
    if (now_unix_ms >= *end + leeway_ms) return Refusal::expired;
  }
  // RFC 7519, 4.1.5, and in its spirit 4.1.6: a token from the future was not made by a clock that can be trusted.
  for (const char* name : {"nbf", "iat"}) {
    const Json* begin = member(claims, name);
    if (begin == nullptr) continue;
    const auto begin_ms = numeric_date_ms(*begin);
    if (!begin_ms) return Refusal::malformed;
    if (*begin_ms > now_unix_ms + leeway_ms) return Refusal::not_yet_valid;
  }
  return Refusal::none;
}

bool claim_is(const Json& claims, std::string_view name, std::string_view expected) {
  const Json* value = member(claims, name);
  if (value == nullptr || expected.empty()) return false;
  if (name != "aud" || !value->is_array()) return same_text(*value, expected);
  for (const Json& each : *value) {
    if (same_text(each, expected)) return true;
  }
  return false;
}

}  // namespace patchbay::auth_jwt
