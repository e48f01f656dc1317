// SPDX-License-Identifier: Apache-2.0
// The table that the host holds of an instance, made from what the plugin's class has: start(), drain(), stop(),
// health(), check(), configure(), export_state(), import_state(), migrate(), a protocol. All of them are optional.
#pragma once

#include "patchbay/dispatch.hpp"
#include "patchbay/interfaces.hpp"
#include "patchbay/settings.hpp"

namespace patchbay {

/// How an instance is, for operators: one line.
struct health_report {
  status code = PATCHBAY_OK;
  std::string text;
  static health_report healthy(std::string line = {}) { return {PATCHBAY_OK, std::move(line)}; }
  static health_report connecting(std::string line) { return {PATCHBAY_BUSY, std::move(line)}; }
  static health_report down(std::string line) { return {PATCHBAY_FAILED, std::move(line)}; }
};

namespace detail {

/// Runs `body`, which returns a status; what it throws becomes a line of `errors` and FAILED.
template <typename Body>
status fenced(patchbay_writer* errors, Body body) noexcept {
  try {
    return body();
  } catch (const error& e) {
    writer(errors).write(std::string_view(e.what()));
    return e.code();
  } catch (const std::exception& e) {
    writer(errors).write(std::string_view(e.what()));
  } catch (...) {
    writer(errors).write(std::string_view("an exception of unknown type"));
  }
  return PATCHBAY_FAILED;
}

/// Calls a function that returns void or a status.
template <typename Call>
status status_of(Call call) {
  if constexpr (std::is_void_v<decltype(call())>) {
    call();
    return PATCHBAY_OK;
  } else {
    return call();
  }
}

template <typename P>
class instance {
 public:
  explicit instance(const patchbay_host* host) : plugin_(patchbay::host(host)) {
    instance_access::runtime_of(plugin_).owner = this;
    table_.size = sizeof table_;
    table_.self = &plugin_;
    table_.get = [](void* self, const char* id) noexcept { return interface_of<P>(of(self), id); };
    table_.check = &check;
    table_.configure = &configure;
    table_.start = &start;
    table_.drain = &drain;
    table_.stop = &stop;
    table_.destroy = [](void* self) noexcept {
      delete static_cast<instance*>(instance_access::runtime_of(of(self)).owner);
    };
    table_.on_cancel = &on_cancel;
    if constexpr (requires(P & p) { p.health(); }) table_.health = &health;
  }
  const patchbay_plugin* table() const { return &table_; }

 private:
  static P& of(void* self) { return *static_cast<P*>(self); }

  static patchbay_status check(void* self, patchbay_str json, patchbay_writer* errors) noexcept {
    return fenced(errors, [&] { return instance_access::settings_of(of(self)).check(of(self), text(json), errors); });
  }
  static patchbay_status configure(void* self, patchbay_str json, patchbay_writer* errors) noexcept {
    return fenced(errors,
                  [&] { return instance_access::settings_of(of(self)).configure(of(self), text(json), errors); });
  }
  static patchbay_status start(void* self, patchbay_writer* errors) noexcept {
    P& plugin = of(self);
    return fenced(errors, [&] {
      status code = PATCHBAY_OK;
      if constexpr (requires { plugin.start(); }) code = status_of([&] { return plugin.start(); });
      if (code == PATCHBAY_OK) add_all_hooks(plugin);
      return code;
    });
  }
  static void drain(void* self) noexcept {
    P& plugin = of(self);
    if constexpr (requires { plugin.drain(); }) guarded(plugin, "drain", [&] { plugin.drain(); });
  }
  static void stop(void* self) noexcept {
    P& plugin = of(self);
    if constexpr (requires { plugin.stop(); }) guarded(plugin, "stop", [&] { plugin.stop(); });
    for (const auto& root : instance_access::runtime_of(plugin).roots()) root->cancel();
  }
  static void on_cancel(void* self, patchbay_token token) noexcept {
    P& plugin = of(self);
    if constexpr (requires { plugin.on_cancel(token); }) guarded(plugin, "on_cancel", [&] { plugin.on_cancel(token); });
    if (const auto root = instance_access::runtime_of(plugin).find_root(token.id)) root->abandon();
  }
  static patchbay_status health(void* self, patchbay_writer* out) noexcept {
    return fenced(out, [&] {
      const health_report report = of(self).health();
      writer(out).write(std::string_view(report.text));
      return report.code;
    });
  }
  template <typename Body>
  static void guarded(P& plugin, std::string_view where, Body body) noexcept {
    try {
      body();
    } catch (...) {
      failed_with(instance_access::runtime_of(plugin).raw_host, where, std::current_exception());
    }
  }

  P plugin_;
  patchbay_plugin table_{};
};

/// patchbay_entry.create() of a class.
template <typename P>
const patchbay_plugin* create(const patchbay_host* host, patchbay_str) noexcept {
  try {
    return (new instance<P>(host))->table();
  } catch (...) {
    failed_with(host, "create", std::current_exception());
    return nullptr;
  }
}

}  // namespace detail

}  // namespace patchbay
