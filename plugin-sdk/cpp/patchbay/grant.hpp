// SPDX-License-Identifier: Apache-2.0
// What an authenticator grants.
#pragma once

#include <vector>

#include "patchbay/base.hpp"

namespace patchbay {

/// Identity, permissions and attributes; what isn't set says nothing. Owns its texts, so it may live across a co_await.
class grant {
 public:
  grant& identity(std::string_view value) {
    identity_ = std::string(value);
    return *this;
  }
  grant& superuser(bool value = true) {
    superuser_ = value;
    return *this;
  }
  grant& attribute(std::string_view name, std::string_view value) {
    attributes_.push_back({std::string(name), std::string(value)});
    return *this;
  }
  /// The credentials end: the client is disconnected then.
  grant& expires_at_unix_ms(std::uint64_t value) {
    expires_ = value;
    return *this;
  }
  /// Rules are tried in order; the first that matches wins. Filters may hold ${clientid}, ${username}, ${attr.NAME}.
  grant& allow_publish(std::string_view filter) { return rule(1, 1, filter); }
  grant& allow_subscribe(std::string_view filter) { return rule(1, 2, filter); }
  grant& allow_all(std::string_view filter) { return rule(1, 3, filter); }
  grant& deny_publish(std::string_view filter) { return rule(0, 1, filter); }
  grant& deny_subscribe(std::string_view filter) { return rule(0, 2, filter); }
  grant& deny_all(std::string_view filter) { return rule(0, 3, filter); }
  /// Permissions count even when there are none: everything goes on to the acl hooks.
  grant& no_permissions() {
    has_permissions_ = true;
    return *this;
  }

  /// Calls `use(const patchbay_grant&)`; the struct lives during the call.
  template <typename Use>
  auto with_raw(Use use) const {
    std::vector<patchbay_permission> permissions;
    for (const auto& rule : rules_) permissions.push_back(raw_rule(rule));
    std::vector<patchbay_pair> pairs;
    for (const auto& pair : attributes_) pairs.push_back({raw_text(pair.name), raw_text(pair.value)});
    patchbay_grant out{};
    out.size = sizeof out;
    out.superuser = superuser_ ? 1 : 0;
    out.has_permissions = has_permissions_ || !permissions.empty() ? 1 : 0;
    out.identity = raw_text(identity_);
    out.permissions = permissions.data();
    out.permission_count = permissions.size();
    out.attributes = pairs.data();
    out.attribute_count = pairs.size();
    out.expires_at_unix_ms = expires_;
    return use(static_cast<const patchbay_grant&>(out));
  }

 private:
  struct rule_text {
    std::uint8_t allow;
    std::uint8_t actions;
    std::string filter;
  };
  struct pair_text {
    std::string name;
    std::string value;
  };
  grant& rule(std::uint8_t allow, std::uint8_t actions, std::string_view filter) {
    rules_.push_back({allow, actions, std::string(filter)});
    return *this;
  }
  patchbay_permission raw_rule(const rule_text& rule) const {
    patchbay_permission out{};
    out.size = sizeof out;
    out.allow = rule.allow;
    out.actions = rule.actions;
    out.qos_mask = 7;
    out.topic_filter = raw_text(rule.filter);
    return out;
  }
  std::string identity_;
  bool superuser_ = false;
  bool has_permissions_ = false;
  std::uint64_t expires_ = 0;
  std::vector<rule_text> rules_;
  std::vector<pair_text> attributes_;
};

}  // namespace patchbay
