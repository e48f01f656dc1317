// SPDX-License-Identifier: Apache-2.0
// A small JSON reader for settings, so that a plugin needs no library for them. Depth and size are bounded by the
// host's limits on settings; errors name the byte.
#pragma once

#include <charconv>
#include <cmath>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "patchbay/base.hpp"

namespace patchbay::json {

class value;
using array = std::vector<value>;
/// In the order of the text.
using object = std::vector<std::pair<std::string, value>>;

/// One JSON value. Whole numbers are kept as such when they fit 64 bits.
class value {
 public:
  using kinds = std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, array, object>;
  value() = default;
  value(kinds of) : of_(std::move(of)) {}  // NOLINT: meant to convert

  template <typename Kind>
  const Kind* as() const {
    return std::get_if<Kind>(&of_);
  }
  bool is_null() const { return std::holds_alternative<std::nullptr_t>(of_); }
  /// The member of an object; null: no object, or no such member.
  const value* find(std::string_view name) const {
    const auto* members = as<object>();
    if (members == nullptr) return nullptr;
    for (const auto& member : *members) {
      if (member.first == name) return &member.second;
    }
    return nullptr;
  }
  std::string_view type_name() const {
    constexpr std::string_view names[] = {"null",   "a boolean", "a whole number", "a number",
                                          "a text", "a list",    "an object"};
    return names[of_.index()];
  }

 private:
  kinds of_ = nullptr;
};

/// Reads one text. Throws patchbay::error(INVALID) that names the byte.
class reader {
 public:
  explicit reader(std::string_view text) : text_(text) {}
  value read() {
    value out = read_value(0);
    skip_space();
    if (at_ != text_.size()) fail("something follows the value");
    return out;
  }

 private:
  static constexpr int maximum_depth = 64;

  [[noreturn]] void fail(std::string_view what) const {
    throw error(PATCHBAY_INVALID, std::string("JSON, byte ") + std::to_string(at_) + ": " + std::string(what));
  }
  void skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
  }
  bool take(char wanted) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }
  void expect(char wanted, std::string_view what) {
    if (!take(wanted)) fail(what);
  }
  bool take_word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  value read_value(int depth) {
    if (depth > maximum_depth) fail("nested too deeply");
    skip_space();
    if (at_ >= text_.size()) fail("the text ends where a value should be");
    switch (text_[at_]) {
      case '{':
        return read_object(depth);
      case '[':
        return read_array(depth);
      case '"':
        return {value::kinds(read_text())};
      default:
        break;
    }
    if (take_word("null")) return {};
    if (take_word("true")) return {value::kinds(true)};
    if (take_word("false")) return {value::kinds(false)};
    return read_number();
  }
  value read_object(int depth) {
    object out;
    expect('{', "expected {");
    while (!take('}')) {
      if (!out.empty()) expect(',', "expected , or } in an object");
      skip_space();
      std::string name = read_text();
      expect(':', "expected : behind a name");
      out.emplace_back(std::move(name), read_value(depth + 1));
    }
    return {value::kinds(std::move(out))};
  }
  value read_array(int depth) {
    array out;
    expect('[', "expected [");
    while (!take(']')) {
      if (!out.empty()) expect(',', "expected , or ] in a list");
      out.push_back(read_value(depth + 1));
    }
    return {value::kinds(std::move(out))};
  }
  value read_number();
  std::string read_text();
  std::uint32_t read_hex4();
  void read_escape(std::string& out);

  std::string_view text_;
  std::size_t at_ = 0;
};

inline value reader::read_number() {
  const std::size_t begin = at_;
  while (at_ < text_.size() && std::string_view("+-0123456789.eE").find(text_[at_]) != std::string_view::npos) ++at_;
  const std::string_view digits = text_.substr(begin, at_ - begin);
  const char* end = digits.data() + digits.size();
  std::int64_t whole = 0;
  if (const auto read = std::from_chars(digits.data(), end, whole); read.ec == std::errc() && read.ptr == end) {
    return {value::kinds(whole)};
  }
  double number = 0;
  const auto read = std::from_chars(digits.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end || !std::isfinite(number)) fail("not a JSON value");
  return {value::kinds(number)};
}

inline std::string reader::read_text() {
  if (at_ >= text_.size() || text_[at_] != '"') fail("expected a text");
  ++at_;
  std::string out;
  while (at_ < text_.size() && text_[at_] != '"') {
    const char c = text_[at_++];
    if (static_cast<unsigned char>(c) < 0x20) fail("a control character in a text");
    if (c != '\\') {
      out.push_back(c);
    } else {
      read_escape(out);
    }
  }
  if (at_ >= text_.size()) fail("a text without end");
  ++at_;
  return out;
}

inline std::uint32_t reader::read_hex4() {
  std::uint32_t code = 0;
  const std::string_view digits = text_.substr(at_, 4);
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
  if (digits.size() != 4 || read.ptr != digits.data() + 4) fail("expected four hexadecimal digits");
  at_ += 4;
  return code;
}

inline void reader::read_escape(std::string& out) {
  if (at_ >= text_.size()) fail("a text without end");
  const char c = text_[at_++];
  constexpr std::string_view from = "\"\\/bfnrt";
  constexpr std::string_view to = "\"\\/\b\f\n\r\t";
  if (const auto found = from.find(c); found != std::string_view::npos) return out.push_back(to[found]);
  if (c != 'u') fail("an unknown escape");
  std::uint32_t code = read_hex4();
  if (code >= 0xD800 && code < 0xDC00 && take_word("\\u")) {
    const std::uint32_t low = read_hex4();
    if (low < 0xDC00 || low > 0xDFFF) fail("half of a surrogate pair");
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  }
  if (code >= 0xD800 && code < 0xE000) fail("half of a surrogate pair");
  const auto push = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code < 0x80) return push(code);
  if (code < 0x800) return push(0xC0 | code >> 6), push(0x80 | (code & 63));
  if (code < 0x10000) return push(0xE0 | code >> 12), push(0x80 | (code >> 6 & 63)), push(0x80 | (code & 63));
  push(0xF0 | code >> 18), push(0x80 | (code >> 12 & 63)), push(0x80 | (code >> 6 & 63)), push(0x80 | (code & 63));
}

/// A text as JSON: in quotes, with what must be escaped escaped.
inline std::string quoted(std::string_view from) {
  std::string out = "\"";
  for (const char c : from) {
    constexpr std::string_view digits = "0123456789abcdef";
    if (c == '"' || c == '\\') out.push_back('\\');
    if (static_cast<unsigned char>(c) >= 0x20) {
      out.push_back(c);
    } else {
      out.append("\\u00").push_back(digits[static_cast<unsigned char>(c) >> 4]);
      out.push_back(digits[c & 15]);
    }
  }
  return out + "\"";
}

}  // namespace patchbay::json
