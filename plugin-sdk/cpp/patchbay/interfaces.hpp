// SPDX-License-Identifier: Apache-2.0
// Interfaces that a plugin provides besides its hooks: protocol, state for a hot upgrade, migration of old settings,
// its own.
#pragma once

#include "patchbay/instance_access.hpp"
#include "patchbay/task.hpp"

namespace patchbay {

/// Lines for whoever reads why settings or a migration were refused.
class error_list {
 public:
  explicit error_list(patchbay_writer* out) : out_(out) {}
  /// `pointer`: a JSON pointer such as "/users/3".
  void add(std::string_view pointer, std::string_view sentence) {
    ++count_;
    out_.write(std::string(pointer).append(": ").append(sentence).append("\n"));
  }
  std::size_t count() const { return count_; }
  bool empty() const { return count_ == 0; }

 private:
  writer out_;
  std::size_t count_ = 0;
};

namespace detail {

/// Every `self` that the host holds of a C++ plugin is the plugin's own object.
template <typename P, typename Body>
status logged(void* self, std::string_view where, Body body) noexcept {
  P& plugin = *static_cast<P*>(self);
  try {
    return body(plugin);
  } catch (...) {
    failed_with(instance_access::runtime_of(plugin).raw_host, where, std::current_exception());
    return PATCHBAY_FAILED;
  }
}

template <typename P>
concept has_state = requires(P& p, writer out, bytes in) {
  { p.export_state(out) } -> std::convertible_to<status>;
  { p.import_state(in) } -> std::convertible_to<status>;
};

template <typename P>
inline constexpr patchbay_state state_table = {
    sizeof(patchbay_state), 0,
    [](void* self, patchbay_writer* out) noexcept {
      return logged<P>(self, "export_state", [&](P& plugin) -> status { return plugin.export_state(writer(out)); });
    },
    [](void* self, patchbay_bytes in) noexcept {
      return logged<P>(self, "import_state", [&](P& plugin) -> status { return plugin.import_state(span(in)); });
    }};

template <typename P>
concept has_migrate = requires(P& p, std::uint32_t from, std::string_view json, writer out, error_list& errors) {
  { p.migrate(from, json, out, errors) } -> std::convertible_to<status>;
};

template <typename P>
inline constexpr patchbay_migrate migrate_table = {
    sizeof(patchbay_migrate), 0,
    [](void* self, std::uint32_t from, patchbay_str json, patchbay_writer* out, patchbay_writer* errors) noexcept {
      return logged<P>(self, "migrate", [&](P& plugin) -> status {
        error_list list(errors);
        return plugin.migrate(from, text(json), writer(out), list);
      });
    }};

/// What patchbay_plugin.get() answers for a class.
template <typename P>
const void* interface_of(P& plugin, const char* id) {
  const std::string_view wanted(id);
  if constexpr (has_state<P>) {
    if (wanted == PATCHBAY_STATE_1) return &state_table<P>;
  }
  if constexpr (has_migrate<P>) {
    if (wanted == PATCHBAY_MIGRATE_1) return &migrate_table<P>;
  }
  if constexpr (requires { P::protocol_table(); }) {
    if (wanted == PATCHBAY_PROTOCOL_1) return P::protocol_table();
  }
  if constexpr (requires { plugin.extension(id); }) return plugin.extension(id);
  return nullptr;
}

}  // namespace detail

}  // namespace patchbay
