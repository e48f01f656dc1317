#pragma once

#include <patchbay/directory.hpp>
#include <patchbay/verdict.hpp>

#include "settings.h"

namespace patchbay::acl_mysql {

/// What a question gets that the database has not answered. verdict::failed() would leave it to the operator's
/// fallback, but the broker counts such answers as faults of the plugin, and takes a plugin with many of them out of
/// the path, in the end until somebody brings it back; an outage of the database must heal by itself. So the usual
/// answer is a plain denial, and the broker is told not to remember it. [any-thread]; made on the control thread
class NoAnswer {
 public:
  NoAnswer(host of, const Settings& settings) : fallback_(settings.no_answer == "fallback"), directory_(of) {}

  [[nodiscard]] verdict for_login() const { return fallback_ ? verdict::failed() : verdict::deny(kServerUnavailable); }
  [[nodiscard]] verdict for_access() const { return fallback_ || !directory_ ? verdict::failed() : verdict::deny(); }
  /// After for_access() has been sent.
  void forget(std::string_view client_id) const {
    if (!fallback_ && directory_) static_cast<void>(directory_.invalidate_acl(client_id));
  }

 private:
  static constexpr std::uint8_t kServerUnavailable = 0x88;  // MQTT 5.0, 3.2.2.2
  bool fallback_;
  client_directory directory_;
};

}  // namespace patchbay::acl_mysql
