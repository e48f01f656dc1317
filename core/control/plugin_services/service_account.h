#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <string>
#include <string_view>

#include "patchbay/types.h"
#include "plugin_bridge/call_place.h"
#include "plugin_bridge/gate.h"
#include "plugin_bridge/held.h"
#include "plugin_bridge/instance_facts.h"
#include "plugin_bridge/instance_log.h"
#include "plugin_services/service_limits.h"
#include "plugin_services/service_refusals.h"

namespace patchbay::plugin_services {

/// The ways of the services into an instance's code.
enum class Door : uint8_t {
  timer,
  timer_worker,
  job,
  post,
  thread,
  fd_watch,
  delivery,
  query,
  route,
  service,
  protocol,
  stream,
  count_
};

/// Whom a service works for: one instance's gate, counters, log and limits. Outlives the services. [any-thread]
class ServiceAccount {
 public:
  ServiceAccount(const plugin_bridge::InstanceFacts& of, const plugin_bridge::Gate& instance_gate,
                 plugin_bridge::HeldCounters& counters, plugin_bridge::InstanceLog& instance_log,
                 plugin_bridge::CallPlaces& call_places, const ServiceLimits& service_limits);
  ServiceAccount(const ServiceAccount&) = delete;
  ServiceAccount& operator=(const ServiceAccount&) = delete;

  const plugin_bridge::InstanceFacts& facts;
  const plugin_bridge::Gate& gate;
  plugin_bridge::HeldCounters& held;
  plugin_bridge::InstanceLog& log;
  plugin_bridge::CallPlaces& places;
  const ServiceLimits& limits;
  ServiceRefusals refusals;

  [[nodiscard]] bool takes_work() const { return gate.takes_work(); }
  [[nodiscard]] bool finishes_work() const { return gate.finishes_work(); }

  /// A line about an argument that can't be; the status for it.
  patchbay_status invalid(std::string_view what);
  /// The line for a callback that has thrown. Only from within a catch block.
  void tell_exception(Door door) noexcept;

  /// Runs a callback of the plugin, with its breadcrumb. An exception must not unwind into the host: it ends here, and
  /// the result is false.
  template <class F>
  bool call(Door door, F&& callback) noexcept {
    const plugin_bridge::CallScope scope(places, sites_[static_cast<size_t>(door)]);
    try {
      callback();
      return true;
    } catch (...) {
      tell_exception(door);
      return false;
    }
  }

 private:
  std::array<plugin_bridge::CallSite, static_cast<size_t>(Door::count_)> sites_;
};

/// Views of the ABI's texts and bytes.
[[nodiscard]] inline std::string_view view_of(patchbay_str text) {
  return text.ptr == nullptr ? std::string_view() : std::string_view(text.ptr, text.len);
}
[[nodiscard]] inline std::string_view view_of(patchbay_bytes bytes) {
  return bytes.ptr == nullptr ? std::string_view()
                              : std::string_view(reinterpret_cast<const char*>(bytes.ptr), bytes.len);
}
[[nodiscard]] inline patchbay_str str_of(std::string_view text) {
  return {text.data(), text.size()};
}
[[nodiscard]] inline patchbay_bytes bytes_of(std::string_view bytes) {
  return {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()};
}

}  // namespace patchbay::plugin_services
