#include "plugin_bridge/answer_fields.h"

#include <utility>

#include "base/utf8.h"
#include "mqtt/reason_code.h"
#include "plugin_bridge/abi_views.h"

namespace patchbay::plugin_bridge {

namespace {

constexpr size_t kMaximumText = 65'535;
constexpr size_t kMaximumPairs = 1'000;
constexpr size_t kMaximumSubscriptions = 1 + hooks::SubscribeRewriteEvent::kMaximumAdded;

bool is_text(patchbay_str text) {
  return text.len <= kMaximumText && base::is_clean_utf8(text_of(text));
}

template <class Pairs>
[[nodiscard]] std::string take_pairs(const patchbay_pair* given, size_t count, const char* what, Pairs& into) {
  if (count > kMaximumPairs) return std::string("more than 1000 ") + what;
  for (size_t i = 0; i < count; ++i) {
    if (!is_text(given[i].name) || !is_text(given[i].value)) return std::string("no UTF-8 text among the ") + what;
    into.emplace_back(std::string(text_of(given[i].name)), std::string(text_of(given[i].value)));
  }
  return {};
}

[[nodiscard]] std::string take_permissions(const patchbay_grant& grant, std::vector<access::PermissionRule>& into) {
  if (grant.permission_count > access::PermissionSet::kMaximumRules) return "too many permissions";
  for (size_t i = 0; i < grant.permission_count; ++i) {
    const patchbay_permission permission = read_abi_at(grant.permissions, i);
    if (!is_text(permission.topic_filter)) return "no UTF-8 text among the permissions' topic filters";
    if (permission.retain > 2) return "a permission's retain is above 2";
    access::PermissionRule rule;
    rule.allow = permission.allow != 0;
    rule.actions = permission.actions;
    rule.topic_filter = text_of(permission.topic_filter);
    rule.qos_mask = permission.qos_mask;
    rule.retain = static_cast<access::PermissionRule::Retain>(permission.retain);
    into.push_back(std::move(rule));
  }
  return {};
}

}  // namespace

std::string take_grant(const patchbay_grant& given, access::AuthenticationGrant& into) {
  const patchbay_grant grant = read_abi(&given);
  if (!is_text(grant.identity)) return "the identity is no UTF-8 text";
  into.identity = text_of(grant.identity);
  into.is_superuser = grant.superuser != 0;
  into.has_permissions = grant.has_permissions != 0;
  into.expires_at_unix_ms = grant.expires_at_unix_ms;
  if (std::string problem = take_permissions(grant, into.rules); !problem.empty()) return problem;
  return take_pairs(grant.attributes, grant.attribute_count, "attributes", into.attributes);
}

std::string take_connect(const patchbay_connect_fields& given, hooks::ConnectReplacement& into) {
  const patchbay_connect_fields fields = read_abi(&given);
  const auto gives = [&](uint32_t bit) { return (fields.present & bit) != 0; };
  if (gives(PATCHBAY_CONNECT_CLIENT_ID)) {
    if (!is_text(fields.client_id)) return "the client id is no UTF-8 text";
    into.client_id = text_of(fields.client_id);
  }
  if (gives(PATCHBAY_CONNECT_USERNAME)) {
    if (!is_text(fields.username)) return "the user name is no UTF-8 text";
    into.username = text_of(fields.username);
  }
  if (gives(PATCHBAY_CONNECT_PASSWORD)) {
    if (fields.password.len > kMaximumText) return "the password is longer than 65535 bytes";
    into.password.emplace(bytes_of(fields.password));
  }
  if (gives(PATCHBAY_CONNECT_CLEAN_START)) into.clean_start = fields.clean_start != 0;
  if (gives(PATCHBAY_CONNECT_KEEP_ALIVE)) into.keep_alive_s = fields.keep_alive_s;
  if (!gives(PATCHBAY_CONNECT_USER_PROPERTIES)) return {};
  into.user_properties.emplace();
  return take_pairs(fields.user_properties, fields.user_property_count, "user properties", *into.user_properties);
}

std::string take_session(const patchbay_session_fields& given, hooks::SessionTerms& into) {
  const patchbay_session_fields fields = read_abi(&given);
  const auto gives = [&](uint32_t bit) { return (fields.present & bit) != 0; };
  if (gives(PATCHBAY_SESSION_EXPIRY)) into.session_expiry_interval_s = fields.session_expiry_interval_s;
  if (gives(PATCHBAY_SESSION_RECEIVE_MAXIMUM)) into.receive_maximum = fields.receive_maximum;
  if (gives(PATCHBAY_SESSION_MAXIMUM_PACKET_SIZE)) into.maximum_packet_size = fields.maximum_packet_size;
  if (gives(PATCHBAY_SESSION_KEEP_ALIVE)) into.keep_alive_s = fields.keep_alive_s;
  if (gives(PATCHBAY_SESSION_RESPONSE_INFORMATION)) {
    if (!is_text(fields.response_information)) return "the response information is no UTF-8 text";
    into.response_information = text_of(fields.response_information);
  }
  if (gives(PATCHBAY_SESSION_SERVER_REFERENCE)) {
    if (!is_text(fields.server_reference)) return "the server reference is no UTF-8 text";
    into.server_reference = text_of(fields.server_reference);
    into.moved = fields.moved != 0;
  }
  return {};
}

std::string take_subscriptions(const patchbay_subscription* given, size_t count, hooks::SubscribeReplacement& into) {
  if (given == nullptr || count == 0) return "no subscription";
  if (count > kMaximumSubscriptions) return "more than 16 subscriptions besides the first";
  for (size_t i = 0; i < count; ++i) {
    const patchbay_subscription subscription = read_abi_at(given, i);
    if (!is_text(subscription.topic_filter)) return "a topic filter is no UTF-8 text";
    if (subscription.qos > 2) return "a subscription's QoS is above 2";
    if (subscription.retain_handling > 2) return "a subscription's retain handling is above 2";
    hooks::RequestedSubscription requested;
    requested.topic_filter = text_of(subscription.topic_filter);
    requested.maximum_qos = static_cast<mqtt::Qos>(subscription.qos);
    requested.no_local = subscription.no_local != 0;
    requested.retain_as_published = subscription.retain_as_published != 0;
    requested.retain_handling = subscription.retain_handling;
    into.subscriptions.push_back(std::move(requested));
  }
  return {};
}

std::string take_reply(const patchbay_reply_fields& given, hooks::ReplyProperties& into) {
  const patchbay_reply_fields fields = read_abi(&given);
  if (!is_text(fields.reason_string)) return "the reason string is no UTF-8 text";
  if (fields.reason != 0) into.reason = static_cast<mqtt::ReasonCode>(fields.reason);
  into.reason_string = text_of(fields.reason_string);
  return take_pairs(fields.user_properties, fields.user_property_count, "user properties", into.user_properties);
}

}  // namespace patchbay::plugin_bridge
