#include "grant_answer.h"

#include <vector>

#include "late_rules.h"

namespace patchbay::auth_jwt {

namespace {

// The layer's own patchbay::grant has no QoS and no retain in its rules, so the C struct is filled here.
std::vector<patchbay_permission> raw_rules(const Permissions& permissions) {
  std::vector<patchbay_permission> out;
  out.reserve(permissions.native.size());
  for (const PermissionRule& rule : permissions.native) {
    patchbay_permission raw{};
    raw.size = sizeof raw;
    raw.allow = rule.allow ? 1 : 0;
    raw.actions = rule.actions;
    raw.qos_mask = rule.qos_mask;
    raw.retain = rule.retain;
    raw.topic_filter = raw_text(rule.topic_filter);
    out.push_back(raw);
  }
  return out;
}

std::vector<patchbay_pair> raw_attributes(const Permit& permit, const std::string& late_rules) {
  std::vector<patchbay_pair> out;
  out.reserve(permit.attributes.size() + 1);
  for (const auto& [name, value] : permit.attributes) out.push_back({raw_text(name), raw_text(value)});
  if (!late_rules.empty()) out.push_back({raw_text(kLateRulesAttribute), raw_text(late_rules)});
  return out;
}

}  // namespace

patchbay::verdict grant_answer(const patchbay_host* host, const patchbay_answers* answers, const Permit& permit,
                               const std::string& late_rules, bool disconnects, bool enhanced) {
  const auto rules = raw_rules(permit.permissions);
  const auto attributes = raw_attributes(permit, late_rules);
  patchbay_grant raw{};
  raw.size = sizeof raw;
  raw.superuser = permit.superuser ? 1 : 0;
  raw.has_permissions = permit.permissions.stated ? 1 : 0;
  raw.identity = raw_text(permit.identity);
  raw.permissions = rules.data();
  raw.permission_count = rules.size();
  raw.attributes = attributes.data();
  raw.attribute_count = attributes.size();
  raw.expires_at_unix_ms = disconnects ? permit.expires_at_unix_ms : 0;
  const uint64_t handle = enhanced ? answers->enhanced(host, &raw, patchbay_bytes{}) : answers->grant(host, &raw);
  return verdict::with(PATCHBAY_ALLOW, handle);
}

}  // namespace patchbay::auth_jwt
