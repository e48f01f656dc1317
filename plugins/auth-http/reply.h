#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/http_message.h"

namespace patchbay::auth_http {

enum class Answer : uint8_t {
  allow,
  deny,
  ignore,  ///< the next one in the chain is asked
  failed,  ///< no answer that can be understood: the operator's fallback counts, which denies unless he said otherwise
};

/// One rule of an `acl` in a reply, in the words of patchbay_permission.
struct AclRule {
  bool allow = true;
  uint8_t actions = 3;  ///< bit 0 publish, bit 1 subscribe
  uint8_t qos_mask = 7;
  uint8_t retain = 0;        ///< 0 any, 1 retained only, 2 not retained
  std::string topic_filter;  ///< "" in a rule that denies: every topic there is
};

/// What a reply says.
struct Reply {
  Answer answer = Answer::failed;
  std::string trouble;  ///< failed: a sentence for the log, without anything of the client's
  bool is_superuser = false;
  bool has_acl = false;
  std::vector<AclRule> acl;
  std::vector<std::pair<std::string, std::string>> attributes;
  uint64_t expires_at_unix_ms = 0;
};

/// Reads a response as EMQX does: 204 allows; 200 has a body, JSON or a form, with `result` and, after authentication,
/// `is_superuser`, `client_attrs`, `expire_at` (seconds) and `acl`. What is there and can't be understood makes the
/// whole reply a failure: a rule that is left out could be the one that denies. Everything else is a failure too.
/// [any-thread]
[[nodiscard]] Reply read_reply(const support::HttpResponse& response, bool authorization);

}  // namespace patchbay::auth_http
