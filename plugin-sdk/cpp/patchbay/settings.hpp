// SPDX-License-Identifier: Apache-2.0
// Typed settings: a struct that says which JSON member is which field.
//
//   struct config {
//     std::string url;
//     std::chrono::milliseconds timeout{2000};
//     std::vector<std::string> users;
//     template <typename Fields> void describe(Fields& f) {
//       f.required("url", url);
//       f.optional("timeout", timeout);   // "2s", "250ms", or a number of milliseconds
//       f.optional("users", users);
//     }
//   };
//   struct my_plugin final : patchbay::plugin<my_plugin, config> { ... settings().url ... };
//
// The host has checked the JSON against the manifest's schema already; what is wrong still is reported by JSON pointer.
// A plugin may add `void check(const config&, patchbay::error_list&) const` and `status configure(const config&)`,
// which may answer NEEDS_RESTART.
#pragma once

#include <atomic>

#include "patchbay/bind_json.hpp"
#include "patchbay/interfaces.hpp"

namespace patchbay {

/// For plugins without settings.
struct no_settings {
  template <typename Fields>
  void describe(Fields&) {}
};

namespace detail {

/// Keeps every version that was in force until the instance is destroyed, so that a reference taken on a shard stays
/// good while newer settings come. Changes are rare and small.
template <typename Settings>
class settings_holder {
 public:
  const Settings& current() const { return *current_.load(std::memory_order_acquire); }

  template <typename P>
  status check(P& plugin, std::string_view json, patchbay_writer* errors) {
    return read(plugin, json, errors) ? PATCHBAY_OK : PATCHBAY_INVALID;
  }
  template <typename P>
  status configure(P& plugin, std::string_view json, patchbay_writer* errors) {
    auto next = read(plugin, json, errors);
    if (!next) return PATCHBAY_INVALID;
    if constexpr (requires { plugin.configure(std::as_const(*next)); }) {
      const status code = plugin.configure(std::as_const(*next));
      if (code != PATCHBAY_OK) return code;
    }
    versions_.push_back(std::move(next));
    current_.store(versions_.back().get(), std::memory_order_release);
    return PATCHBAY_OK;
  }

 private:
  template <typename P>
  std::unique_ptr<Settings> read(P& plugin, std::string_view json, patchbay_writer* out) {
    error_list errors(out);
    auto made = std::make_unique<Settings>();
    bind_json(json, *made, errors);
    if constexpr (requires { plugin.check(std::as_const(*made), errors); }) {
      if (errors.empty()) plugin.check(std::as_const(*made), errors);
    }
    if (!errors.empty()) made.reset();
    return made;
  }
  Settings first_{};
  std::atomic<const Settings*> current_{&first_};
  std::vector<std::unique_ptr<Settings>> versions_;
};

}  // namespace detail

}  // namespace patchbay
