#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <patchbay/host.hpp>
#include <patchbay/metrics.hpp>
#include <patchbay/verdict.hpp>

#include "endpoint.h"
#include "reply.h"

namespace patchbay::auth_http {

/// The questions that are under way: each is asked once, and answered exactly once, by the reply, by a failure, or by
/// nobody because it is void. Made and ended on the control thread.
class Questions {
 public:
  Questions(patchbay::host host, const patchbay_answers* answers, const Settings& settings,
            support::HttpTransport& transport);

  /// Asks; the verdict for the hook: defer, or failed where it can't be asked. [shard]
  [[nodiscard]] patchbay::verdict authenticate(patchbay_token token, const Subject& subject);
  [[nodiscard]] patchbay::verdict authorize(patchbay_token token, const Subject& subject);
  [[nodiscard]] bool has_authentication() const { return authentication_.has_value(); }
  [[nodiscard]] bool has_authorization() const { return authorization_.has_value(); }
  /// The question is void. [shard]
  void forget(patchbay_token token);
  /// No more replies come: what is left is answered as failed. [control]
  void end();

  /// The last reply was a failure; "": it wasn't. [any-thread]
  [[nodiscard]] std::string trouble() const;
  [[nodiscard]] size_t pending() const;

 private:
  struct Counts {
    patchbay::counter allowed, denied, ignored, failed, refused;
  };
  struct Pending {
    uint64_t request = 0;
    std::string identity;
    bool authorization = false;
  };
  patchbay::verdict ask(const std::optional<Endpoint>& endpoint, patchbay_token token, const Subject& subject,
                        bool authorization);
  void on_response(patchbay_token token, const support::HttpResponse& response);
  [[nodiscard]] patchbay::verdict verdict_of(const Reply& reply, const Pending& pending) const;
  [[nodiscard]] patchbay::verdict grant(const Reply& reply, const std::string& identity) const;
  void note(const Reply& reply, bool authorization);
  [[nodiscard]] const Counts& counts(bool authorization) const { return counts_[authorization ? 1 : 0]; }

  patchbay::host host_;
  const patchbay_answers* answers_;
  support::HttpTransport& transport_;
  patchbay::alarms alarms_;
  size_t pending_max_;
  std::optional<Endpoint> authentication_;
  std::optional<Endpoint> authorization_;
  Counts counts_[2];
  mutable std::mutex mutex_;  // guards what follows; held for look-ups
  std::map<uint64_t, Pending> pending_;
  std::string trouble_;
};

}  // namespace patchbay::auth_http
