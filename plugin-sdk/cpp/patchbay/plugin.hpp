// SPDX-License-Identifier: Apache-2.0
// The one include of a plugin in C++20:
//
//   struct no_root final : patchbay::plugin<no_root> {
//     using plugin::plugin;
//     verdict on_authenticate(auth_request a) { return a.username() == "root" ? verdict::deny() : verdict::cont(); }
//   };
//   PATCHBAY_PLUGIN(no_root, R"({"id": "org.example.no-root", ...})")
//
// Members named on_<hook> are found and registered; README.md and HOOKS.md say which there are. Interfaces that not
// every plugin needs (publisher.hpp, timers.hpp, protocol.hpp, ...) have headers of their own.
#pragma once

#include "patchbay/answers.hpp"
#include "patchbay/await.hpp"
#include "patchbay/event_names.hpp"
#include "patchbay/instance.hpp"
#include "patchbay/message_builder.hpp"

namespace patchbay {

/// Base of a plugin's class; `Settings` is a struct that describes its fields, see settings.hpp. One object is one
/// instance.
template <typename Derived, typename Settings = no_settings>
class plugin {
 public:
  using verdict = patchbay::verdict;
  using change = patchbay::change;
  using status = patchbay::status;
  using bytes = patchbay::bytes;
  using message = patchbay::message;
  using client = patchbay::client;
  using auth_request = patchbay::auth_request;
  using acl_request = patchbay::acl_request;
  using publish_request = patchbay::publish_request;
  template <typename T>
  using task = patchbay::task<T>;

  explicit plugin(patchbay::host of) : runtime_(of.raw()) {}
  plugin(const plugin&) = delete;
  plugin& operator=(const plugin&) = delete;

  patchbay::host host() const { return patchbay::host(runtime_.raw_host); }
  /// Makes verdicts that carry something.
  patchbay::answers answer() const { return {runtime_.raw_host, runtime_.answers}; }
  /// The settings in force; a reference stays good while the instance lives, also when newer ones come. [any-thread]
  const Settings& settings() const { return settings_.current(); }
  /// Answers a question that a hook answered by verdict::defer(). OK, STALE, INVALID. [any-thread]
  status complete(patchbay_token token, verdict answer) const { return host().complete(token, answer.raw()); }
  /// How many coroutines wait. [any-thread]
  std::size_t waiting_tasks() { return runtime_.waiting(); }

 protected:
  ~plugin() = default;

 private:
  friend struct detail::instance_access;
  detail::runtime runtime_;
  detail::settings_holder<Settings> settings_;
};

namespace detail {
#define PATCHBAY_TEXT_OF_(x) #x
#define PATCHBAY_TEXT_OF(x) PATCHBAY_TEXT_OF_(x)
#if defined(__clang__)
inline constexpr const char build_text[] = "clang " PATCHBAY_TEXT_OF(__clang_major__) ", SDK 1.0";
#else
inline constexpr const char build_text[] = "gcc " PATCHBAY_TEXT_OF(__GNUC__) ", SDK 1.0";
#endif
}  // namespace detail

/// The entry of a class. `minor_min`: the oldest host that the plugin can live with.
template <typename P>
constexpr patchbay_entry entry_of(const char* manifest, std::uint32_t minor_min = 0) {
  return {PATCHBAY_ENTRY_MAGIC,
          sizeof(patchbay_entry),
          PATCHBAY_ABI_MAJOR,
          PATCHBAY_ABI_MINOR,
          minor_min,
          0,
          detail::build_text,
          manifest,
          &detail::create<P>};
}

}  // namespace patchbay

#define PATCHBAY_ENTRY_WITH(plugin_class, manifest_text)                                 \
  PATCHBAY_MANIFEST_SECTION static const char patchbay_manifest_bytes[] = manifest_text; \
  extern "C" PATCHBAY_EXPORT const patchbay_entry patchbay_plugin_entry =                \
      ::patchbay::entry_of<plugin_class>(patchbay_manifest_bytes)
#define PATCHBAY_ENTRY_CHOICE(plugin_class, manifest_text, ...) PATCHBAY_ENTRY_WITH(plugin_class, manifest_text);
/// Exports the class: PATCHBAY_PLUGIN(my_plugin, R"({...})"), or PATCHBAY_PLUGIN(my_plugin) with the MANIFEST file of
/// add_patchbay_plugin(). Once for each .so, in one source file.
#define PATCHBAY_PLUGIN(plugin_class, ...) \
  PATCHBAY_ENTRY_CHOICE(plugin_class __VA_OPT__(, ) __VA_ARGS__, PATCHBAY_MANIFEST)
