// SPDX-License-Identifier: Apache-2.0
// JSON into the fields of structs that describe themselves; all errors at once, each with its JSON pointer.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <type_traits>

#include "patchbay/interfaces.hpp"
#include "patchbay/json.hpp"

namespace patchbay {

class json_fields;

namespace detail {

template <typename T>
concept described = requires(T& t, json_fields& f) {
  t.describe(f);
};

/// "250ms", "2s", "5m", "1h", "1d" or a number of milliseconds; nothing: neither.
inline std::optional<std::chrono::milliseconds> read_duration(const json::value& from) {
  if (const auto* whole = from.as<std::int64_t>()) return std::chrono::milliseconds(*whole);
  const auto* written = from.as<std::string>();
  if (written == nullptr) return {};
  std::int64_t amount = 0;
  const auto read = std::from_chars(written->data(), written->data() + written->size(), amount);
  if (read.ec != std::errc() || amount < 0) return {};
  const std::string_view unit(read.ptr, static_cast<std::size_t>(written->data() + written->size() - read.ptr));
  constexpr std::pair<std::string_view, std::int64_t> units[] = {
      {"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
  for (const auto& [name, factor] : units) {
    if (unit == name && amount <= INT64_MAX / factor) return std::chrono::milliseconds(amount * factor);
  }
  return {};
}

}  // namespace detail

/// What describe() is called with, once for each object.
class json_fields {
 public:
  json_fields(const json::value& from, std::string pointer, error_list& errors)
      : from_(from), pointer_(std::move(pointer)), errors_(errors) {}

  template <typename T>
  void required(std::string_view name, T& field) {
    if (const json::value* found = from_.find(name)) return read(*found, pointer_of(name), field);
    errors_.add(pointer_of(name), "is missing");
  }
  /// Without it the field keeps what it has.
  template <typename T>
  void optional(std::string_view name, T& field) {
    const json::value* found = from_.find(name);
    if (found != nullptr && !found->is_null()) read(*found, pointer_of(name), field);
  }

  template <typename T>
  void read(const json::value& from, const std::string& pointer, T& field) {
    if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, std::string>) {
      if (const T* found = from.as<T>()) return void(field = *found);
      wrong(pointer, from, std::is_same_v<T, bool> ? "a boolean" : "a text");
    } else if constexpr (std::is_integral_v<T>) {
      read_whole(from, pointer, field);
    } else if constexpr (std::is_floating_point_v<T>) {
      if (const auto* number = from.as<double>()) return void(field = static_cast<T>(*number));
      if (const auto* whole = from.as<std::int64_t>()) return void(field = static_cast<T>(*whole));
      wrong(pointer, from, "a number");
    } else if constexpr (std::is_same_v<T, std::chrono::milliseconds>) {
      if (const auto found = detail::read_duration(from)) return void(field = *found);
      wrong(pointer, from, "a duration such as \"250ms\" or \"2s\"");
    } else if constexpr (detail::described<T>) {
      if (from.as<json::object>() == nullptr) return wrong(pointer, from, "an object");
      json_fields inner(from, pointer, errors_);
      field.describe(inner);
    } else {
      read_many(from, pointer, field);
    }
  }

 private:
  template <typename T>
  void read_whole(const json::value& from, const std::string& pointer, T& field) {
    const auto* found = from.as<std::int64_t>();
    if (found == nullptr) return wrong(pointer, from, "a whole number");
    if (!std::in_range<T>(*found)) return errors_.add(pointer, "doesn't fit: " + std::to_string(*found));
    field = static_cast<T>(*found);
  }
  template <typename T>
  void read_many(const json::value& from, const std::string& pointer, std::optional<T>& field) {
    read(from, pointer, field.emplace());
  }
  template <typename T>
  void read_many(const json::value& from, const std::string& pointer, std::vector<T>& field) {
    const auto* found = from.as<json::array>();
    if (found == nullptr) return wrong(pointer, from, "a list");
    field.clear();
    for (std::size_t i = 0; i < found->size(); ++i)
      read((*found)[i], pointer + "/" + std::to_string(i), field.emplace_back());
  }
  template <typename T>
  void read_many(const json::value& from, const std::string& pointer, std::map<std::string, T>& field) {
    const auto* found = from.as<json::object>();
    if (found == nullptr) return wrong(pointer, from, "an object");
    field.clear();
    for (const auto& [name, each] : *found) read(each, pointer + "/" + escaped(name), field[name]);
  }
  void wrong(const std::string& pointer, const json::value& from, std::string_view expected) {
    errors_.add(pointer, std::string("expected ").append(expected).append(", found ").append(from.type_name()));
  }
  std::string pointer_of(std::string_view name) const { return pointer_ + "/" + escaped(name); }
  /// RFC 6901: ~ is ~0, / is ~1.
  static std::string escaped(std::string_view name) {
    std::string out;
    for (const char c : name) out.append(c == '~' ? "~0" : c == '/' ? "~1" : std::string_view(&c, 1));
    return out;
  }
  const json::value& from_;
  std::string pointer_;
  error_list& errors_;
};

namespace detail {

/// Fills `into` from the text of an object; an empty text is an empty object.
template <typename T>
void bind_json(std::string_view json, T& into, error_list& errors) {
  try {
    const json::value root = json.empty() ? json::value(json::value::kinds(json::object{})) : json::reader(json).read();
    json_fields(root, "", errors).read(root, "", into);
  } catch (const error& e) {
    errors.add("", e.what());
  }
}

}  // namespace detail

}  // namespace patchbay
